'use strict';

// Sends memory that is gone before it is written. A process of its own,
// because a mistake here would not be an exception. Argument: 'tls' or 'tcp'.

const { once } = require('events');
const fs = require('fs');
const path = require('path');

const WebSocket = require('../../..');

const isSecure = process.argv[2] === 'tls';
const SIZE = 32 * 1024 * 1024;

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
 * Give the memory of a message away, and have it collected.
 *
 * @param {WebSocket} ws Who sends it
 */
function sendAndLose(ws) {
  const memory = new ArrayBuffer(SIZE);

  ws.send(new Uint8Array(memory).fill(7), (err) => {
    console.log(err ? `failed: ${err.code}` : 'sent');
  });
  structuredClone(memory, { transfer: [memory] });
}

(async () => {
  const wss = new WebSocket.Server({
    host: '127.0.0.1',
    native: true,
    port: 0,
    ...(isSecure && { tls: { cert: read('cert'), key: read('key') } })
  });

  await once(wss, 'listening');

  const client = new WebSocket(
    `${isSecure ? 'wss' : 'ws'}://localhost:${wss.address().port}`,
    { family: 4, rejectUnauthorized: false }
  );
  const [[ws]] = await Promise.all([
    once(wss, 'connection'),
    once(client, 'open')
  ]);

  client.on('error', () => {});
  ws.on('error', () => {});
  client.on('message', (data) => {
    console.log(`${data.length} of ${data[0]} to ${data.at(-1)}`);
  });
  await new Promise(setImmediate);
  // The kernel takes a part of it.
  client.pause();
  sendAndLose(ws);
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    global.gc();
  }
  client.resume();
  ws.close();
  await Promise.all([once(ws, 'close'), once(client, 'close')]);
  wss.close();
})();
