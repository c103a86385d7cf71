'use strict';

const { toBuffer } = require('./buffer-util');
const monitor = require('./monitor');
const { isBlob } = require('./validation');

/** What happens to a message that does not fit. */
const POLICIES = ['terminate', 'drop'];

/**
 * Checks the options that limit what waits for a slow peer.
 *
 * @param {Object} options The options of a server or a client
 * @throws {(TypeError|RangeError)} If they cannot be used
 */
function checkSendLimit({ maxBackpressure = 0, backpressurePolicy }) {
  if (typeof maxBackpressure !== 'number') {
    throw new TypeError('The "maxBackpressure" option must be a number');
  }
  if (!(maxBackpressure >= 0)) {
    throw new RangeError('The "maxBackpressure" option must not be negative');
  }
  if (
    backpressurePolicy !== undefined &&
    !POLICIES.includes(backpressurePolicy)
  ) {
    throw new TypeError(
      `The "backpressurePolicy" option must be one of "${POLICIES.join('", "')}"`
    );
  }
}

/** How much may wait for the peer of one WebSocket. */
class SendLimit {
  /**
   * @param {Number} max How many bytes
   * @param {String} [policy='terminate'] What happens to a message above it
   */
  constructor(max, policy) {
    this._max = max;
    this._terminates = policy !== 'drop';
    // The first fragment of the message under way did not fit.
    this._dropping = false;
  }

  /**
   * Makes the limit that options ask for.
   *
   * @param {Object} options Options that were checked
   * @return {(SendLimit|null)} The limit, or `null` if there is none
   */
  static from({ maxBackpressure, backpressurePolicy }) {
    return maxBackpressure > 0 && maxBackpressure !== Infinity
      ? new SendLimit(maxBackpressure, backpressurePolicy)
      : null;
  }

  /**
   * Looks whether a message fits, and does what is to be done if it does not.
   *
   * @param {WebSocket} websocket Who sends it
   * @param {*} data The message, or a fragment of one
   * @param {Object} [options] As for `WebSocket.prototype.send()`
   * @param {Function} [cb] Called with the error
   * @return {Boolean} `true` if it must not be sent
   * @throws {TypeError} If it is no message
   */
  refuses(websocket, data, options, cb) {
    const fin = options && 'fin' in options ? !!options.fin : true;

    if (this._dropping) {
      this._dropping = !fin;
    } else {
      // What goes on with a message that was begun has to be sent.
      if (!websocket._sender._firstFragment) return false;
      if (websocket.bufferedAmount + sizeOf(data) <= this._max) return false;

      this._dropping = !fin;
    }

    const err = new Error('The limit of bufferedAmount is exceeded');

    err.code = 'BEASTWS_ERR_BACKPRESSURE';
    monitor.failed(websocket, err);
    if (this._terminates) websocket.terminate();
    process.nextTick(
      emitDrop,
      websocket,
      data,
      options && 'binary' in options
        ? !!options.binary
        : typeof data !== 'string'
    );
    if (cb) process.nextTick(cb, err);
    return true;
  }
}

/**
 * @param {*} data A message
 * @return {Number} Its size in bytes
 */
function sizeOf(data) {
  if (typeof data === 'string') return Buffer.byteLength(data);
  if (!data) return 0;
  return isBlob(data) ? data.size : toBuffer(data).length;
}

/**
 * Tells that a message was not sent.
 *
 * @param {WebSocket} websocket Whose message
 * @param {*} data The message
 * @param {Boolean} isBinary Whether it is binary
 */
function emitDrop(websocket, data, isBinary) {
  websocket.emit('drop', data, isBinary);
}

module.exports = { SendLimit, checkSendLimit };
