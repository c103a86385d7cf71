'use strict';

// Sends as fast as it can. Arguments: the port, the number of connections.

const { frame } = require('../../integration/support/frames');
const {
  rawConnect,
  upgradeRequest
} = require('../../integration/support/raw-peer');
const { answer } = require('./answer');

const SIZE = 1024;
const BATCH = 64;
const RATE = 100000000;

const port = +process.argv[2];
const count = +process.argv[3];
let stopped = false;
let budget = 0;

/**
 * Numbered messages.
 *
 * @param {number} first The first number
 * @returns {Buffer} The frames
 */
function batch(first) {
  const header = frame(2, Buffer.alloc(SIZE), { mask: true }).subarray(0, 4);
  const size = header.length + 4 + SIZE;
  const bytes = Buffer.alloc(BATCH * size, 0x55);

  for (let i = 0; i < BATCH; i++) {
    header.copy(bytes, i * size);

    // A masking key of zeroes leaves the payload as it is.
    bytes.writeUInt32LE(0, i * size + 4);
    bytes.writeUInt32LE(first + i, i * size + 8);
  }
  return bytes;
}

/**
 * Fill a connection until it is told to stop.
 *
 * @returns {Promise<number>} How many messages it sent
 */
async function pump() {
  const peer = await rawConnect(port);
  let sent = 0;

  await peer.write(upgradeRequest().replace('GET /', 'GET /count'));
  await peer.until(() => peer.head !== null);
  while (!stopped) {
    if (budget < BATCH * SIZE) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      continue;
    }
    budget -= BATCH * SIZE;
    await peer.write(batch(sent));
    sent += BATCH;
  }
  await peer.write(frame(1, `${sent}`, { mask: true }));
  peers.push(peer);
  return sent;
}

const peers = [];

answer({
  /** Send for a time, 100 MB a second in all and no more. */
  async pump(milliseconds) {
    const timer = setInterval(() => {
      budget = Math.min(budget + RATE / 100, RATE);
    }, 10);

    setTimeout(() => {
      stopped = true;
    }, milliseconds);

    const sent = await Promise.all(Array.from({ length: count }, pump));

    clearInterval(timer);
    return sent;
  },

  /** Go. */
  leave() {
    for (const { socket } of peers) socket.destroy();
  }
});
