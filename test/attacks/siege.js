'use strict';

const assert = require('assert');
const fs = require('fs');

const { memory, slowness } = require('../support/sanitized');

/** How many clients behave. */
const HEALTHY = 100;

/** How long the baseline of their latency is taken, in milliseconds. */
const BASELINE = 1000;

/**
 * How much later 99 of 100 answers may come under attack: so many times, and
 * so many milliseconds in any case. Generous: tests share their machine, and
 * the attackers are on it, too.
 */
const FACTOR = 20;
const GRACE = 2000 * slowness;

/**
 * Likewise, for one of two answers. On JavaScript's thread all of a read is
 * handled before it is another one's turn, as large as it may become; of TLS
 * it is a record at least.
 */
const USUAL_GRACE = 500 * slowness;
const SHARED_GRACE = GRACE;

/**
 * How long a process has run, and waited to run: Linux tells.
 *
 * @param {number} pid The process
 * @returns {Object} `{ ran, waited }` of all its threads, in milliseconds
 */
function processorTime(pid) {
  const sum = { ran: 0, waited: 0 };

  try {
    for (const thread of fs.readdirSync(`/proc/${pid}/task`)) {
      const file = `/proc/${pid}/task/${thread}/schedstat`;
      const [ran, waited] = fs.readFileSync(file, 'latin1').split(' ');

      sum.ran += ran / 1e6;
      sum.waited += waited / 1e6;
    }
  } catch (err) {
    // A thread may have ended, and elsewhere there is nothing to read.
    if (err.code !== 'ENOENT') throw err;
  }
  return sum;
}

/**
 * What must be allowed for because others have the processors: twice the time
 * that a process runs is what the attack and the tests themselves may take.
 *
 * @param {Object} before What it had run and waited before
 * @param {Object} after What afterwards
 * @returns {number} How many times longer everything may take, at least 1
 */
function hunger(before, after) {
  const ran = after.ran - before.ran;
  const waited = after.waited - before.waited;

  return Math.max(1, (ran + waited) / (2 * ran) || 1);
}

/**
 * A process that is attacked while clients talk that behave. What is a server
 * and what is a client is up to who extends it: who has
 *
 * - `target`: the process that is attacked,
 * - `healthy`: the process of the clients that behave, behind `start()`,
 * - `attackersMask`: whether the frames of attackers are masked,
 * - `attack(options, action)`, which has attackers connect,
 * - `stop()`, which lets everything end.
 */
class Siege {
  /**
   * @param {Party} kind What the target has
   */
  constructor(kind) {
    this.grace =
      kind.name === 'ioThread: false' || kind.isSecure
        ? SHARED_GRACE
        : USUAL_GRACE;
    this.isSecure = kind.isSecure;
  }

  /** Let the clients talk; take the baseline. */
  async begin() {
    await this.start();
    await new Promise((resolve) => setTimeout(resolve, BASELINE / 2));
    await this.healthy.ask('report');
    await new Promise((resolve) => setTimeout(resolve, BASELINE));
    this.baseline = await this.healthy.ask('report');
    assert.ok(this.baseline.count > HEALTHY);
    this.resident = await this.target.ask('forget');
    this.before = await this.target.ask('use');
  }

  /**
   * Attack, and see that the clients that behave do not suffer.
   *
   * @param {Function} attack The attack; may return a promise
   * @returns {Promise<Object>} What the target uses afterwards, with `grown`:
   *     how much more memory it took at most meanwhile, in bytes, and `share`,
   *     see `hunger()`
   */
  async under(attack) {
    await this.healthy.ask('report');
    this.resident = await this.target.ask('forget');

    const { pid } = this.target.child;
    const before = processorTime(pid);

    await attack();
    // What the attackers have left behind is a part of it.
    await this.untilAlone();

    let seen = await this.healthy.ask('report');

    // It may have been over before the next one was due.
    while (seen.count === 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      seen = await this.healthy.ask('report');
    }

    const { lost, p50, p99, wrong } = seen;
    const use = await this.target.ask('use');
    const share = hunger(before, processorTime(pid));
    const grown = (use.highest - this.resident) / memory;
    const usual = Math.max(this.grace * share, FACTOR * this.baseline.p50);
    const limit = Math.max(GRACE * share, FACTOR * this.baseline.p99);

    if (process.env.BEASTWS_TEST_FIGURES) {
      console.log(
        `      p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms, ` +
          `longest turn ${Math.round(use.longestTurn)} ms, ` +
          `${Math.round(grown / 1024 / 1024)} MiB more ` +
          `(allowed for others: ${share.toFixed(1)})`
      );
    }
    assert.ok(
      p50 <= usual,
      `the median is ${p50} ms, without an attack ${this.baseline.p50} ms`
    );
    assert.ok(
      p99 <= limit,
      `p99 is ${p99} ms, without an attack ${this.baseline.p99} ms`
    );
    assert.ok(
      use.longestTurn <= GRACE * share,
      `one turn of the event loop took ${use.longestTurn} ms`
    );
    assert.deepStrictEqual({ lost, wrong }, { lost: 0, wrong: 0 });
    return { ...use, grown, p50, p99, share };
  }

  /**
   * Wait until only the clients that behave are connected.
   *
   * @returns {Promise<Object>} What the target uses then
   */
  async untilAlone() {
    for (;;) {
      const use = await this.target.ask('use');

      if (use.sockets <= HEALTHY && use.clients <= HEALTHY) return use;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** See that every message was answered, and that nothing is left. */
  async end() {
    const { lost } = await this.healthy.ask('report');
    const after = await this.untilAlone();

    assert.strictEqual(lost, 0);
    assert.strictEqual(after.clients, HEALTHY);
    assert.deepStrictEqual(after.descriptors, this.before.descriptors);

    const { sent, answered } = await this.healthy.ask('leave');

    assert.strictEqual(answered, sent);
    await this.stop();
  }
}

/**
 * Define tests in a siege, which is set up before them and judged behind them.
 *
 * @param {Function} make Returns the siege
 * @param {Function} define Called with a function that returns the siege;
 *     defines the tests
 */
function besiege(make, define) {
  let siege;

  before(async () => {
    siege = make();
    await siege.begin();
  });

  after(() => siege.kill());
  define(() => siege);
  it('answered everybody else, and kept nothing', () => siege.end());
}

module.exports = { besiege, HEALTHY, Siege };
