'use strict';

const assert = require('assert');

const Fifo = require('../lib/fifo');

describe('Fifo', () => {
  it('gives items back in order, whatever the turns', () => {
    const fifo = new Fifo();
    const expected = [];
    let next = 0;
    let seed = 1;

    for (let i = 0; i < 20000; i++) {
      seed = (seed * 48271) % 2147483647;

      // It grows to some thousand items, then shrinks again.
      if (seed % 10 < (i < 10000 ? 7 : 3)) {
        fifo.push(next);
        expected.push(next++);
      } else {
        assert.strictEqual(fifo.peek(), expected[0]);
        assert.strictEqual(fifo.shift(), expected.shift());
      }
      assert.strictEqual(fifo.length, expected.length);
    }
    assert.deepStrictEqual([...fifo], expected);
    assert.ok(next > 5000);
  });

  it('is empty at first and after the last item', () => {
    const fifo = new Fifo();

    for (let i = 0; i < 2; i++) {
      assert.strictEqual(fifo.length, 0);
      assert.strictEqual(fifo.peek(), undefined);
      assert.strictEqual(fifo.shift(), undefined);
      assert.deepStrictEqual([...fifo], []);
      fifo.push('x');
      assert.strictEqual(fifo.shift(), 'x');
    }
  });

  it('holds on to nothing that was taken', () => {
    const fifo = new Fifo();

    for (let i = 0; i < 5000; i++) fifo.push({});
    for (let i = 0; i < 4000; i++) fifo.shift();
    assert.strictEqual(
      fifo._items.filter((item) => item !== undefined).length,
      1000
    );
    assert.ok(fifo._items.length < 2500, `${fifo._items.length}`);
  });

  it('takes the same time for each of many items', () => {
    const fifo = new Fifo();

    // An array needs a minute for this.
    for (let i = 0; i < 300000; i++) fifo.push(i);
    for (let i = 0; i < 300000; i++) assert.ok(fifo.shift() === i);
  }).timeout(5000);
});
