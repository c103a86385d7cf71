'use strict';

const assert = require('assert');

const { Ledger } = require('../../bench/soak/ledger');
const { judgeMemory } = require('../../bench/soak/memory');
const { Payloads } = require('../../bench/soak/payloads');
const { makePlan, pathOf, planOf } = require('../../bench/soak/plan');

const SEED = 1;

/**
 * Finds the plan of a connection that ends in a certain way.
 *
 * @param {string} client 'native' or 'raw'
 * @param {string} way The way
 * @returns {Object} The first such plan
 */
function planWith(client, way) {
  for (let id = 1; ; id++) {
    const plan = makePlan(SEED, id, client);

    if (plan.way === way) return plan;
  }
}

/**
 * Has a ledger judge one connection.
 *
 * @param {Object} plan Its plan
 * @param {Object[]} changes What the reports of both ends have in place of the
 *     members of a perfect one
 * @returns {string[]} What is wrong
 */
function judge(plan, changes) {
  const ledger = new Ledger(SEED, () => {});

  ledger.start({ start: plan.id, client: plan.client, to: null });
  changes.forEach((change, side) => {
    if (change === null) return;
    ledger.report({
      id: plan.id,
      side,
      sent: 10 + side,
      received: 11 - side,
      code: plan.code,
      reason: plan.reason,
      pings: 2,
      pongs: 2,
      failed: 0,
      errors: [],
      ...change
    });
  });
  ledger.sweep(true);
  return ledger.violations.map(({ what }) => what);
}

describe('What the soak judges by', () => {
  it('is the same at both ends', () => {
    const plan = makePlan(SEED, 300000001, 'raw');

    assert.deepStrictEqual(planOf(SEED, pathOf(plan)), plan);
    assert.strictEqual(planOf(SEED, '/'), null);

    const [one, other] = [new Payloads(SEED), new Payloads(SEED)];

    for (let i = 0; i < 50; i++) {
      assert.deepStrictEqual(
        one.message(plan, 1, i),
        other.message(plan, 1, i)
      );
    }
  });

  it('finds what is wrong with a clean end', () => {
    const plan = planWith('native', 'close');
    const check = (change) => judge(plan, [{}, change]);

    assert.deepStrictEqual(check({}), []);
    assert.deepStrictEqual(check({ received: 9 }), ['received 9 of 10']);
    assert.strictEqual(check({ received: 12 })[0], 'received 12 of 10');
    assert.deepStrictEqual(check({ code: 1006, reason: '' }), [
      'ended with 1006 ""'
    ]);
    assert.deepStrictEqual(check({ failed: 1 }), ['1 callbacks with an error']);
    assert.deepStrictEqual(check({ errors: ['EPIPE'] }), ['error EPIPE']);
    assert.deepStrictEqual(judge(plan, [{ pongs: 1 }, { pongs: 1 }]), [
      '1 pongs for 2 pings'
    ]);
    assert.deepStrictEqual(judge(plan, [{}, null]), [
      'no report of the server'
    ]);
    assert.deepStrictEqual(judge(plan, [null, {}]), [
      'no report of the client'
    ]);
  });

  it('allows a prefix behind terminate(), and nothing else', () => {
    const plan = planWith('native', 'terminate');
    const cut = { code: 1006, reason: '', errors: ['ECONNRESET'], failed: 3 };

    assert.deepStrictEqual(judge(plan, [cut, { ...cut, received: 3 }]), []);
    assert.deepStrictEqual(judge(plan, [cut, { ...cut, received: 11 }]), [
      'received 11 of 10'
    ]);
  });

  it('wants all that came before a FIN', () => {
    const plan = planWith('raw', 'fin');
    const ended = { code: 1006, reason: '' };

    assert.deepStrictEqual(judge(plan, [{ received: 0 }, ended]), []);
    assert.deepStrictEqual(
      judge(plan, [{ received: 0 }, { ...ended, received: 9 }]),
      ['received 9 of 10']
    );
  });

  it('finds memory that grows, but not a peak', () => {
    const samples = (rss) =>
      Array.from({ length: 360 }, (_, i) => ({ at: i * 10, rss: rss(i) }));
    const flat = (rss) => judgeMemory(samples(rss), 3600, 900).flat;

    assert.ok(flat(() => 1e8));
    assert.ok(
      flat((i) => (i < 60 ? 5e7 : 1e8)),
      'a warm-up'
    );
    assert.ok(
      flat((i) => (i % 7 ? 1e8 : 3e8)),
      'peaks'
    );
    assert.ok(!flat((i) => 1e8 + i * 5e4), 'a leak of 18 % an hour');
    assert.strictEqual(
      judgeMemory(
        samples(() => 1),
        60,
        15
      ).judged,
      false
    );
  });
});
