'use strict';

const EventEmitter = require('node:events');

const { init } = EventEmitter;

/** Listeners by event, as an object that V8 keeps small and fast. */
function Listeners() {}

Listeners.prototype = Object.create(null);

/**
 * An EventEmitter that takes a third of the memory.
 */
function Emitter() {
  // The module "domain" has to see all that are made.
  if (EventEmitter.init !== init || EventEmitter.usingDomains) {
    EventEmitter.call(this);
    return;
  }

  this._events = new Listeners();
  this._eventsCount = 0;
}

Object.setPrototypeOf(Emitter, EventEmitter);
Object.setPrototypeOf(Emitter.prototype, EventEmitter.prototype);
Emitter.prototype._maxListeners = undefined;

module.exports = Emitter;
