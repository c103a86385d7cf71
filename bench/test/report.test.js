'use strict';

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { describe, it } = require('mocha');

const { chooseRows } = require('../lib/rows');
const { summarize, writeReport } = require('../lib/report');
const { bestOther, condense, median, medianOf } = require('../lib/stats');
const { checkTargets } = require('../lib/targets');

const sample = (rate, cpu, more) => ({
  rate,
  cpu,
  p50: 1,
  p99: 2,
  p999: 3,
  ...more
});

const SAMPLES = {
  'echo-64': {
    beastws: [sample(300, 2), sample(320, 3), sample(310, 2.5)],
    ws: [sample(200, 5), sample(190, 6), { error: 'x died\nat once' }],
    uws: [sample(290, 3), sample(300, 3)],
    raw: [sample(900, 0.1)]
  },
  'echo-64-5000': {
    beastws: [sample(250, 5)],
    ws: [sample(150, 6)]
  }
};

const RESULT = {
  machine: { cpu: 'x & <y>', cores: 2, system: 'z', node: '20' },
  versions: { ws: '8.0.0' },
  skipped: { bun: 'not here' },
  options: { rounds: 3, seconds: 1, warmup: 0 },
  samples: SAMPLES
};

describe('The report', () => {
  it('takes medians', () => {
    assert.strictEqual(median([3, 1, 2]), 2);
    assert.strictEqual(median([4, 1, 2, 3]), 2.5);

    const [table] = condense(SAMPLES);
    assert.strictEqual(medianOf(table, 'beastws', 'rate'), 310);
    assert.strictEqual(medianOf(table, 'ws', 'rate'), 195);
    assert.strictEqual(medianOf(table, 'bun', 'rate'), undefined);
  });

  it('keeps failures apart', () => {
    const ws = condense(SAMPLES)[0].peers.find(({ peer }) => peer.id === 'ws');
    assert.deepStrictEqual(ws.errors, ['x died\nat once']);
    assert.strictEqual(ws.rounds, 2);
  });

  it('divides rows', () => {
    const growth = condense(SAMPLES).find(({ row }) => row.id === 'growth');
    assert.strictEqual(medianOf(growth, 'beastws', 'ratio'), 2);
    assert.strictEqual(medianOf(growth, 'uws', 'ratio'), undefined);
  });

  it('finds the best other peer', () => {
    const [table] = condense(SAMPLES);
    assert.strictEqual(bestOther(table, 'rate').peer.id, 'uws');
    assert.strictEqual(bestOther(table, 'cpu').peer.id, 'uws');
  });

  it('compares with the targets', () => {
    const found = checkTargets(condense(SAMPLES)).map(
      ({ target, met }) => `${target.row} ${target.to ?? ''} ${met}`
    );
    assert.deepStrictEqual(found, [
      'echo-64 ws true',
      'echo-64 uws true',
      'growth  false'
    ]);
  });

  it('knows rows by the beginning of their names', () => {
    const ids = (names) => chooseRows(names).map(({ id }) => id);
    assert.deepStrictEqual(ids(['echo-64']), ['echo-64']);
    assert.deepStrictEqual(ids(['fanout']), ['fanout-64', 'fanout-1k']);
    assert.deepStrictEqual(ids(['growth']), [
      'echo-64',
      'echo-64-5000',
      'growth'
    ]);
    assert.throws(() => ids(['nothing']), /no row 'nothing'/);
  });

  it('writes numbers, tables and plots', () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'report-'));
    try {
      writeReport(path.join(dir, 'run'), RESULT);
      const read = (name) => fs.readFileSync(path.join(dir, name), 'utf8');

      assert.deepStrictEqual(JSON.parse(read('run.json')), RESULT);
      const text = read('run.md');
      assert.match(text, /\| beastws {9}\| {8}310 \| 1\.59x \| {3}1\.05x \|/);
      assert.match(text, /^ws \+ bufferutil failed: x died$/m);
      assert.match(text, /bun is left out: not here/);
      for (const [, file] of text.matchAll(/\]\(([^)]*\.svg)\)/g)) {
        checkMarkup(read(file));
      }
      assert.match(read('run/echo-64.svg'), />310</);
    } finally {
      fs.rmSync(dir, { recursive: true });
    }
  });

  it('says what failed', () => {
    assert.match(summarize(RESULT), /^echo-64, ws: x died$/m);
  });
});

/**
 * Checks that a document's elements are closed in the right order.
 *
 * @param {String} text The document
 */
function checkMarkup(text) {
  const open = [];
  for (const [, end, name, rest] of text.matchAll(/<(\/?)(\w+)([^>]*)>/g)) {
    if (end) assert.strictEqual(open.pop(), name);
    else if (!rest.endsWith('/')) open.push(name);
  }
  assert.deepStrictEqual(open, []);
  assert.doesNotMatch(text, /NaN|undefined|Infinity/);
}
