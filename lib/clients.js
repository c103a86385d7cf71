'use strict';

/**
 * The open connections of a server, in order. As long as no program has asked
 * for the Set, they are a list: of a Set that much is added to and deleted from,
 * V8 keeps what was in its earlier tables until a full garbage collection.
 */
class Clients {
  constructor() {
    this._set = null;
    this._size = 0;
    this._first = null;
    this._last = null;
  }

  /**
   * How many there are.
   *
   * @type {Number}
   */
  get size() {
    return this._set === null ? this._size : this._set.size;
  }

  /**
   * @param {WebSocket} websocket An open connection
   */
  add(websocket) {
    if (this._set !== null) {
      this._set.add(websocket);
      return;
    }

    this._size++;
    websocket._previous = this._last;
    if (this._last === null) this._first = websocket;
    else this._last._next = websocket;
    this._last = websocket;
  }

  /**
   * @param {WebSocket} websocket One that is closed
   */
  delete(websocket) {
    if (this._set !== null) {
      this._set.delete(websocket);
      return;
    }

    const { _next: next, _previous: previous } = websocket;

    this._size--;
    if (previous === null) this._first = next;
    else previous._next = next;
    if (next === null) this._last = previous;
    else next._previous = previous;
    websocket._next = websocket._previous = null;
  }

  /**
   * The Set for programs, which is kept up to date from now on.
   *
   * @return {Set} The connections
   */
  toSet() {
    if (this._set === null) {
      this._set = new Set();
      for (let websocket = this._first; websocket !== null;) {
        const { _next: next } = websocket;

        this._set.add(websocket);
        websocket._next = websocket._previous = null;
        websocket = next;
      }
      this._first = this._last = null;
    }
    return this._set;
  }
}

module.exports = Clients;
