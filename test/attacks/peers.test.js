'use strict';

const assert = require('assert');

const { forEachKind } = require('../integration/kinds');
const { Helper } = require('../lifecycle/support');
const ServerSiege = require('./server-siege');
const { besiege } = require('./siege');

const MIB = 1024 * 1024;

/** How many peers do not read. */
const DEAF = 20;

/** How many peers leave together; 10,000 have been tried. */
const LEAVING = +process.env.BEASTWS_TEST_LEAVING || 1000;

describe('Attacks of peers, on servers', function () {
  this.timeout(180000);

  forEachKind((kind) => {
    besiege(
      () => new ServerSiege(kind),
      (of) => {
        it('who do not read cost what the server lets wait for them', async () => {
          const siege = of();
          const { grown } = await siege.under(async () => {
            const sockets = await siege.openDeaf(DEAF, '/flood');

            for (let most = 0; most < MIB;) {
              ({ mostBuffered: most } = await siege.target.ask('use'));
              assert.ok(most < 2 * MIB, `${most} bytes wait`);
              await new Promise((resolve) => setTimeout(resolve, 50));
            }
            for (const socket of sockets) socket.destroy();
          });

          assert.ok(grown < DEAF * 4 * MIB + 64 * MIB, `${grown} bytes more`);
        });

        it(`who leave together, ${LEAVING} of them, leave nothing behind`, async () => {
          const siege = of();
          const crowd = new Helper('crowd.js', [
            siege.port,
            LEAVING,
            '127.0.0.1',
            kind.isSecure ? 'tls' : 'plain'
          ]);

          try {
            await siege.under(async () => {
              assert.strictEqual(await crowd.ask('connect'), LEAVING);
              await crowd.ask('leave');
            });
            assert.strictEqual(await crowd.end(), 0);
          } finally {
            await crowd.kill();
          }
        });
      }
    );
  });
});
