'use strict';

const assert = require('assert');
const path = require('path');

const { run } = require('../integration/support/child');

const script = path.join(__dirname, '../../bench/soak/run.js');

/** Ways to end that a short run has to meet, to be worth something. */
const WAYS = ['close', 'both', 'terminate', 'fin', 'worker'];

describe('The soak, for ten seconds', function () {
  this.timeout(240000);

  it('finds nothing wrong', async function () {
    const { code, stdout, stderr } = await run(
      script,
      ['--seconds', 10, '--seed', 6455, '--load', 1],
      { timeout: 230000 }
    );

    assert.strictEqual(code, 0, stderr);

    const { connections, messages, violations, ways } = JSON.parse(stdout);

    this.test.title += ` (${connections} connections, ${messages} messages)`;
    assert.deepStrictEqual(violations, []);
    assert.ok(messages > 1000, `${messages} messages`);
    for (const way of WAYS) assert.ok(ways[way] > 0, `nobody ended by ${way}`);
  });
});
