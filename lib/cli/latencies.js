'use strict';

/** Steps between a number and its double: an error of at most 0.4 %. */
const STEPS = 128;

/** Steps up to 2 ** 40 microseconds, which is more than a week. */
const SIZE = 41 * STEPS;

/**
 * Counts how long things took. The counts need the same memory however many
 * there are.
 */
class Latencies {
  constructor() {
    this._counts = new Float64Array(SIZE);
    this.count = 0;
    this.max = 0;
  }

  /**
   * Adds one.
   *
   * @param {Number} ms How long it took, in milliseconds
   */
  add(ms) {
    const step = Math.floor(Math.log2(Math.max(ms * 1000, 1)) * STEPS);

    this._counts[Math.min(step, SIZE - 1)]++;
    this.count++;
    if (ms > this.max) this.max = ms;
  }

  /**
   * Finds a percentile.
   *
   * @param {Number} share Which part of all took at most so long: 0.5
   * @return {Number} How long, in milliseconds; 0 if there are none
   */
  percentile(share) {
    const rank = Math.ceil(share * this.count);
    let seen = 0;

    for (let step = 0; step < SIZE; step++) {
      seen += this._counts[step];
      if (seen >= rank && seen > 0) {
        return Math.min(2 ** ((step + 0.5) / STEPS) / 1000, this.max);
      }
    }
    return 0;
  }
}

module.exports = Latencies;
