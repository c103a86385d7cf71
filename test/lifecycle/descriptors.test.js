'use strict';

const assert = require('assert');
const { execFileSync } = require('child_process');

const { kinds } = require('../integration/kinds');
const { useScope } = require('../integration/support/scope');
const { Helper } = require('./support');

const hard = execFileSync('prlimit', [
  '--nofile',
  '--output=HARD',
  '--noheadings'
])
  .toString()
  .trim();
const limit = Math.min(10000, hard === 'unlimited' ? Infinity : +hard);

describe('Descriptors', function () {
  this.timeout(60000);

  const scope = useScope();

  for (const [index, kind] of kinds.entries()) {
    // Keys take their time.
    const many = kind.isSecure ? 200 : 1000;
    const total = index === 0 ? limit - 1000 : many;

    it(`takes one each for ${total} connections (${kind.name})`, async function () {
      const server = new Helper('server.js', [index], limit);

      scope.defer(() => server.kill());

      const port = await server.ask('listen');
      const before = await server.ask('use');
      const crowds = [0, 1].map(
        () =>
          new Helper('crowd.js', [
            port,
            total / 2,
            ...(kind.isSecure ? ['', 'tls'] : [])
          ])
      );

      for (const crowd of crowds) scope.defer(() => crowd.kill());
      assert.deepStrictEqual(
        await Promise.all(crowds.map((crowd) => crowd.ask('connect'))),
        [total / 2, total / 2]
      );

      const during = await server.ask('use');

      assert.strictEqual(during.clients, total);
      assert.strictEqual(during.descriptors - before.descriptors, total);
      assert.deepStrictEqual(
        await Promise.all(crowds.map((crowd) => crowd.ask('echo'))),
        [total / 2, total / 2]
      );

      const each = (during.resident - before.resident) / total / 1024;

      this.test.title += `, ${each.toFixed(1)} KiB each`;

      await Promise.all(crowds.map((crowd) => crowd.ask('leave')));

      const after = await server.ask('useWhenAlone');

      assert.strictEqual(after.descriptors, before.descriptors);
      await server.ask('close');
      assert.strictEqual(await server.end(), 0);
      for (const crowd of crowds) assert.strictEqual(await crowd.end(), 0);
    });
  }
});
