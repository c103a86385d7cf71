'use strict';

const { once } = require('events');
const net = require('net');

const HOST = '127.0.0.1';

/**
 * Listen on a free port of the loopback interface.
 *
 * @param {net.Server} server The server
 * @returns {Promise<number>} The port
 */
async function listen(server) {
  server.listen(0, HOST);
  await once(server, 'listening');
  return server.address().port;
}

/**
 * Close a server and all its connections.
 *
 * @param {http.Server} server The server
 * @returns {Promise<void>} Resolved once it is closed
 */
function close(server) {
  return new Promise((resolve) => {
    server.close(resolve);
    if (server.closeAllConnections) server.closeAllConnections();
  });
}

/**
 * Find a port for a program that cannot choose one by itself.
 *
 * @returns {Promise<number>} A port that was free a moment ago
 */
async function freePort() {
  const server = net.createServer();
  const port = await listen(server);

  await close(server);
  return port;
}

/**
 * Wait for a WebSocket's next message.
 *
 * @param {WebSocket} ws The websocket
 * @returns {Promise<string|Buffer>} Text as a string, the rest as it came
 */
async function nextMessage(ws) {
  const [data, isBinary] = await once(ws, 'message');
  return isBinary ? data : data.toString();
}

/**
 * Wait for a WebSocket's end.
 *
 * @param {WebSocket} ws The websocket
 * @returns {Promise<Array>} The code and the reason, as a string
 */
async function closed(ws) {
  const [code, reason] = await once(ws, 'close');
  return [code, reason.toString()];
}

module.exports = { HOST, close, closed, freePort, listen, nextMessage };
