'use strict';

// Servers that are wrong in one way each, to prove that the generator notices.

const http = require('http');
const https = require('https');
const net = require('net');
const { WebSocketServer } = require('ws');

/**
 * Starts a WebSocket server.
 *
 * @param {Function} onMessage Gets the connection, the message, its number on
 *     this connection, whether it is binary, and the server
 * @param {Object} [options] More options for the server
 * @param {Object} [options.tls] Those of `tls.createServer()`, if it is to be
 *     one with TLS
 * @returns {Promise<Object>} `port` and `close()`
 */
function listen(onMessage, { tls, ...options } = {}) {
  return new Promise((resolve) => {
    const server = (tls ? https : http).createServer(tls);
    const wss = new WebSocketServer({ server, ...options });
    server.listen(0, () => {
      resolve({
        port: server.address().port,
        close: async () => {
          await closeAll(wss);
          await new Promise((done) => server.close(done));
        }
      });
    });
    wss.on('connection', (ws) => {
      let count = 0;
      ws.on('error', () => {});
      ws.on('message', (data, isBinary) => {
        onMessage(ws, data, count++, isBinary, wss);
      });
    });
  });
}

/**
 * Closes a server and its connections.
 *
 * @param {WebSocketServer} wss The server
 * @returns {Promise} Fulfilled when it is closed
 */
function closeAll(wss) {
  for (const client of wss.clients) client.terminate();
  return new Promise((resolve) => wss.close(resolve));
}

/**
 * Starts a server that refuses, or mangles, the handshake.
 *
 * @param {String} response What it answers
 * @returns {Promise<Object>} `port` and `close()`
 */
function answer(response) {
  const server = http.createServer();
  server.on('upgrade', (req, socket) => {
    socket.on('error', () => {});
    socket.end(response);
  });
  return new Promise((resolve) => {
    server.listen(0, () =>
      resolve({
        port: server.address().port,
        close: () => new Promise((done) => server.close(done))
      })
    );
  });
}

/**
 * Starts a proxy that cuts what the server sends into small pieces.
 *
 * @param {Number} port The server's port
 * @param {Number} size The size of a piece in bytes
 * @param {Number} [wrong] The number of a byte in which it changes a bit
 * @returns {Promise<Object>} `port` and `close()`
 */
function cut(port, size, wrong = -1) {
  const sockets = new Set();
  const server = net.createServer((near) => {
    const far = net.connect(port);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay();
      socket.on('error', () => {});
    }
    near.on('data', (data) => far.write(data));
    near.on('close', () => far.destroy());
    far.on('close', () => near.end());
    let passed = 0;
    far.on('data', (data) => {
      if (wrong >= passed && wrong < passed + data.length) {
        data[wrong - passed] ^= 1;
      }
      passed += data.length;
      for (let at = 0; at < data.length; at += size) {
        near.write(data.subarray(at, at + size));
      }
    });
  });
  return new Promise((resolve) => {
    server.listen(0, () =>
      resolve({
        port: server.address().port,
        close: () => {
          for (const socket of sockets) socket.destroy();
          return new Promise((done) => server.close(done));
        }
      })
    );
  });
}

module.exports = { answer, cut, listen };
