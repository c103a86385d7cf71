'use strict';

const assert = require('assert');
const net = require('net');

const { forEachPlainKind } = require('../integration/kinds');
const { BINARY, frame, parseFrames } = require('../integration/support/frames');
const ServerSiege = require('../attacks/server-siege');
const { besiege, HEALTHY } = require('../attacks/siege');
const { harden, repeat, requestFor } = require('../attacks/sockets');

const MIB = 1024 * 1024;

/** How many peers are slow. */
const SLOW = 100;

/** How long they are, and how long they wait for the next byte. */
const DURATION = 4000;
const PAUSE = 1000 / (+process.env.BEASTWS_TEST_BYTES_A_SECOND || 20);

/** What the server sends to each that asks for it, in bytes. */
const GIFT = 4 * MIB;

/**
 * Do something again and again for a time.
 *
 * @param {Function} action What
 * @returns {Promise} Fulfilled when the time is over
 */
async function keepDoing(action) {
  const timer = setInterval(action, PAUSE);

  await new Promise((resolve) => setTimeout(resolve, DURATION));
  clearInterval(timer);
}

/**
 * Connect a peer that takes one byte each time it is resumed.
 *
 * @param {number} port The server's port
 * @returns {net.Socket} The socket, with what it has taken as `bytes`
 */
function connectSipping(port) {
  const socket = net.connect({
    host: '127.0.0.1',
    port,
    onread: {
      buffer: Buffer.alloc(1),
      callback(count, buffer) {
        socket.bytes.push(buffer[0]);
        // The head is not what this is about.
        return socket.bytes.length < socket.greed;
      }
    }
  });

  socket.bytes = [];
  socket.greed = 200;
  return harden(socket);
}

describe('Slow peers', function () {
  this.timeout(120000);

  forEachPlainKind((kind) => {
    besiege(
      () => new ServerSiege(kind),
      (of) => {
        it(`that read a byte at a time, ${SLOW} of them, hold nobody up`, async () => {
          const siege = of();
          const sockets = [];
          const { grown } = await siege.under(async () => {
            for (let i = 0; i < SLOW; i++) {
              const socket = connectSipping(siege.port);

              socket.write(requestFor('/gift'));
              sockets.push(socket);
            }
            while ((await siege.target.ask('use')).clients < HEALTHY + SLOW);
            await keepDoing(() => {
              for (const socket of sockets) socket.resume();
            });

            const { clients } = await siege.target.ask('use');

            assert.strictEqual(clients, HEALTHY + SLOW);
            for (const socket of sockets) socket.destroy();
          });

          for (const { bytes } of sockets) {
            const text = Buffer.from(bytes).toString('latin1');
            const body = text.slice(text.indexOf('\r\n\r\n') + 4);

            assert.ok(
              bytes.length > 200 + DURATION / PAUSE / 4,
              `${bytes.length}`
            );
            // The header of 10 bytes, and what there is of the gift.
            assert.match(body.slice(10), /^(gift)*(g|gi|gif)?$/);
          }
          assert.ok(grown < SLOW * GIFT + 64 * MIB, `${grown / MIB} MiB more`);
        });

        it(`that write a byte at a time, ${SLOW} of them, hold nobody up`, async () => {
          const siege = of();
          const size = Math.floor(DURATION / PAUSE / 2);
          const bytes = frame(BINARY, Buffer.alloc(size, 'x'), { mask: true });
          let echoed = 0;
          const { grown } = await siege.under(async () => {
            const sockets = [];

            await repeat(SLOW, SLOW, async () => {
              const socket = await siege.connect();
              const chunks = [];
              const head = new Promise((resolve) =>
                socket.once('data', resolve)
              );

              socket.setNoDelay(true);
              socket.write(requestFor('/'));
              chunks.push(await head);
              socket.on('data', (chunk) => chunks.push(chunk));
              sockets.push({ socket, chunks, at: 0 });
            });
            await keepDoing(() => {
              for (const slow of sockets) {
                if (slow.at === bytes.length) continue;
                slow.socket.write(bytes.subarray(slow.at, ++slow.at));
              }
            });
            await Promise.all(
              sockets.map(async ({ socket, chunks, at }) => {
                // What was not slow enough for the time comes at once.
                socket.write(bytes.subarray(at));

                const answer = () => {
                  const received = Buffer.concat(chunks);

                  return parseFrames(
                    received.subarray(received.indexOf('\r\n\r\n') + 4)
                  ).frames;
                };

                while (answer().length === 0 && !socket.destroyed) {
                  await new Promise((resolve) => {
                    socket.once('data', resolve);
                    socket.once('close', resolve);
                  });
                }

                const [{ payload }] = answer();

                if (payload.equals(Buffer.alloc(size, 'x'))) echoed++;
                socket.destroy();
              })
            );
          });

          assert.strictEqual(echoed, SLOW);
          assert.ok(grown < 64 * MIB, `${grown / MIB} MiB more`);
        });
      }
    );
  });
});
