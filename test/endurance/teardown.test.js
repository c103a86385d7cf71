'use strict';

const assert = require('assert');

const { forEachPlainKind, kinds } = require('../integration/kinds');
const { useScope } = require('../integration/support/scope');
const { Helper } = require('../lifecycle/support');
const { memory } = require('../support/sanitized');

const MIB = 1024 * 1024;

/** How many connections there are: the clients are in several processes. */
const TOTAL = +process.env.BEASTWS_TEST_CONNECTIONS || 10000;
const CROWDS = 4;
const EACH = TOTAL / CROWDS;

/** How many descriptors a server needs for it. */
const LIMIT = TOTAL + 1000;

/**
 * How much more memory may be resident after the last time than while the first
 * connections were there, in bytes: none of it is lost for good.
 */
const ALLOWANCE = 64 * MIB;

/**
 * Ways to end all connections at once.
 *
 * @type {Object<string, Function>}
 */
const WAYS = {
  'by resets of their peers': (server, crowds) =>
    Promise.all(crowds.map((crowd) => crowd.ask('goAtOnce', 'reset'))),
  'by FINs of their peers': (server, crowds) =>
    Promise.all(crowds.map((crowd) => crowd.ask('goAtOnce', 'fin'))),
  'by terminate()': async (server, crowds) => {
    assert.strictEqual(await server.ask('endAll', 'terminate'), TOTAL);
    await Promise.all(crowds.map((crowd) => crowd.ask('gone')));
  },
  'by close()': async (server, crowds) => {
    assert.strictEqual(await server.ask('endAll', 'close'), TOTAL);
    // The close frames are not answered: the peers go.
    await Promise.all(crowds.map((crowd) => crowd.ask('goAtOnce', 'fin')));
  },
  'by the death of their peers': async (server, crowds) => {
    await Promise.all(crowds.map((crowd) => crowd.kill()));
  }
};

/** So that addresses in TIME_WAIT are not in the way. */
let addresses = 0;

describe(`${TOTAL} connections that end at once`, function () {
  this.timeout(600000);

  forEachPlainKind((kind) => {
    const scope = useScope();

    it('give everything back, however they end', async function () {
      const server = new Helper('server.js', [kinds.indexOf(kind)], LIMIT);

      scope.defer(() => server.kill());

      const port = await server.ask('listen');
      const before = await server.ask('use');
      const residents = [];
      let first = 0;

      for (const [name, end] of Object.entries(WAYS)) {
        const crowds = Array.from({ length: CROWDS }, () => {
          const address = `127.0.1.${++addresses}`;

          return new Helper('crowd.js', [port, EACH, address]);
        });

        for (const crowd of crowds) scope.defer(() => crowd.kill());
        await Promise.all(crowds.map((crowd) => crowd.ask('connect')));

        const during = await server.ask('use');

        assert.strictEqual(during.clients, TOTAL);
        assert.strictEqual(during.descriptors - before.descriptors, TOTAL);
        first ||= during.resident;
        await end(server, crowds);

        const after = await server.ask('useWhenAlone');

        assert.strictEqual(after.descriptors, before.descriptors, name);
        residents.push(after.resident);
        for (const crowd of crowds) await crowd.kill();
      }
      this.test.title +=
        ` (MiB: ${Math.round(before.resident / MIB)} before, ` +
        `${Math.round(first / MIB)} with the first ones, without them ` +
        `${residents.map((size) => Math.round(size / MIB)).join(', ')})`;

      assert.ok(
        residents.at(-1) - first < ALLOWANCE * memory,
        `${residents.map((size) => size / MIB)} MiB, with the first ones ${first / MIB}`
      );
      await server.ask('close');
      assert.strictEqual(await server.end(), 0);
    });
  });
});
