'use strict';

const assert = require('assert');

const { forEachPlainKind } = require('../integration/kinds');
const { upgradeRequest } = require('../integration/support/raw-peer');
const { Helper } = require('../lifecycle/support');
const { connect, repeat, Siege } = require('./siege');

const MIB = 1024 * 1024;

/** How many peers do not read. */
const DEAF = 20;

/** How many peers leave together; 10,000 have been tried. */
const LEAVING = +process.env.BEASTWS_TEST_LEAVING || 1000;

describe('Attacks of peers', function () {
  this.timeout(180000);

  forEachPlainKind((kind) => {
    let siege;

    before(async () => {
      siege = new Siege(kind);
      await siege.begin();
    });

    after(() => siege.kill());

    it('who do not read cost what the server lets wait for them', async () => {
      const { grown } = await siege.under(async () => {
        const sockets = [];

        await repeat(DEAF, DEAF, async () => {
          const socket = await connect(siege.port);

          socket.pause();
          socket.write(upgradeRequest().replace('GET / ', 'GET /flood '));
          sockets.push(socket);
        });
        for (let most = 0; most < MIB;) {
          ({ mostBuffered: most } = await siege.server.ask('use'));
          assert.ok(most < 2 * MIB, `${most} bytes wait`);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        for (const socket of sockets) socket.destroy();
      });

      assert.ok(grown < DEAF * 4 * MIB + 64 * MIB, `${grown} bytes more`);
    });

    it(`who leave together, ${LEAVING} of them, leave nothing behind`, async () => {
      const crowd = new Helper('crowd.js', [siege.port, LEAVING]);

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

    it('left everybody else alone', () => siege.end());
  });
});
