'use strict';

const EventEmitter = require('node:events');

const { limit } = require('./session-options');

/** The events of a receiver, and what the WebSocket does about them. */
const HANDLERS = {
  conclude: '_onCloseFrame',
  message: '_emitMessage',
  ping: '_onPing',
  pong: '_onPong'
};

/**
 * What stands for the receiver of a connection whose frames the I/O thread
 * reads: the limits that some programs change on it, and the listeners that
 * others add to it or remove from it.
 */
class NativeReceiver extends EventEmitter {
  /**
   * @param {WebSocket} websocket The WebSocket
   */
  constructor(websocket) {
    super();
    this._websocket = websocket;
    this._binaryType = websocket._binaryType;
    this._extensions = websocket._extensions;
    this._isServer = websocket._isServer;
    this._handlers = {};
    for (const [event, method] of Object.entries(HANDLERS)) {
      this._handlers[event] = (...args) => websocket[method](...args);
      this.on(event, this._handlers[event]);
    }
  }

  /**
   * Tells a WebSocket what has come, by way of its receiver if a program has
   * had hold of that.
   *
   * @param {WebSocket} websocket The WebSocket
   * @param {String} event The receiver's event
   * @param {...*} args What comes with it
   */
  static tell(websocket, event, ...args) {
    if (websocket._facade === null) websocket[HANDLERS[event]](...args);
    else websocket._facade.emit(event, ...args);
  }

  /**
   * Has a receiver that takes over treat its listeners likewise.
   *
   * @param {Receiver} receiver The receiver, with the listeners that it needs
   */
  moveListeners(receiver) {
    for (const event of Object.keys(HANDLERS)) {
      const listeners = this.rawListeners(event);

      if (!listeners.includes(this._handlers[event])) {
        receiver.removeAllListeners(event);
      }
      for (const listener of listeners) {
        if (listener !== this._handlers[event]) receiver.on(event, listener);
      }
    }
  }

  /** @type {Number} */
  get _maxPayload() {
    return this._websocket._link.limits.maxPayload;
  }

  set _maxPayload(value) {
    this._websocket._link.setLimits({ maxPayload: limit(value) });
  }

  /** @type {Number} */
  get _maxFragments() {
    return this._websocket._link.limits.maxFragments;
  }

  set _maxFragments(value) {
    this._websocket._link.setLimits({ maxFragments: limit(value) });
  }

  /** @type {Number} */
  get _maxBufferedChunks() {
    return this._websocket._link.limits.maxBufferedChunks;
  }

  set _maxBufferedChunks(value) {
    this._websocket._link.setLimits({ maxBufferedChunks: limit(value) });
  }

  /** @type {Boolean} */
  get _skipUTF8Validation() {
    return this._websocket._link.limits.skipUTF8Validation;
  }

  set _skipUTF8Validation(value) {
    this._websocket._link.setLimits({ skipUTF8Validation: !!value });
  }

  /** @type {Boolean} */
  get _allowSynchronousEvents() {
    return !this._websocket._link.oneAtATime;
  }

  set _allowSynchronousEvents(value) {
    this._websocket._link.oneAtATime = !value;
  }
}

module.exports = NativeReceiver;
