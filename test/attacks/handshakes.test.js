'use strict';

const assert = require('assert');

const { kinds } = require('../integration/kinds');
const { upgradeRequest } = require('../integration/support/raw-peer');
const ServerSiege = require('./server-siege');
const { besiege, HEALTHY } = require('./siege');
const { repeat } = require('./sockets');

const MIB = 1024 * 1024;

/** How many slow handshakes there are; 10,000 have been tried. */
const SLOW = +process.env.BEASTWS_TEST_SLOW_HANDSHAKES || 2000;

/** How many upgrades are refused. */
const REFUSED = 1000;

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
  },
  {
    name: 'a native listener with TLS',
    kind: kinds[3],
    options: { handshakeTimeout: TIMEOUT },
    // Keys are exchanged for each, on both sides, before the time is over.
    share: 1 / 5
  }
];

describe('Attacks with handshakes, on servers', function () {
  this.timeout(180000);

  for (const { name, kind, http, options, share = 1 } of SERVERS) {
    const slow = SLOW * share;
    const refusals = REFUSED * share;

    describe(name, () => {
      besiege(
        () => new ServerSiege(kind, options, http),
        (of) => {
          it(`cuts ${slow} handshakes that drip, stop or never begin`, async () => {
            const siege = of();
            const head = upgradeRequest().slice(0, -4);
            let dripping;
            let most = 0;

            const { grown } = await siege.under(async () => {
              const sockets = [];

              await repeat(slow, 100, async (i) => {
                const socket = await siege.connect();

                // A byte of these is a request, and what never begins is not
                // one for Node.js.
                if (i % 3 !== 0 || http) socket.write(head.slice(0, 40));
                if (i % 3 === 2) sockets.push(socket);
              });
              ({ sockets: most } = await siege.target.ask('use'));
              dripping = setInterval(() => {
                for (const socket of sockets) socket.write('a');
              }, 500);
              await siege.untilAlone();
              clearInterval(dripping);
            });

            assert.ok(most > HEALTHY + slow / 4, `${most} at once`);
            assert.ok(grown < MIB * 32 + SLOW * 32768, `${grown} bytes more`);
          });

          it('answers every upgrade with a bad key', async () => {
            const siege = of();
            const request = upgradeRequest().replace(
              /Key: .*\r\n/,
              'Key: bad\r\n'
            );
            let refused = 0;

            await siege.under(() =>
              repeat(refusals, 50, async () => {
                const socket = await siege.connect();

                socket.on('data', (chunk) => {
                  if (`${chunk}`.startsWith('HTTP/1.1 400 ')) refused++;
                });
                socket.write(request);
                await socket.gone;
              })
            );
            assert.strictEqual(refused, refusals);

            const { connections } = await siege.target.ask('use');

            assert.strictEqual(connections, HEALTHY);
          });
        }
      );
    });
  }
});
