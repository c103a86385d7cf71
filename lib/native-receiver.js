'use strict';

const EventEmitter = require('node:events');

const { limit } = require('./session-options');

/**
 * What stands for the receiver of a connection whose frames the I/O thread
 * reads: the limits that some programs change on it, and listeners that others
 * remove from it.
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
