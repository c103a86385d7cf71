'use strict';

const { Duplex } = require('node:stream');

const { kLink } = require('./constants');

const OPTIONS = { allowHalfOpen: true, emitClose: false, autoDestroy: true };

/** What a Duplex consists of. Whoever looks at one of these makes it one. */
const PARTS = {
  _events: undefined,
  _eventsCount: 0,
  _readableState: undefined,
  _writableState: undefined
};

/**
 * A Duplex whose states and listeners are made when somebody wants them. Most
 * sockets below a WebSocket are never looked at, and these are half of what they
 * would take.
 */
function LazyDuplex() {}

Object.setPrototypeOf(LazyDuplex, Duplex);
Object.setPrototypeOf(LazyDuplex.prototype, Duplex.prototype);

/** Whether it is a whole Duplex. */
LazyDuplex.prototype._isAwake = false;
LazyDuplex.prototype.allowHalfOpen = true;

for (const name of Object.keys(PARTS)) {
  Object.defineProperty(LazyDuplex.prototype, name, {
    configurable: true,
    get() {
      // A prototype is no stream.
      if (this[kLink] === undefined) return PARTS[name];
      wake(this);
      return this[name];
    },
    set(value) {
      if (this[kLink] !== undefined) wake(this);
      this[name] = value;
    }
  });
}

/**
 * Makes it a whole Duplex, unless it is one.
 *
 * @param {LazyDuplex} duplex The stream
 */
function wake(duplex) {
  if (duplex._isAwake) return;

  duplex._isAwake = true;
  for (const name of Object.keys(PARTS)) {
    Object.defineProperty(duplex, name, {
      configurable: true,
      enumerable: true,
      value: PARTS[name],
      writable: true
    });
  }
  Duplex.call(duplex, OPTIONS);
  duplex._onAwake();
}

module.exports = { LazyDuplex, wake };
