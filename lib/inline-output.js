'use strict';

const binding = require('./binding');
const { Flag, dataFlags } = require('./command-writer');
const { EMPTY_BUFFER, kWebSocket } = require('./constants');
const PerMessageDeflate = require('./permessage-deflate');
const createProtocolError = require('./protocol-error');
const { packSessionOptions } = require('./session-options');

/** Unmasked payloads of this size and more are written where they are. */
const LEND_MIN = 4 * 1024;

const FastBuffer = Buffer[Symbol.species];

/** The memory of frames, as Node.js has it for small Buffers. */
const POOL_SIZE = 64 * 1024;

/** What a frame has in front of its payload, at most. */
const MAX_HEADER = 14;

let pool = Buffer.allocUnsafeSlow(POOL_SIZE);
let used = 0;

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
    const mask = generate(options);
    const bytes = this._frame(
      lent ? 0 : payload.length,
      () =>
        this._session.data(
          dataFlags(options) | (lent ? Flag.LENT : 0),
          payload,
          mask,
          pool,
          used
        ),
      cb
    );

    if (bytes === null) return;
    if (!lent) {
      this._socket.write(bytes, cb);
      return;
    }

    this._socket.cork();
    this._socket.write(bytes);
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
    const mask = generate(options);
    const bytes = this._frame(
      options.byteLength,
      () =>
        this._session.control(
          opcode,
          typeof data === 'string' ? Buffer.from(data) : data,
          options.mask,
          mask,
          pool,
          used
        ),
      cb
    );

    if (bytes !== null) this._socket.write(bytes, cb);
  }

  /**
   * Has a frame made. Where that is impossible, the connection ends.
   *
   * @param {Number} length The bytes of its payload, if it holds them
   * @param {Function} make Makes it, in the pool, and returns its size, which is
   *     negative if there is no room
   * @param {Function} [cb] Called with the error
   * @return {(Buffer|null)} Its bytes, or `null`
   */
  _frame(length, make, cb) {
    try {
      if (used + length + MAX_HEADER > POOL_SIZE && length < POOL_SIZE / 2) {
        pool = Buffer.allocUnsafeSlow(POOL_SIZE);
        used = 0;
      }

      const size = make();

      if (size < 0) return this._session.take();

      const bytes = new FastBuffer(pool.buffer, used, size);

      used += size;
      return bytes;
    } catch {
      const err = createProtocolError(createProtocolError.NO_RESOURCES, 0);
      const websocket = this._socket[kWebSocket];

      this._socket.destroy(err);
      if (typeof cb === 'function') process.nextTick(cb, err);
      if (websocket) websocket._emitError(err);
      return null;
    }
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

module.exports = InlineOutput;
