'use strict';

const assert = require('assert');

const { useScope } = require('../integration/support/scope');
const { memory } = require('../support/sanitized');
const { Helper } = require('./support');

const MIB = 1024 * 1024;

describe('A blocked event loop', function () {
  this.timeout(60000);

  const scope = useScope();

  it('costs no memory and loses nothing', async function () {
    const server = new Helper('server.js', [0]);

    scope.defer(() => server.kill());

    const port = await server.ask('listen');
    const client = new Helper('pump.js', [port, 8]);

    scope.defer(() => client.kill());

    const pumped = client.ask('pump', 5500);

    // The connections are there and busy before the loop stops.
    while ((await server.ask('use')).clients < 8);

    const grown = await server.ask('block', 5000);
    const sent = await pumped;
    const { streams, highest } = await server.ask('counted');

    this.test.title +=
      ` (${(grown / MIB).toFixed(1)} MiB, at most ` +
      `${(highest / MIB).toFixed(0)} MiB resident afterwards, ` +
      `${sent.reduce((a, b) => a + b)} messages)`;

    assert.ok(grown < 64 * MIB * memory, `${grown / MIB} MiB`);
    assert.deepStrictEqual(
      streams.map(({ wrong }) => wrong),
      Array(8).fill(0)
    );
    assert.deepStrictEqual(
      streams.map(({ next }) => next).sort(),
      [...sent].sort()
    );
    assert.ok(sent.every((count) => count > 0));

    await client.ask('leave');
    assert.strictEqual(await client.end(), 0);
    await server.ask('close');
    assert.strictEqual(await server.end(), 0);
  });
});
