'use strict';

// What the clients of the row "client-feed" have in common.
//
// usage: <client>.js --port N --connections N --size BYTES

const { parseArgs } = require('util');

const { listenToRunner, say } = require('../lib/control');

const FULL_CHECK_EVERY = 16;

/**
 * Makes the feed's payload with the generator of `load/corpus.cc`.
 *
 * @param {Number} size Its size in bytes
 * @returns {Buffer} The payload; its first 8 bytes differ in every message
 */
function makePayload(size) {
  const payload = Buffer.alloc(size);
  let state = Math.imul(7, 2654435761) + 1;

  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    payload[i] = state >>> 24;
  }

  return payload;
}

/**
 * Opens the connections, counts and checks what they receive.
 *
 * Message n of connection i begins with i and n (32 bits each, little endian);
 * all the rest is the same in every message. Number, connection and length are
 * checked in each message, all bytes in every 16th: more would measure the
 * comparison.
 *
 * @param {Function} open Gets a URL, a function for each message (a Buffer) and
 *     a function for errors; returns a promise that the connection is open
 */
async function start(open) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      connections: { type: 'string' },
      size: { type: 'string' }
    }
  });
  const size = Number(values.size);
  const rest = makePayload(size).subarray(8);
  let count = 0;

  const fail = (err) => {
    say({ event: 'error', message: err.message });
    process.exit(1);
  };
  const receive = (id) => {
    let next = 0;

    return (data) => {
      if (
        data.length !== size ||
        data.readUInt32LE(0) !== id ||
        data.readUInt32LE(4) !== next
      ) {
        fail(new Error(`connection ${id}: message ${next} is wrong`));
      }
      if (
        next % FULL_CHECK_EVERY === 0 &&
        data.compare(rest, 0, rest.length, 8) !== 0
      ) {
        fail(new Error(`connection ${id}: wrong bytes in message ${next}`));
      }
      next++;
      count++;
    };
  };

  listenToRunner(() => count);
  const opening = [];
  for (let id = 0; id < Number(values.connections); id++) {
    const url = `ws://127.0.0.1:${values.port}/${id}`;
    opening.push(open(url, receive(id), fail));
  }
  await Promise.all(opening).catch(fail);
  say({ ready: true });
}

module.exports = start;
