'use strict';

const assert = require('assert');

const { kinds } = require('../integration/kinds');
const { upgradeRequest } = require('../integration/support/raw-peer');
const { connect, HEALTHY, repeat, Siege } = require('./siege');

const MIB = 1024 * 1024;

/** How many slow handshakes there are; 10,000 have been tried. */
const SLOW = +process.env.BEASTWS_TEST_SLOW_HANDSHAKES || 2000;

/** How long a handshake may take, in milliseconds. */
const TIMEOUT = 4000;

/** The servers, each with what cuts handshakes that take too long. */
const SERVERS = [
  {
    name: 'an HTTP server of Node.js',
    kind: kinds[0],
    http: {
      connectionsCheckingInterval: 500,
      headersTimeout: TIMEOUT,
      requestTimeout: TIMEOUT
    }
  },
  {
    name: 'a native listener',
    kind: kinds[2],
    options: { handshakeTimeout: TIMEOUT }
  }
];

describe('Attacks with handshakes', function () {
  this.timeout(180000);

  for (const { name, kind, http, options } of SERVERS) {
    describe(name, () => {
      let siege;

      before(async () => {
        siege = new Siege(kind, options, http);
        await siege.begin();
      });

      after(() => siege.kill());

      it(`cuts ${SLOW} handshakes that drip, stop or never begin`, async () => {
        const head = upgradeRequest().slice(0, -4);
        let dripping;
        let most = 0;

        const { grown } = await siege.under(async () => {
          const sockets = [];

          await repeat(SLOW, 100, async (i) => {
            const socket = await connect(siege.port);

            // A byte of these is a request, and what never begins is not one
            // for Node.js.
            if (i % 3 !== 0 || http) socket.write(head.slice(0, 40));
            if (i % 3 === 2) sockets.push(socket);
          });
          ({ sockets: most } = await siege.server.ask('use'));
          dripping = setInterval(() => {
            for (const socket of sockets) socket.write('a');
          }, 500);
          await siege.untilAlone();
          clearInterval(dripping);
        });

        assert.ok(most > HEALTHY + SLOW / 4, `${most} at once`);
        assert.ok(grown < MIB * 32 + SLOW * 32768, `${grown} bytes more`);
      });

      it('answers every upgrade with a bad key', async () => {
        const request = upgradeRequest().replace(/Key: .*\r\n/, 'Key: bad\r\n');
        const total = 1000;
        let refused = 0;

        await siege.under(() =>
          repeat(total, 50, async () => {
            const socket = await connect(siege.port);

            socket.on('data', (chunk) => {
              if (`${chunk}`.startsWith('HTTP/1.1 400 ')) refused++;
            });
            socket.write(request);
            await socket.gone;
          })
        );
        assert.strictEqual(refused, total);

        const { connections } = await siege.server.ask('use');

        assert.strictEqual(connections, HEALTHY);
      });

      it('answered everybody else, and kept nothing', () => siege.end());
    });
  }
});
