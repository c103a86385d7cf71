'use strict';

const {
  types: { isUint8Array }
} = require('node:util');

const { lengthOf, toBuffer } = require('./buffer-util');
const { EMPTY_BUFFER, kWebSocket, NOOP } = require('./constants');
const Fifo = require('./fifo');
const frame = require('./frame');
const InlineOutput = require('./inline-output');
const PerMessageDeflate = require('./permessage-deflate');
const { settle } = require('./topics');
const { isBlob, isValidStatusCode } = require('./validation');

// Why later sends have to wait in the queue.
const READY = 0;
const DEFLATING = 1;
const READING_BLOB = 2;

// Nothing is sent any more: something before could not be.
const FAILED = 3;

const CLOSE = 8;
const PING = 9;
const PONG = 10;

const MAX_CONTROL_PAYLOAD = 125;

/**
 * Sends messages and control frames in the order of the calls. What takes time
 * in JavaScript (reading a Blob, and deflating on its thread) makes everything
 * behind it wait.
 */
class Sender {
  /**
   * @param {stream.Duplex} socket What to write to
   * @param {Object} [extensions] The negotiated extensions, by name
   * @param {Function} [generateMask] Fills a mask of 4 bytes
   */
  constructor(socket, extensions, generateMask) {
    this._extensions = extensions || {};
    if (generateMask !== undefined) this._generateMask = generateMask;
    this._socket = socket;
    // The connection, once the I/O thread has it.
    this._link = null;
    this.onerror = NOOP;
    this[kWebSocket] = undefined;
  }

  /**
   * Frames a payload.
   *
   * @see frame
   * @param {(Buffer|String)} data The payload
   * @param {Object} options Options
   * @return {(Buffer|String)[]} What to write
   */
  static frame(data, options) {
    return frame(data, options);
  }

  /**
   * What writes frames.
   *
   * @type {(NativeLink|InlineOutput)}
   */
  get _output() {
    return (
      this._link ??
      (this._inline ??= new InlineOutput(this._socket, this._extensions))
    );
  }

  /**
   * Sends a close frame.
   *
   * @param {Number} [code] The status code
   * @param {(String|Uint8Array)} [data] The reason, up to 123 bytes
   * @param {Boolean} [mask=false] Whether it is masked
   * @param {Function} [cb] Called when it is written
   * @throws {(TypeError|RangeError)} If the arguments make no close frame
   */
  close(code, data, mask, cb) {
    this._control(CLOSE, closePayload(code, data), mask, cb);
  }

  /**
   * Sends a ping.
   *
   * @param {*} data The payload, up to 125 bytes
   * @param {Boolean} [mask=false] Whether it is masked
   * @param {Function} [cb] Called when it is written
   * @throws {RangeError} If the payload is too long
   */
  ping(data, mask, cb) {
    this._control(PING, data, mask, cb);
  }

  /**
   * Sends a pong.
   *
   * @param {*} data The payload, up to 125 bytes
   * @param {Boolean} [mask=false] Whether it is masked
   * @param {Function} [cb] Called when it is written
   * @throws {RangeError} If the payload is too long
   */
  pong(data, mask, cb) {
    this._control(PONG, data, mask, cb);
  }

  /**
   * Sends a control frame, or has it wait.
   *
   * @param {Number} opcode The opcode
   * @param {*} data The payload
   * @param {Boolean} mask Whether it is masked
   * @param {Function} [cb] Called when it is written
   */
  _control(opcode, data, mask, cb) {
    const blob = isBlob(data);

    if (typeof data !== 'string' && !blob) data = toBuffer(data);

    const byteLength = sizeOf(data);

    if (byteLength > MAX_CONTROL_PAYLOAD) {
      throw new RangeError(
        `The data size must not be greater than ${MAX_CONTROL_PAYLOAD} bytes`
      );
    }

    this._enqueue(blob, {
      data,
      options: {
        byteLength,
        compress: false,
        fin: true,
        generateMask: this._generateMask,
        mask: !!mask,
        opcode
      },
      cb
    });
    if (blob) this._settle();
  }

  /**
   * Sends a data frame.
   *
   * @param {*} data The payload
   * @param {Object} options Options
   * @param {Boolean} [options.binary=false] Whether the message is binary
   * @param {Boolean} [options.compress=false] Whether to compress the message
   * @param {Boolean} [options.fin=false] Whether this ends the message
   * @param {Boolean} [options.mask=false] Whether it is masked
   * @param {Function} [cb] Called when it is written
   * @throws {TypeError} If the payload is no data
   */
  send(data, options, cb) {
    const blob = isBlob(data);

    if (typeof data !== 'string' && !blob) data = toBuffer(data);

    const byteLength = sizeOf(data);
    let opcode = 0;

    if (this._firstFragment) {
      opcode = options.binary ? 2 : 1;
      this._compress = !!options.compress && this._isWorthIt(byteLength);
    }

    this._firstFragment = !!options.fin;

    const entry = {
      data,
      options: {
        byteLength,
        compress: this._compress,
        fin: !!options.fin,
        generateMask: this._generateMask,
        mask: !!options.mask,
        opcode
      },
      cb
    };

    if (this._state === READY && !blob) this._start(entry);
    else this._enqueue(blob, entry);
    if (this._firstFragment && this._published !== null) this._sendPublished();
    this._settle();
  }

