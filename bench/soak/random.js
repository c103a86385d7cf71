'use strict';

/**
 * Mixes numbers into one of 32 bits, so that neighbours have nothing in common.
 *
 * @param {...Number} numbers Integers
 * @returns {Number} An unsigned integer of 32 bits
 */
function mix(...numbers) {
  let hash = 0x9e3779b9;
  for (const number of numbers) {
    hash = Math.imul(hash ^ number, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** A source of numbers that are the same for the same seed. */
class Random {
  /**
   * @param {Number} seed An integer
   */
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /**
   * The next number.
   *
   * @returns {Number} An unsigned integer of 32 bits
   */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  }

  /**
   * A number below a limit.
   *
   * @param {Number} limit More than the largest one; at least 1
   * @returns {Number} An integer from 0 on
   */
  below(limit) {
    return this.next() % limit;
  }

  /**
   * Decides.
   *
   * @param {Number} probability From 0 to 1
   * @returns {Boolean} True that often
   */
  chance(probability) {
    return this.next() < probability * 0x100000000;
  }

  /**
   * Picks an element.
   *
   * @param {Array} list What there is, each equally often
   * @returns {*} One of it
   */
  pick(list) {
    return list[this.below(list.length)];
  }
}

module.exports = { mix, Random };
