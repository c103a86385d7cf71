'use strict';

const { kForOnEventAttribute, kListener } = require('./constants');

const kCode = Symbol('kCode');
const kData = Symbol('kData');
const kError = Symbol('kError');
const kMessage = Symbol('kMessage');
const kReason = Symbol('kReason');
const kTarget = Symbol('kTarget');
const kType = Symbol('kType');
const kWasClean = Symbol('kWasClean');

/**
 * What a listener gets that was added with `addEventListener()` or through an
 * `on<event>` attribute.
 */
class Event {
  /**
   * @param {String} type The name of the event
   */
  constructor(type) {
    this[kTarget] = null;
    this[kType] = type;
  }

  /**
   * The WebSocket that emitted the event, `null` before it did.
   *
   * @type {?WebSocket}
   */
  get target() {
    return this[kTarget];
  }

  /**
   * The name of the event.
   *
   * @type {String}
   */
  get type() {
    return this[kType];
  }
}

/**
 * Tells that a connection is closed.
 */
class CloseEvent extends Event {
  /**
   * @param {String} type The name of the event
   * @param {Object} [init] The values of the attributes
   * @param {Number} [init.code=0] The status code
   * @param {String} [init.reason=''] The reason that the peer gave
   * @param {Boolean} [init.wasClean=false] Whether the closing handshake was
   *     completed
   */
  constructor(type, { code = 0, reason = '', wasClean = false } = {}) {
    super(type);
    this[kCode] = code;
    this[kReason] = reason;
    this[kWasClean] = wasClean;
  }

  /**
   * The status code.
   *
   * @type {Number}
   */
  get code() {
    return this[kCode];
  }

  /**
   * The reason that the peer gave.
   *
   * @type {String}
   */
  get reason() {
    return this[kReason];
  }

  /**
   * Whether the closing handshake was completed.
   *
   * @type {Boolean}
   */
  get wasClean() {
    return this[kWasClean];
  }
}

/**
 * Tells that something went wrong.
 */
class ErrorEvent extends Event {
  /**
   * @param {String} type The name of the event
   * @param {Object} [init] The values of the attributes
   * @param {*} [init.error=null] The error
   * @param {String} [init.message=''] The message of the error
   */
  constructor(type, { error = null, message = '' } = {}) {
    super(type);
    this[kError] = error;
    this[kMessage] = message;
  }

  /**
   * The error.
   *
   * @type {*}
   */
  get error() {
    return this[kError];
  }

  /**
   * The message of the error.
   *
   * @type {String}
   */
  get message() {
    return this[kMessage];
  }
}

/**
 * Brings a message.
 */
class MessageEvent extends Event {
  /**
   * @param {String} type The name of the event
   * @param {Object} [init] The values of the attributes
   * @param {*} [init.data=null] The message
   */
  constructor(type, { data = null } = {}) {
    super(type);
    this[kData] = data;
  }

  /**
   * The message: a string if it came as text, else what the `binaryType` of the
   * WebSocket says.
   *
   * @type {*}
   */
  get data() {
    return this[kData];
  }
}

// The accessors of the DOM's events are enumerable, those of a class are not.
for (const { prototype } of [Event, CloseEvent, ErrorEvent, MessageEvent]) {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name === 'constructor') continue;
    Object.defineProperty(prototype, name, { enumerable: true });
  }
}

/**
 * For each event that listeners can be added for, a function that turns what
 * the WebSocket (`this`) emits into an event object.
 */
const eventMakers = {
  __proto__: null,

  open() {
    return new Event('open');
  },

  message(data, isBinary) {
    return new MessageEvent('message', {
      data: isBinary ? data : data.toString()
    });
  },

  close(code, reason) {
    return new CloseEvent('close', {
      code,
      reason: reason.toString(),
      wasClean: this._closeFrameReceived && this._closeFrameSent
    });
  },

  error(error) {
    return new ErrorEvent('error', { error, message: error.message });
  }
};

/**
 * Makes the function that an event emitter calls in place of a listener.
 *
 * @param {Function} makeEvent Turns the emitter's arguments into an event
 * @param {(Function|Object)} handler The listener
 * @return {Function} The function to register
 */
function wrapHandler(makeEvent, handler) {
  return function listener(first, second) {
    const event = makeEvent.call(this, first, second);

    event[kTarget] = this;

    if (typeof handler === 'object' && handler.handleEvent) {
      handler.handleEvent(event);
    } else {
      handler.call(this, event);
    }
  };
}

/**
 * Finds the function that was registered for a listener. Listeners set through
 * an `on<event>` attribute do not count.
 *
 * @param {EventEmitter} emitter Where the listener may be registered
 * @param {String} type The name of the event
 * @param {(Function|Object)} handler The listener
 * @return {(Function|undefined)} The registered function, if there is one
 */
function findWrapper(emitter, type, handler) {
  return emitter
    .listeners(type)
    .find(
      (wrapper) =>
        wrapper[kListener] === handler && !wrapper[kForOnEventAttribute]
    );
}

/**
 * The part of the DOM's `EventTarget` that a WebSocket has, to be mixed into an
 * event emitter.
 *
 * @mixin
 */
const EventTarget = {
  /**
   * Adds a listener. Nothing happens if it was added already, or if the event is
   * not one of 'open', 'message', 'close' and 'error'.
   *
   * @param {String} type The name of the event
   * @param {(Function|Object)} handler A function, or an object with a
   *     `handleEvent()` method
   * @param {Object} [options] Options
   * @param {Boolean} [options.once=false] Whether to remove the listener when it
   *     is called
   */
  addEventListener(type, handler, options = {}) {
    const makeEvent = eventMakers[type];
    if (makeEvent === undefined) return;

    const isAttribute = !!options[kForOnEventAttribute];
    if (!isAttribute && findWrapper(this, type, handler)) return;

    const wrapper = wrapHandler(makeEvent, handler);

    wrapper[kForOnEventAttribute] = isAttribute;
    wrapper[kListener] = handler;

    if (options.once) this.once(type, wrapper);
    else this.on(type, wrapper);
  },

  /**
   * Removes a listener that was added with `addEventListener()`.
   *
   * @param {String} type The name of the event
   * @param {(Function|Object)} handler The listener
   */
  removeEventListener(type, handler) {
    // It would match the listeners that were added with `on()`.
    if (handler === undefined) return;

    const wrapper = findWrapper(this, type, handler);

    if (wrapper) this.removeListener(type, wrapper);
  }
};

module.exports = { CloseEvent, ErrorEvent, Event, EventTarget, MessageEvent };
