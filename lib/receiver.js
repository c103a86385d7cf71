'use strict';

const { Writable } = require('node:stream');

const binding = require('./binding');
const { toMessage } = require('./buffer-util');
const chunks = require('./chunk-reader');
const { BINARY_TYPES, EMPTY_BUFFER, kWebSocket } = require('./constants');
const { BINARY, CLOSE_FRAME, PING, PROTOCOL_ERROR, TEXT } = require('./events');
const Fifo = require('./fifo');
const { checkPatience, gather, release, stop } = require('./frame-pool');
const PerMessageDeflate = require('./permessage-deflate');
const createProtocolError = require('./protocol-error');
const { limit, packSessionOptions } = require('./session-options');

/** The most iterations of the event loop that an error waits. */
const MAX_ERROR_DELAY = 16;

/** `readyState` of a WebSocket that emits nothing any more. */
const CLOSED = 3;

/**
 * How much of a chunk is read at once where it may be compressed, in bytes: a
 * part that becomes large makes the next ones smaller, and is followed by a turn
 * of the others. The I/O thread does the same (src/engine/connection.cc).
 */
const FIRST_PART = 4 * 1024;
const MIN_PART = 2 * 1024;
const MAX_PART = 64 * 1024;
const LARGE = 1024 * 1024;

/**
 * Reads frames from what is written to it. Emits 'message', 'ping', 'pong',
 * and at the end 'conclude' (the peer's close frame) or 'error'.
 */
class Receiver extends Writable {
  /**
   * @param {Object} [options] Options
   * @param {Boolean} [options.allowSynchronousEvents=true] Whether several
   *     events may be emitted in one tick
   * @param {String} [options.binaryType=nodebuffer] The type of binary messages
   * @param {Object} [options.extensions] The negotiated extensions, by name
   * @param {Boolean} [options.isServer=false] Whether the peer is a client
   * @param {Number} [options.maxBufferedChunks=0] Limit of reads for one frame
   * @param {Number} [options.maxFragments=0] Limit of frames in a message
   * @param {Number} [options.maxPayload=0] Limit of a message in bytes
   * @param {Boolean} [options.skipUTF8Validation=false] Whether text may be
   *     anything
   */
  constructor(options = {}) {
    super();

    this._allowSynchronousEvents = options.allowSynchronousEvents !== false;
    this._binaryType = options.binaryType || BINARY_TYPES[0];
    this._extensions = options.extensions || {};
    this._isServer = !!options.isServer;
    this._limits = {
      maxPayload: limit(options.maxPayload),
      maxFragments: limit(options.maxFragments),
      maxBufferedChunks: limit(options.maxBufferedChunks),
      skipUTF8Validation: !!options.skipUTF8Validation
    };
    this._session = new binding.InlineSession(
      packSessionOptions(
        { ...this._limits, isServer: this._isServer },
        this._extensions
      ),
      chunks.memory
    );
    this._number = this._session.number;
    this._events = new Fifo();
    this._callback = null;
    this._concluded = false;
    this._messages = 0;
    this._partSize =
      this._extensions[PerMessageDeflate.extensionName] === undefined
        ? Infinity
        : FIRST_PART;
    // What the last part has become, in bytes.
    this._became = 0;
    // Whether a part of a chunk is still to be read.
    this._isInParts = false;
    // Whether the next write is only to emit what is read already.
    this._isRead = false;
    // Whether it is to do so a little later.
    this._waits = false;
    // Whether a WebSocket may be told without events of our own.
    this.isDirect = false;
    this[kWebSocket] = undefined;
  }

  /** @type {Number} */
  get _maxPayload() {
    return this._limits.maxPayload;
  }

  set _maxPayload(value) {
    this._setLimits({ maxPayload: limit(value) });
  }

  /** @type {Number} */
  get _maxFragments() {
    return this._limits.maxFragments;
  }

  set _maxFragments(value) {
    this._setLimits({ maxFragments: limit(value) });
  }

  /** @type {Number} */
  get _maxBufferedChunks() {
    return this._limits.maxBufferedChunks;
  }

  set _maxBufferedChunks(value) {
    this._setLimits({ maxBufferedChunks: limit(value) });
  }

  /** @type {Boolean} */
  get _skipUTF8Validation() {
    return this._limits.skipUTF8Validation;
  }

