'use strict';

// A server with several I/O threads: sends to all its clients what the kernel
// cannot hold, and exits.
//
// Usage: io-threads.js <native: true or false> <threads> <clients>

const path = require('path');

const WebSocket = require(
  process.env.BEASTWS_MODULE || path.join(__dirname, '../../..')
);

const [native, ioThreads, clients] = process.argv.slice(2).map(JSON.parse);
const payload = Buffer.alloc(2 * 1024 * 1024, 'x');
const wss = new WebSocket.Server(
  { port: 0, host: '127.0.0.1', native, ioThreads },
  () => process.stdout.write(`${wss.address().port}\n`)
);

wss.on('connection', () => {
  if (wss.clients.size < clients) return;
  // The first tick of the last connection is on JavaScript's thread.
  setImmediate(() => {
    for (const ws of wss.clients) ws.send(payload);
    process.exit(0);
  });
});
