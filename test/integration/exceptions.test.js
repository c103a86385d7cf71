'use strict';

const assert = require('assert');
const path = require('path');

const { forEachKind, isReference, kinds } = require('./kinds');
const { runJson } = require('./support/child');

const script = path.join(__dirname, 'children', 'throw.js');
const boom = 'boom uncaughtException';

/**
 * Where to throw, and what is logged then. `stuck` says that ws delivers
 * nothing more afterwards: its parser has lost its place.
 */
const cases = {
  connection: [
    ['connection', boom, 'message a', 'message b', 'ping c', 'pong d'],
    ['message e', 'close 1000']
  ],
  message: [
    ['connection', 'message a', boom],
    ['message b', 'ping c', 'pong d', 'message e', 'close 1000'],
    { stuck: true }
  ],
  ping: [
    ['connection', 'message a', 'message b', 'ping c', boom],
    ['pong d', 'message e', 'close 1000'],
    { stuck: true }
  ],
  pong: [
    ['connection', 'message a', 'message b', 'ping c', 'pong d', boom],
    ['message e', 'close 1000'],
    { stuck: true }
  ],
  error: [
    ['connection', 'message a', 'message b', 'ping c', 'pong d', 'message e'],
    ['error WS_ERR_INVALID_OPCODE', boom, 'close 1006']
  ],
  close: [
    ['connection', 'message a', 'message b', 'ping c', 'pong d', 'message e'],
    ['close 1000', boom]
  ],
  callback: [
    ['connection', 'callback', boom, 'message a', 'message b', 'ping c'],
    ['pong d', 'message e', 'close 1000']
  ],
  open: [
    ['open', boom],
    ['message a', 'close 1005']
  ]
};

describe('Exceptions of listeners', function () {
  this.timeout(20000);

  forEachKind((kind) => {
    for (const [place, [first, rest, { stuck } = {}]] of Object.entries(
      cases
    )) {
      it(`reach 'uncaughtException' as themselves (${place})`, async () => {
        const log = await runJson(script, [kinds.indexOf(kind), place], {
          execArgv: ['--throw-deprecation']
        });

        assert.deepStrictEqual(
          log,
          isReference && stuck ? first : [...first, ...rest]
        );
      });
    }
  });
});
