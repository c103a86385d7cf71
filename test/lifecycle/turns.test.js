'use strict';

const assert = require('assert');

const { forEachKind } = require('../integration/kinds');
const { useScope } = require('../integration/support/scope');
const { memory } = require('../support/sanitized');
const { Helper } = require('./support');

const MIB = 1024 * 1024;

/** Who floods the server, and with what. */
const PEERS = 4;
const SIZE = 100000;

/** How long a listener is busy with a message, in milliseconds. */
const WORK = 0.5;

/**
 * How many messages one turn of the event loop may bring. Some megabytes come
 * together, and there is no time in which more of them would.
 */
const MOST = 400;

/** How many messages are looked at. */
const MANY = 1500;

describe('A listener that is slower than its peers', function () {
  this.timeout(60000);

  forEachKind((kind) => {
    const scope = useScope();

    it('does not keep the event loop from turning', async () => {
      const wss = await scope.listen(kind);
      const peers = new Helper('flood.js', [
        wss.address().port,
        PEERS,
        SIZE,
        kind.isSecure ? 'tls' : 'plain'
      ]);
      let handled = 0;
      let inTurn = 0;
      let most = 0;
      let resident = 0;

      scope.defer(() => peers.kill());

      const timer = setInterval(() => {
        inTurn = 0;
        resident = Math.max(resident, process.memoryUsage.rss());
      }, 1);
      const before = process.memoryUsage.rss();

      wss.on('connection', (ws) => {
        ws.on('error', () => {});
        ws.on('message', (data) => {
          const begin = performance.now();

          assert.strictEqual(data.length, SIZE);
          while (performance.now() - begin < WORK);
          most = Math.max(most, ++inTurn);
          if (++handled === MANY) {
            for (const client of wss.clients) client.terminate();
          }
        });
      });
      await peers.ask('flood');
      clearInterval(timer);

      assert.ok(handled >= MANY);
      assert.ok(most < MOST, `${most} of ${handled} messages in one turn`);
      assert.ok(
        resident - before < 128 * MIB * memory,
        `${(resident - before) / MIB} MiB more`
      );
      assert.strictEqual(await peers.end(), 0);
    });
  });
});
