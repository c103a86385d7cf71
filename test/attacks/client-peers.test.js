'use strict';

const assert = require('assert');

const { isReference } = require('../integration/kinds');
const { CLIENT_KINDS, ClientSiege } = require('./client-siege');
const { besiege } = require('./siege');

const MIB = 1024 * 1024;
const LIMIT = MIB;

/** How many connections have a server that does not read. */
const DEAF = 20;

/** How many are connected with a server that goes or says nothing. */
const MANY = 500;

/** How long it may say nothing, in milliseconds. */
const PATIENCE = 3000;

/** The bytes of a frame around its payload, with a mask. */
const HEADER = 14;

describe('Attacks of servers, on clients', function () {
  this.timeout(120000);

  for (const kind of CLIENT_KINDS) {
    describe(kind.name, () => {
      besiege(
        () => new ClientSiege(kind),
        (of) => {
          /**
           * Have clients connect with servers that answer and then do nothing.
           *
           * @param {Object} options As for `attack()`
           * @param {Function} until Called with the siege and the sockets; the
           *     servers leave when what it returns is fulfilled
           * @returns {Promise<Object>} What the clients use, with `ended`: how
           *     often they ended with 1006
           */
          const attack = async (options, until) => {
            const siege = of();
            const before = (await siege.target.ask('use')).codes[1006] || 0;
            const use = await siege.under(async () => {
              const sockets = [];
              let come;
              const all = new Promise((resolve) => (come = resolve));
              const done = siege.attack(options, async (socket) => {
                sockets.push(socket);
                if (options.isDeaf) socket.pause();
                if (sockets.length === options.total) come();
              });

              await all;
              await until(siege, sockets, before);
              for (const socket of sockets) {
                if (kind.isSecure) socket.destroy();
                else socket.resetAndDestroy();
              }
              await done;
            });

            return { ...use, ended: use.codes[1006] - before };
          };

          it('that do not read cost what the clients let wait', async () => {
            const { ended, grown } = await attack(
              { total: DEAF, lanes: DEAF, duty: 'flood', isDeaf: true },
              async (siege) => {
                for (let most = 0; most < MIB;) {
                  ({ mostBuffered: most } = await siege.target.ask('use'));
                  assert.ok(most < 2 * MIB, `${most} bytes wait`);
                  await new Promise((resolve) => setTimeout(resolve, 50));
                }
              }
            );

            assert.strictEqual(ended, DEAF);
            assert.ok(grown < DEAF * 4 * MIB + 64 * MIB, `${grown} bytes more`);
          });

          it(`that leave ${MANY} of them at once leave nothing behind`, async () => {
            const { ended } = await attack(
              { total: MANY, lanes: MANY },
              async () => {}
            );

            assert.strictEqual(ended, MANY);
          });

          if (isReference) return;

          it('that do not read are left, with maxBackpressure', async () => {
            const { callbacks, ended, grown, mostBuffered } = await attack(
              {
                total: DEAF,
                lanes: DEAF,
                duty: 'push',
                isDeaf: true,
                also: { maxBackpressure: LIMIT }
              },
              async (siege, sockets, before) => {
                for (let ended = 0; ended < DEAF;) {
                  const { codes } = await siege.target.ask('use');

                  ended = (codes[1006] || 0) - before;
                  await new Promise((resolve) => setTimeout(resolve, 50));
                }
              }
            );

            assert.strictEqual(ended, DEAF);
            assert.ok(callbacks.BEASTWS_ERR_BACKPRESSURE >= DEAF);
            assert.ok(mostBuffered <= LIMIT + HEADER, `${mostBuffered} waited`);
            assert.ok(mostBuffered > LIMIT / 2, `${mostBuffered} waited`);
            assert.ok(grown < DEAF * 2 * LIMIT + 64 * MIB, `${grown} more`);
          });

          it('that say nothing are left, with idleTimeout', async () => {
            let pinged = 0;
            const { ended } = await attack(
              {
                total: MANY,
                lanes: MANY,
                also: { idleTimeout: PATIENCE }
              },
              async (siege, sockets) => {
                for (const socket of sockets) {
                  socket.on('data', (chunk) => {
                    if (chunk[0] === 0x89 && chunk[1] === 0x80) pinged++;
                  });
                }
                await Promise.all(sockets.map(({ gone }) => gone));
              }
            );

            assert.strictEqual(ended, MANY);
            assert.strictEqual(pinged, MANY);
          });
        }
      );
    });
  }
});
