'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');

const { noise, receive } = require('./messages');

/**
 * Echo everything.
 *
 * @param {WebSocket} ws The websocket
 */
function echo(ws) {
  ws.on('message', (data, binary) => ws.send(data, { binary }));
}

/**
 * Connect with a server that echoes and see that it does.
 *
 * @param {Scope} scope Where to close the client
 * @param {Party} party The client's module
 * @param {string} url The URL
 * @param {Object} [options] Options of `WebSocket`
 * @returns {Promise<WebSocket>} The client
 */
async function tryEcho(scope, party, url, options) {
  const ws = scope.connect(party, url, options);

  await once(ws, 'open');

  const bytes = noise(100000);
  const received = receive(ws, 2);

  ws.send('echo');
  ws.send(bytes);

  const [text, binary] = await received;

  assert.strictEqual(`${text.data}`, 'echo');
  assert.ok(binary.data.equals(bytes));
  return ws;
}

/**
 * Start an HTTP server that serves a page.
 *
 * @param {Scope} scope Where to close it
 * @returns {Promise<http.Server>} The server, listening on a free port
 */
async function listenHttp(scope) {
  const server = scope.listener(
    http.createServer((req, res) => res.end(`page ${req.url}`))
  );

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

module.exports = { echo, listenHttp, tryEcho };
