'use strict';

const assert = require('assert');

const { forEachKind, isReference } = require('../integration/kinds');
const { frame, parseFrames, PONG } = require('../integration/support/frames');
const ServerSiege = require('../attacks/server-siege');
const { besiege, HEALTHY } = require('../attacks/siege');
const { repeat, requestFor } = require('../attacks/sockets');

const MIB = 1024 * 1024;
const LIMIT = MIB;

/** How many peers do not read. */
const DEAF = 50;

/** How many say nothing any more. */
const SILENT = 500;

/** How long they may do so, in milliseconds. */
const PATIENCE = 4000;

/** The bytes of a frame that the server sends, around its payload. */
const HEADER = 10;

if (!isReference) {
  describe('Attacks on limits that are not set by default', function () {
    this.timeout(120000);

    forEachKind((kind) => {
      /**
       * Define tests of a server that is attacked.
       *
       * @param {string} title What it has
       * @param {Object} options Its options
       * @param {Function} define Gets a function that returns the siege
       */
      const withOption = (title, options, define) =>
        describe(title, () =>
          besiege(() => new ServerSiege(kind, options), define)
        );

      withOption('maxBackpressure', { maxBackpressure: LIMIT }, (of) => {
        it(`ends ${DEAF} connections whose peers do not read`, async () => {
          const siege = of();
          const use = await siege.under(async () => {
            const sockets = await siege.openDeaf(DEAF, '/push');

            for (let ended = 0; ended < DEAF;) {
              ended = (await siege.target.ask('use')).codes[1006] || 0;
              await new Promise((resolve) => setTimeout(resolve, 100));
            }
            // They have to read to learn of it.
            for (const socket of sockets) socket.resume();
            await Promise.all(sockets.map(({ gone }) => gone));
          });
          const { callbacks, codes, errors, grown, mostBuffered } = use;

          assert.deepStrictEqual(codes, { 1006: DEAF });
          assert.deepStrictEqual(errors, {});
          assert.ok(callbacks.BEASTWS_ERR_BACKPRESSURE >= DEAF);
          assert.ok(mostBuffered <= LIMIT + HEADER, `${mostBuffered} waited`);
          assert.ok(mostBuffered > LIMIT / 2, `${mostBuffered} waited`);
          // The kernel's buffers are not the server's.
          assert.ok(
            grown < DEAF * 2 * LIMIT + 64 * MIB,
            `${grown / MIB} MiB more`
          );
        });
      });

      withOption(
        'maxBackpressure with the policy "drop"',
        { maxBackpressure: LIMIT, backpressurePolicy: 'drop' },
        (of) => {
          it(`leaves messages out for ${DEAF} peers that do not read`, async () => {
            const siege = of();
            let sockets;
            const wrong = [];
            let jumps = 0;
            const { callbacks, codes, grown, mostBuffered } = await siege.under(
              async () => {
                sockets = await siege.openDeaf(DEAF, '/push');

                let drops = 0;

                while (drops < DEAF * 20) {
                  const use = await siege.target.ask('use');

                  drops = use.callbacks.drop || 0;
                  assert.strictEqual(use.clients, HEALTHY + DEAF);
                  await new Promise((resolve) => setTimeout(resolve, 100));
                }
                // Then they read: messages are whole, and in order.
                await Promise.all(
                  sockets.map(async (socket) => {
                    let size = 0;

                    socket.on('data', (chunk) => {
                      socket.chunks.push(chunk);
                      size += chunk.length;
                      if (size > 6 * MIB) socket.destroy();
                    });
                    socket.resume();
                    await socket.gone;
                  })
                );
              }
            );

            for (const { chunks } of sockets) {
              const bytes = Buffer.concat(chunks);
              const { frames } = parseFrames(
                bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)
              );
              let last = -1;

              assert.ok(frames.length > 64);
              for (const { opcode, payload } of frames) {
                const number = payload.readUInt32LE();
                const rest = payload.subarray(4);

                if (
                  opcode !== 2 ||
                  number <= last ||
                  !rest.equals(Buffer.alloc(16380, number))
                ) {
                  wrong.push(number);
                }
                if (number > last + 1) jumps++;
                last = number;
              }
            }
            assert.deepStrictEqual(wrong, []);
            // For some the kernel may have had all that they read.
            assert.ok(
              jumps > DEAF / 2,
              `${jumps} times something was left out`
            );
            assert.strictEqual(
              callbacks.drop,
              callbacks.BEASTWS_ERR_BACKPRESSURE
            );
            assert.deepStrictEqual(codes, { 1006: DEAF });
            assert.ok(mostBuffered <= LIMIT + HEADER, `${mostBuffered} waited`);
            assert.ok(
              grown < DEAF * 2 * LIMIT + 64 * MIB,
              `${grown / MIB} MiB more`
            );
          });
        }
      );

      withOption('idleTimeout', { idleTimeout: PATIENCE }, (of) => {
        it(`ends ${SILENT} connections whose peers say nothing`, async () => {
          const siege = of();
          let pinged = 0;
          let answering;
          const { codes, grown } = await siege.under(async () => {
            const sockets = [];

            await repeat(SILENT, 50, async (i) => {
              const socket = await siege.connect();

              socket.on('data', (chunk) => {
                if (!chunk.includes('\x89\x00', 0, 'latin1')) return;
                pinged++;
                // One of them is alive.
                if (i === 0) socket.write(frame(PONG, '', { mask: true }));
              });
              socket.write(requestFor('/sink'));
              sockets.push(socket);
            });
            [answering] = sockets;
            await Promise.all(sockets.slice(1).map(({ gone }) => gone));
            assert.strictEqual(answering.destroyed, false);
            answering.destroy();
          });

          assert.ok(pinged >= SILENT, `${pinged} were asked`);
          assert.deepStrictEqual(codes, { 1006: SILENT });
          assert.ok(grown < 64 * MIB, `${grown / MIB} MiB more`);
        });
      });
    });
  });
}