  /**
   * Sends a message that is published: not between the fragments of another.
   *
   * @param {(String|Buffer)} data The payload
   * @param {Object} options As for `send()`
   */
  publish(data, options) {
    if (this._firstFragment) this.send(data, options);
    else (this._published ??= []).push({ data, options });
  }

  /** Sends what was published meanwhile. */
  _sendPublished() {
    const published = this._published;

    this._published = null;
    for (const { data, options } of published) this.send(data, options);
  }

  /**
   * Whether the I/O thread has everything that was sent, up to the end of a
   * message.
   *
   * @type {Boolean}
   */
  get isDirect() {
    return this._link !== null && this._state === READY && this._firstFragment;
  }

  /** Looks who is to send what is published. */
  _settle() {
    const websocket = this[kWebSocket];

    if (websocket?._subscriptions) settle(websocket);
  }

  /**
   * Sends a message in one frame, if nothing is in the way. One that is
   * compressed on this thread has to wait for its turn.
   *
   * @param {(String|Buffer)} data The payload
   * @param {Boolean} text Whether it is text
   * @param {Boolean} compress Whether to compress it, if that was negotiated
   * @param {Boolean} mask Whether it is masked
   * @param {Function} [cb] Called when it is written
   * @return {Boolean} `false` if it has to be sent in another way
   */
  sendWhole(data, text, compress, mask, cb) {
    if (
      this._state !== READY ||
      !this._firstFragment ||
      this._generateMask !== undefined
    ) {
      return false;
    }

    const byteLength =
      typeof data === 'string' ? Buffer.byteLength(data) : lengthOf(data);

    this._compress = !!compress && this._isWorthIt(byteLength);
    if (this._link !== null) {
      this._link.sendWhole(data, byteLength, text, this._compress, mask, cb);
      return true;
    }
    if (this._compress) return false;

    this._inline ??= new InlineOutput(this._socket, this._extensions);
    this._inline.sendWhole(data, byteLength, text, mask, cb);
    return true;
  }

  /**
   * Whether a message that begins with this fragment is compressed: always if
   * the window is kept, else from the threshold on.
   *
   * @param {Number} byteLength The length of the fragment in bytes
   * @return {Boolean} `true` if so
   */
  _isWorthIt(byteLength) {
    const deflate = this._extensions[PerMessageDeflate.extensionName];

    if (deflate === undefined) return false;

    const side = deflate._isServer ? 'server' : 'client';

    return deflate.params[`${side}_no_context_takeover`]
      ? byteLength >= deflate._threshold
      : true;
  }

  /**
   * Starts with an entry, or puts it behind those that wait.
   *
   * @param {Boolean} blob Whether its data is a Blob
   * @param {Object} entry The data, the options and the callback
   */
  _enqueue(blob, entry) {
    entry.blob = blob;
    if (this._state === READY) {
      this._start(entry);
    } else if (this._state === FAILED) {
      this._bufferedBytes += entry.options.byteLength;
      if (typeof entry.cb === 'function') {
        process.nextTick(entry.cb, this._failure);
      }
    } else {
      this._bufferedBytes += entry.options.byteLength;
      (this._queue ??= new Fifo()).push(entry);
    }
  }

  /**
   * Does what an entry wants.
   *
   * @param {Object} entry The data, the options and the callback
   */
  _start(entry) {
    if (entry.blob) {
      if (this._link?.mustQueue(false)) this._awaitCompressor(entry);
      else this._readBlob(entry);
    } else if (entry.options.compress && this._link === null) {
      this._deflate(entry);
    } else {
      this._write(entry);
    }
  }

  /**
   * Writes an entry.
   *
   * @param {Object} entry The data, the options and the callback
   */
  _write({ data, options, cb }) {
    // It may have waited.
    if (typeof data !== 'string') options.byteLength = lengthOf(data);
    if (options.opcode < CLOSE) this._output.sendData(data, options, cb);
    else this._output.sendControl(options.opcode, data, options, cb);
  }

  /**
   * Deflates on this thread, on the next tick: as with ws, a message that is
   * being compressed is not out yet when `send()` returns.
   *
   * @param {Object} entry The data, the options and the callback
   */
  _deflate(entry) {
    this._bufferedBytes += entry.options.byteLength;
    this._state = DEFLATING;
    setImmediate(() => {
      if (this._socket.destroyed) {
        this._fail(
          new Error('The socket was closed while data was being compressed'),
          entry.cb
        );
        return;
      }

      this._bufferedBytes -= entry.options.byteLength;
      this._state = READY;
      this._write(entry);
      this._dequeue();
      this._settle();
    });
  }

  /**
   * Reads a Blob after what the I/O thread still has to compress.
   *
   * @param {Object} entry The Blob, the options and the callback
   */
  _awaitCompressor(entry) {
    this._bufferedBytes += entry.options.byteLength;
    this._state = DEFLATING;
    this._link.sendRaw(EMPTY_BUFFER, (err) => {
      if (err) {
        this._fail(err, entry.cb);
        return;
      }

      this._bufferedBytes -= entry.options.byteLength;
      this._readBlob(entry);
    });
  }