  set _skipUTF8Validation(value) {
    this._setLimits({ skipUTF8Validation: !!value });
  }

  /**
   * Changes limits.
   *
   * @param {Object} changes Any of the properties of `_limits`
   */
  _setLimits(changes) {
    const limits = Object.assign(this._limits, changes);

    this._session.setLimits(
      limits.maxPayload,
      limits.maxFragments,
      limits.maxBufferedChunks,
      limits.skipUTF8Validation
    );
  }

  /**
   * Takes a chunk; nothing counts after a close frame.
   *
   * @param {Buffer} chunk The bytes
   * @param {...*} rest As `Writable.prototype.write()` takes them
   * @return {Boolean} Whether more may be written at once
   */
  write(chunk, ...rest) {
    return this._concluded && this.writableEnded
      ? true
      : super.write(chunk, ...rest);
  }

  /**
   * Reads a chunk.
   *
   * @param {Buffer} chunk The bytes
   * @param {String} encoding Not used
   * @param {Function} cb Called when all its events are emitted
   */
  _write(chunk, encoding, cb) {
    if (this._concluded) {
      cb();
      return;
    }

    this._callback = cb;
    this._messages = 0;
    if (this._waits) {
      this._waits = false;
      setImmediate(() => this._emitEvents());
      return;
    }
    if (this._isRead) this._isRead = false;
    else if (chunk.length > this._partSize) this._readPart(chunk, cb);
    else this._read(chunk);
    this._emitEvents();
  }

  /**
   * Reads the first part of a chunk, and sees to it that the rest follows when
   * its events are emitted.
   *
   * @param {Buffer} chunk The bytes
   * @param {Function} cb Called when all events of the chunk are emitted
   */
  _readPart(chunk, cb) {
    const size = this._partSize;

    this._isInParts = chunk.length > size && !this._concluded;
    if (!this._isInParts) {
      this._callback = cb;
      if (!this._concluded) this._read(chunk);
      return;
    }

    const rest = chunk.subarray(size);
    const goOn = () => {
      this._readPart(rest, cb);
      this._emitEvents();
    };

    this._read(chunk.subarray(0, size));

    const isLarge = this._became > LARGE;

    this._callback = (err) => {
      if (err) cb(err);
      else if (isLarge) setImmediate(goOn);
      else goOn();
    };
  }

  /**
   * Adds what is in a chunk to the events.
   *
   * @param {Buffer} chunk The bytes
   */
  _read(chunk) {
    const first = chunks.begin();
    const count = chunks.read(this._number, chunk);

    this._addEvents(first, count, chunks.takeRest());
  }

  /**
   * Adds what was just read to the events.
   *
   * @param {Number} first Where the rows begin
   * @param {Number} count How many there are
   * @param {(Object[]|null)} rest What is behind them
   */
  _addEvents(first, count, rest) {
    const end = first + count * chunks.ROW;

    this._became = 0;
    chunks.addEvents(chunks.keep(first), first, end, this._events);
    if (rest !== null) {
      for (const event of rest) {
        this._became += event.data.length;
        this._events.push(event);
      }
    }
    this._adjustPartSize();
  }

  /** Draws a conclusion from what the last part has become. */
  _adjustPartSize() {
    if (this._became > LARGE) {
      this._partSize = Math.max(this._partSize / 4, MIN_PART);
    } else if (this._became < LARGE / 4 && this._partSize < MAX_PART) {
      this._partSize *= 2;
    }
  }

  /**
   * Whether `readFor()` may be called.
   *
   * @type {Boolean}
   */
  get isIdle() {
    return (
      this.isDirect &&
      this._callback === null &&
      !this._isInParts &&
      !this._concluded &&
      this._events.length === 0
    );
  }

  /**
   * Reads a chunk and tells a WebSocket at once what is in it: what `write()`
   * does, without all that a stream does for those who look at it.
   *
   * @param {WebSocket} websocket The WebSocket
   * @param {Buffer} chunk The bytes
   * @return {Boolean} Whether more may be written at once
   */
  readFor(websocket, chunk) {
    if (chunk.length > this._partSize) return this.write(chunk);

    const first = chunks.begin();
    const count = chunks.read(this._number, chunk);
    const rest = chunks.takeRest();

    if (rest !== null) {
      this._addEvents(first, count, rest);
      this._isRead = true;
      return this.write(chunk);
    }
    if (this._partSize < MAX_PART) this._partSize *= 2;

    if (count === 1) {
      this._tell(websocket, chunks.keep(first), first);
    } else if (count > 1) {
      this._tellAll(websocket, first, first + count * chunks.ROW);
    }
    return true;
  }

