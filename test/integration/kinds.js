'use strict';

const path = require('path');

const reference = require('ws');

const { hasIoThread, usesIoThread } = require('../support/io-thread');
const { Party } = require('./support/party');
const credentials = require('./support/credentials');

/** The directory of the package under test. */
const modulePath = path.resolve(
  process.env.BEASTWS_MODULE || path.join(__dirname, '../..')
);

const WebSocket = require(modulePath);

/** Whether the package under test is `ws` itself (to check the tests). */
const isReference =
  require(path.join(modulePath, 'package.json')).name === 'ws';

/**
 * The two kinds of connection of the package under test. The first passes no
 * option at all, because the native thread is the default.
 */
const connections = [
  new Party('ioThread: true', WebSocket, {}),
  new Party('ioThread: false', WebSocket, { ioThread: false })
];

/** The same, and servers whose handshakes are native as well. */
const kinds =
  isReference || !hasIoThread
    ? connections
    : [
        ...connections,
        new Party('native: true', WebSocket, {}, { native: true }),
        new Party('tls', WebSocket, {}, { tls: credentials })
      ];

for (const kind of kinds) {
  kind.isInline = !usesIoThread || kind.options.ioThread === false;
  kind.isNative =
    kind.listening !== undefined ||
    (!!process.env.BEASTWS_NATIVE && kind.options.ioThread !== false);
}

/** The peer that says what is right. */
const theirs = new Party('ws', reference, {});

/**
 * Describe the same tests once for each kind of connection and of listener.
 *
 * @param {Function} define Called with each kind inside a `describe()`
 */
function forEachKind(define) {
  for (const kind of kinds) {
    describe(kind.name, () => define(kind));
  }
}

/**
 * Likewise, without TLS: tests with peers of TCP.
 *
 * @param {Function} define Called with each kind inside a `describe()`
 */
function forEachPlainKind(define) {
  for (const kind of kinds.filter(({ isSecure }) => !isSecure)) {
    describe(kind.name, () => define(kind));
  }
}

/**
 * Describe the same tests once for each kind of connection: tests in which no
 * server has a port of its own.
 *
 * @param {Function} define Called with each kind inside a `describe()`
 */
function forEachConnection(define) {
  for (const kind of connections) {
    describe(kind.name, () => define(kind));
  }
}

/**
 * Describe tests of clients, if a kind differs there.
 *
 * @param {Party} kind The kind under test
 * @param {string} title The title
 * @param {Function} define Defines the tests
 */
function describeClients(kind, title, define) {
  if (kind.roles.includes('client')) describe(title, define);
}

/**
 * The pairs of peers worth testing for a kind.
 *
 * @param {Party} kind The kind under test
 * @returns {Object[]} `{ name, client, server }` for each direction
 */
function directions(kind) {
  const all = [
    { name: 'client here, ws server', client: kind, server: theirs },
    { name: 'ws client, server here', client: theirs, server: kind },
    { name: 'client here, server here', client: kind, server: kind }
  ];

  return all.filter(
    ({ server }) => server === kind || kind.roles.includes('client')
  );
}

module.exports = {
  describeClients,
  directions,
  forEachConnection,
  forEachKind,
  forEachPlainKind,
  isReference,
  kinds,
  modulePath,
  reference,
  theirs,
  WebSocket
};