  /**
   * Reads a Blob, then goes on with its bytes.
   *
   * @param {Object} entry The Blob, the options and the callback
   */
  _readBlob(entry) {
    const { data: blob, options, cb } = entry;
    // This may be a function of the user's.
    const bytes = blob.arrayBuffer().then(toBuffer);

    this._bufferedBytes += options.byteLength;
    this._state = READING_BLOB;

    // Callbacks that throw must not do so inside of the promise.
    bytes.then(
      (data) =>
        process.nextTick(() => {
          if (this._socket.destroyed) {
            this._fail(
              new Error('The socket was closed while the blob was being read'),
              cb
            );
            return;
          }

          this._bufferedBytes -= options.byteLength;
          this._state = READY;
          this._start({ data, options, cb });
          if (this._state === READY) this._dequeue();
          this._settle();
        }),
      (err) =>
        process.nextTick(() => {
          this._fail(err, cb);
          this.onerror(err);
        })
    );
  }

  /** Goes on with the queue. */
  _dequeue() {
    while (this._state === READY && this._queue !== null) {
      const entry = this._queue.shift();

      if (this._queue.length === 0) this._queue = null;
      this._bufferedBytes -= entry.options.byteLength;
      this._start(entry);
    }
  }

  /**
   * Calls the callbacks of everything that will not be sent. The socket may be
   * destroyed a while before the WebSocket is closed; what is sent meanwhile
   * fails, too.
   *
   * @param {Error} err What for
   * @param {Function} [cb] The callback of the entry under way
   */
  _fail(err, cb) {
    const queue = this._queue;

    this._failure = err;
    this._queue = null;
    this._state = FAILED;
    if (typeof cb === 'function') cb(err);
    if (queue === null) return;

    for (const entry of queue) {
      if (typeof entry.cb === 'function') entry.cb(err);
    }
  }

  /**
   * Writes a frame that was made by `Sender.frame()`.
   *
   * @param {(Buffer|String)[]} list The frame
   * @param {Function} [cb] Called when it is written
   */
  sendFrame(list, cb) {
    if (this._link !== null) {
      this._link.sendRaw(
        list.length === 1 ? list[0] : Buffer.concat(list.map(toBytes)),
        cb
      );
    } else {
      writePieces(this._socket, list, cb);
    }
  }
}

// What most connections have for most of the time: in the prototype it takes no
// memory of theirs.
Object.assign(Sender.prototype, {
  _bufferedBytes: 0,
  _compress: false,
  _failure: null,
  _firstFragment: true,
  _generateMask: undefined,
  _inline: null,
  _published: null,
  _queue: null,
  _state: READY
});

/**
 * The length of data in bytes.
 *
 * @param {(String|Blob|Buffer)} data The data
 * @return {Number} Its length
 */
function sizeOf(data) {
  if (typeof data === 'string') return Buffer.byteLength(data);
  return isBlob(data) ? data.size : lengthOf(data);
}

/**
 * @param {(Buffer|String)} piece A piece of a frame
 * @return {Buffer} Its bytes
 */
function toBytes(piece) {
  return typeof piece === 'string' ? Buffer.from(piece) : piece;
}

/**
 * Makes the payload of a close frame.
 *
 * @param {Number} [code] The status code
 * @param {(String|Uint8Array)} [reason] The reason
 * @return {Buffer} The payload
 * @throws {(TypeError|RangeError)} If they are not allowed
 */
function closePayload(code, reason) {
  if (code === undefined) return EMPTY_BUFFER;
  if (typeof code !== 'number' || !isValidStatusCode(code)) {
    throw new TypeError('First argument must be a valid error code number');
  }

  if (reason === undefined || !reason.length) {
    return Buffer.from([code >> 8, code & 0xff]);
  }

  const length = Buffer.byteLength(reason);

  if (length > MAX_CONTROL_PAYLOAD - 2) {
    throw new RangeError(
      `The message must not be greater than ${MAX_CONTROL_PAYLOAD - 2} bytes`
    );
  }
  if (typeof reason !== 'string' && !isUint8Array(reason)) {
    throw new TypeError('Second argument must be a string or a Uint8Array');
  }

  const payload = Buffer.alloc(2 + length);

  payload.writeUInt16BE(code);
  if (typeof reason === 'string') payload.write(reason, 2);
  else payload.set(reason, 2);
  return payload;
}

/**
 * Writes the pieces of a frame in one go.
 *
 * @param {stream.Writable} socket Where to
 * @param {(Buffer|String)[]} pieces One or two
 * @param {Function} [cb] Called when they are written
 */
function writePieces(socket, pieces, cb) {
  if (pieces.length === 1) {
    socket.write(pieces[0], cb);
    return;
  }

  socket.cork();
  socket.write(pieces[0]);
  socket.write(pieces[1], cb);
  socket.uncork();
}

module.exports = Sender;
