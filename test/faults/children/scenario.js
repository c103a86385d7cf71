'use strict';

const assert = require('assert');
const crypto = require('crypto');
const { once } = require('events');
const fs = require('fs');
const path = require('path');

const WebSocket = require('../../..');

/** What each client sends, and gets back. */
const NOISE = crypto.randomBytes(300 * 1024);
const PROSE = 'All work and no play makes Jack a dull boy. '.repeat(7000);

const PAIRS = [
  { messages: ['small', Buffer.from([1, 2, 3]), '', 'text'.repeat(50)] },
  { messages: [NOISE, 'behind it', NOISE.subarray(0, 70000)] },
  { messages: [PROSE, 'and so on', PROSE.slice(7)], compress: true },
  { messages: ['first', 'second'], abrupt: true }
];

/**
 * @param {string} name `key` or `cert`
 * @returns {Buffer} A file for TLS
 */
function read(name) {
  return fs.readFileSync(
    path.join(__dirname, '../../examples', `localhost-${name}.pem`)
  );
}

/**
 * A server and some clients: each sends messages, gets them back, pings, and
 * leaves. Ends when everything is closed.
 *
 * @param {object} kind `native` and `tls` for the server, `nativeClients` for
 *     the clients, `ioThread` for everybody
 * @returns {Promise<object>} `delivered` and `lost` pairs, and whether the
 *     server told of an error; `lost` ones were all told so
 * @throws {Error} If a message was changed, or lost without a word
 */
async function run({ native, tls, nativeClients, ioThread = true }) {
  let server;

  try {
    server = new WebSocket.Server({
      host: '127.0.0.1',
      ioThread,
      native,
      ...(tls && { tls: { cert: read('cert'), key: read('key') } }),
      perMessageDeflate: { threshold: 0 },
      port: 0
    });
  } catch (err) {
    return { delivered: 0, lost: 0, refused: err.message };
  }

  let refused = '';

  server.on('error', (err) => {
    refused = `${err.code} ${err.message}`;
  });
  server.on('connection', (ws) => {
    ws.on('error', () => {});
    ws.on('message', (data, isBinary) => {
      ws.send(data, { binary: isBinary });
    });
  });

  await new Promise((resolve) => {
    server.once('listening', resolve);
    server.once('error', resolve);
  });

  const results =
    refused === ''
      ? await Promise.all(
          PAIRS.map((pair) =>
            talk(
              `${tls ? 'wss' : 'ws'}://localhost:${server.address().port}`,
              pair,
              {
                family: 4,
                ioThread,
                native: nativeClients,
                rejectUnauthorized: false
              }
            )
          )
        )
      : [];

  const closed = once(server, 'close');

  server.close();
  for (const ws of server.clients) ws.terminate();
  await closed;

  return {
    delivered: results.filter((ok) => ok).length,
    lost: results.filter((ok) => !ok).length,
    refused
  };
}

/**
 * One client.
 *
 * @param {string} url Where to
 * @param {object} pair What to do there
 * @param {object} options Options of the client
 * @returns {Promise<boolean>} Whether everything came back; `false` if the
 *     client was told that it did not
 * @throws {Error} If something was changed, or lost without a word
 */
async function talk(url, { messages, compress = false, abrupt }, options) {
  const ws = new WebSocket(url, {
    perMessageDeflate: compress && { threshold: 0 },
    ...options
  });
  const got = [];
  let told = false;

  ws.on('open', () => {
    for (const message of messages) ws.send(message);
  });
  ws.on('message', (data, isBinary) => {
    got.push(isBinary ? data : data.toString());
    if (got.length === messages.length) ws.ping('still there?');
  });
  ws.on('pong', () => {
    if (abrupt) ws.terminate();
    else ws.close(1000, 'done');
  });
  ws.on('error', () => {
    told = true;
  });

  // Not once(), which rejects on 'error'.
  const code = await new Promise((resolve) => {
    ws.on('close', resolve);
  });

  assert.deepStrictEqual(got, messages.slice(0, got.length));
  if (got.length === messages.length) return true;
  assert.ok(told || code !== 1000, 'messages were lost without a word');
  return false;
}

module.exports = run;
