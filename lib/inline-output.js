'use strict';

const binding = require('./binding');
const { Flag, dataFlags } = require('./command-writer');
const { EMPTY_BUFFER, kWebSocket } = require('./constants');
const frames = require('./frame-pool');
const PerMessageDeflate = require('./permessage-deflate');
const createProtocolError = require('./protocol-error');
const { packSessionOptions } = require('./session-options');

/** Unmasked payloads of this size and more are written where they are. */
const LEND_MIN = 4 * 1024;

/** What a frame has in front of its payload, at most. */
const MAX_HEADER = 14;

/** The first byte of a message in one frame. */
const WHOLE_TEXT = 0x81;
const WHOLE_BINARY = 0x82;

/** What was sent without the session, which counts the rest. */
const sent = { messages: 0, bytes: 0 };

/** The sending half of a session on JavaScript's thread. */
class InlineOutput {
  /**
   * @param {stream.Writable} socket Where frames are written
   * @param {Object} extensions The negotiated extensions, by name
   */
  constructor(socket, extensions) {
    const deflate = extensions[PerMessageDeflate.extensionName];

    this._socket = socket;
    this._session = new binding.InlineSession(
      // Whether frames are masked is said with each of them; the role only
      // decides about the compressor's window.
      packSessionOptions(
        { isServer: deflate === undefined || deflate._isServer },
        extensions
      )
    );
  }

  /**
   * Sends a message in one frame, uncompressed. The usual one, small and not
   * masked, is a header of two or four bytes and the payload: for that the
   * session need not be asked.
   *
   * @param {(String|Buffer)} data The message
   * @param {Number} byteLength Its length in bytes
   * @param {Boolean} text Whether it is text
   * @param {Boolean} mask Whether it is masked
   * @param {Function} [cb] Called when it is written
   */
  sendWhole(data, byteLength, text, mask, cb) {
    if (mask || byteLength >= LEND_MIN) {
      this.sendData(
        data,
        { compress: false, fin: true, mask, opcode: text ? 1 : 2 },
        cb
      );
      return;
    }

    const socket = this._socket;
    let size = byteLength < 126 ? 2 : 4;
    const at = frames.reserve(socket, size + byteLength);
    const pool = frames.pool;

    pool[at] = text ? WHOLE_TEXT : WHOLE_BINARY;
    if (size === 2) {
      pool[at + 1] = byteLength;
    } else {
      pool[at + 1] = 126;
      pool[at + 2] = byteLength >> 8;
      pool[at + 3] = byteLength;
    }
    if (typeof data === 'string') pool.write(data, at + size);
    // Memory that is detached cannot be read, not even nothing of it.
    else if (byteLength > 0) pool.set(data, at + size);
    size += byteLength;
    sent.messages++;
    sent.bytes += byteLength;
    frames.write(socket, size, cb);
  }

  /**
   * Sends a data frame; as NativeLink's method of that name.
   *
   * @param {(String|Buffer)} data The payload
   * @param {Object} options How to send it
   * @param {Function} [cb] Called when it is written
   */
  sendData(data, options, cb) {
    const payload = typeof data === 'string' ? Buffer.from(data) : data;
    const lent =
      !options.compress && !options.mask && payload.length >= LEND_MIN;
    const flags = dataFlags(options) | (lent ? Flag.LENT : 0);
    const mask = generate(options);
    let size;

    try {
      const at = this._reserve(lent ? 0 : payload.length);

      size = this._session.data(flags, payload, mask, frames.pool, at);
    } catch {
      this._fail(cb);
      return;
    }

    if (!lent) {
      this._write(size, cb);
      return;
    }

    this._socket.cork();
    frames.writeNow(this._socket, size);
    this._socket.write(payload, cb);
    this._socket.uncork();
  }

  /**
   * Sends a control frame; as NativeLink's method of that name.
   *
   * @param {Number} opcode The opcode
   * @param {(String|Buffer)} data The payload
   * @param {Object} options How to send it
   * @param {Function} [cb] Called when it is written
   */
  sendControl(opcode, data, options, cb) {
    const payload = typeof data === 'string' ? Buffer.from(data) : data;
    const mask = generate(options);
    let size;

    try {
      const at = this._reserve(payload.length);

      size = this._session.control(
        opcode,
        payload,
        options.mask,
        mask,
        frames.pool,
        at
      );
    } catch {
      this._fail(cb);
      return;
    }

    this._write(size, cb);
  }

  /**
   * Reserves room for a frame, which may turn out to be too little if it is
   * compressed.
   *
   * @param {Number} length The bytes of its payload, if it holds them
   * @return {Number} Where in the pool it goes
   */
  _reserve(length) {
    return frames.reserve(
      this._socket,
      Math.min(length + MAX_HEADER, frames.MAX_FRAME)
    );
  }

  /**
   * Writes a frame that the session has made.
   *
   * @param {Number} size Its size in bytes, negative if there was no room for it
   * @param {Function} [cb] Called when it is written
   */
  _write(size, cb) {
    if (size >= 0) {
      frames.write(this._socket, size, cb);
      return;
    }

    frames.flushFor(this._socket);
    this._socket.write(this._session.take(), cb);
  }

  /**
   * A frame could not be made: the connection ends.
   *
   * @param {Function} [cb] Called with the error
   */
  _fail(cb) {
    const err = createProtocolError(createProtocolError.NO_RESOURCES, 0);
    const websocket = this._socket[kWebSocket];

    this._socket.destroy(err);
    if (typeof cb === 'function') process.nextTick(cb, err);
    if (websocket) websocket._emitError(err);
  }
}

/**
 * Has a user's function make the mask of a frame.
 *
 * @param {Object} options The options of the frame
 * @return {Buffer} The mask, or an empty Buffer for a random one
 */
function generate({ mask, generateMask }) {
  if (!mask || generateMask === undefined) return EMPTY_BUFFER;

  const key = Buffer.alloc(4);

  generateMask(key);
  return key;
}

module.exports = Object.assign(InlineOutput, { sent });
