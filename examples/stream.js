'use strict';

/**
 * WebSockets as Node.js streams: a server pipes a file through gzip into a
 * WebSocket, a client pipes it out of the WebSocket and unpacks it. The server
 * reads no faster than the client writes, so a file of any size goes through
 * with little memory.
 *
 *   node examples/stream.js
 *   node examples/stream.js some-large-file
 */

const { createHash } = require('crypto');
const { once } = require('events');
const fs = require('fs');
const { pipeline } = require('stream/promises');
const { createGunzip, createGzip } = require('zlib');
const { WebSocket, WebSocketServer, createWebSocketStream } = require('..');

const path = process.argv[2] ?? __filename;

/**
 * Fetch the file over a WebSocket and compare it with the original.
 */
async function main() {
  const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 });

  // The end of the file closes the WebSocket.
  wss.on('connection', (ws) => {
    pipeline(
      fs.createReadStream(path),
      createGzip(),
      createWebSocketStream(ws)
    ).catch(fail);
  });

  await once(wss, 'listening');

  const { port } = wss.address();
  const stream = createWebSocketStream(new WebSocket(`ws://127.0.0.1:${port}`));
  const sent = createHash('sha256');
  const received = createHash('sha256');

  await pipeline(stream, createGunzip(), received);
  await pipeline(fs.createReadStream(path), sent);

  const isSame = sent.digest('hex') === received.digest('hex');

  console.log(
    isSame ? `Received ${path} unchanged` : `Received something else`
  );
  wss.close();
}

/**
 * @param {Error} err What went wrong
 */
function fail(err) {
  console.error(err.message);
  process.exit(1);
}

main().catch(fail);
