'use strict';

/** From how many taken items on the memory in front is given back. */
const COMPACT_MIN = 1024;

/**
 * A queue. `Array.prototype.shift()` moves all that is left as soon as an array
 * is large, which takes seconds for some ten thousand items.
 */
class Fifo {
  constructor() {
    this._items = [];
    this._head = 0;
  }

  /**
   * How many items there are.
   *
   * @type {Number}
   */
  get length() {
    return this._items.length - this._head;
  }

  /**
   * Adds an item behind the others.
   *
   * @param {*} item The item
   */
  push(item) {
    this._items.push(item);
  }

  /**
   * Looks at the first item.
   *
   * @return {*} The item, `undefined` if there is none
   */
  peek() {
    return this._items[this._head];
  }

  /**
   * Takes the first item.
   *
   * @return {*} The item, `undefined` if there is none
   */
  shift() {
    if (this._head === this._items.length) return undefined;

    const item = this._items[this._head];

    this._items[this._head++] = undefined;
    if (this._head === this._items.length) {
      this._items = [];
      this._head = 0;
    } else if (
      this._head >= COMPACT_MIN &&
      this._head * 2 >= this._items.length
    ) {
      this._items = this._items.slice(this._head);
      this._head = 0;
    }
    return item;
  }

  /**
   * Goes through the items without taking them.
   *
   * @yields {*} Each item
   */
  *[Symbol.iterator]() {
    for (let i = this._head; i < this._items.length; i++) yield this._items[i];
  }
}

module.exports = Fifo;