  /**
   * Tells a WebSocket what several rows say. The answers go out together.
   *
   * @param {WebSocket} websocket The WebSocket
   * @param {Number} first Where the rows begin
   * @param {Number} end Where they end
   */
  _tellAll(websocket, first, end) {
    const memory = chunks.keep(end);
    const socket = websocket._socket;
    const outer = gather(socket);
    let next = first;

    try {
      while (next < end) {
        const at = next;

        next += chunks.ROW;
        if (next === end) stop(outer);
        this._tell(websocket, memory, at);
        checkPatience(socket);
      }
    } finally {
      chunks.free(first);
      release(outer);
      // A listener threw: the rest is emitted all the same.
      if (next < end) this._emitLater(memory, next, end);
    }
  }

  /**
   * Tells a WebSocket what a row says.
   *
   * @param {WebSocket} websocket The WebSocket
   * @param {ArrayBuffer} memory What holds the payload
   * @param {Number} at Where the row is
   */
  _tell(websocket, memory, at) {
    if (websocket._readyState === CLOSED) return;

    const kind = chunks.rows[at];
    const data = chunks.payload(memory, at);

    if (kind === TEXT) {
      websocket.emit('message', data, false);
    } else if (kind === BINARY) {
      websocket.emit(
        'message',
        toMessage(data, true, null, this._binaryType),
        true
      );
    } else if (kind === PING) {
      websocket._onPing(data);
    } else {
      websocket._onPong(data);
    }
  }

  /**
   * Emits what rows say in the next iteration of the event loop, and holds
   * everything else back until then.
   *
   * @param {ArrayBuffer} memory What holds the payloads
   * @param {Number} first Where the rows begin
   * @param {Number} end Where they end
   */
  _emitLater(memory, first, end) {
    chunks.addEvents(memory, first, end, this._events);
    this._waits = true;
    this.write(EMPTY_BUFFER);
  }

  /**
   * Emits the events of the chunk under way: all of them, or one in each
   * iteration of the event loop.
   */
  _emitEvents() {
    while (this._events.length > 0) {
      const event = this._events.shift();

      if (!this._allowSynchronousEvents && event.kind < CLOSE_FRAME) {
        setImmediate(() => {
          this._emitEvent(event);
          this._emitEvents();
        });
        return;
      }

      let done = false;

      try {
        this._emitEvent(event);
        done = true;
      } finally {
        // A listener threw: the rest is emitted all the same.
        if (!done) setImmediate(() => this._emitEvents());
      }
    }

    const callback = this._callback;

    this._callback = null;
    if (callback !== null) callback();
  }

  /**
   * Emits an event.
   *
   * @param {Object} event The event
   */
  _emitEvent({ kind, data, a, b }) {
    if (kind <= BINARY) {
      const isBinary = kind !== TEXT;

      this._messages++;
      this.emit(
        'message',
        toMessage(data, isBinary, a, this._binaryType),
        isBinary
      );
    } else if (kind === PROTOCOL_ERROR) {
      const callback = this._callback;

      this._concluded = true;
      this._callback = null;
      this._fail(callback, createProtocolError(a, b));
    } else if (kind === CLOSE_FRAME) {
      this._concluded = true;
      this.emit('conclude', a, data);
      this.end();
    } else {
      this.emit(kind === PING ? 'ping' : 'pong', data);
    }
  }

  /**
   * Ends with an error. One that follows compressed messages waits an iteration
   * of the event loop for each, so that what was under way when they came (the
   * reading of a Blob, say) can fail first, as while ws inflates them.
   *
   * @param {Function} callback The callback of the chunk
   * @param {Error} err What is wrong
   */
  _fail(callback, err) {
    let turns =
      this._extensions[PerMessageDeflate.extensionName] === undefined
        ? 0
        : Math.min(this._messages, MAX_ERROR_DELAY);
    const next = () => {
      if (turns-- > 0) setImmediate(next);
      else callback(err);
    };

    next();
  }
}

module.exports = Receiver;
