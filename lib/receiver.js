'use strict';

const { Writable } = require('node:stream');

const binding = require('./binding');
const { toMessage } = require('./buffer-util');
const { BINARY_TYPES, EMPTY_BUFFER, kWebSocket } = require('./constants');
const {
  BINARY,
  CLOSE_FRAME,
  COLUMNS,
  KIND_MASK,
  PING,
  PROTOCOL_ERROR,
  TEXT,
  USUAL_EVENTS
} = require('./events');
const Fifo = require('./fifo');
const PerMessageDeflate = require('./permessage-deflate');
const createProtocolError = require('./protocol-error');
const { limit, packSessionOptions } = require('./session-options');

/** The most iterations of the event loop that an error waits. */
const MAX_ERROR_DELAY = 16;

const FastBuffer = Buffer[Symbol.species];

/** Arrays for events that are not in use; listeners can cause nested reads. */
const spareRecords = [];

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
      )
    );
    this._events = new Fifo();
    this._callback = null;
    this._concluded = false;
    this._messages = 0;
    this._deliver = (count, records, buffer, base, large) =>
      this._take(count, records, buffer, base, large);
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

    const records =
      spareRecords.pop() ?? new Int32Array(USUAL_EVENTS * COLUMNS);

    this._callback = cb;
    this._messages = 0;
    try {
      this._session.receive(chunk, records, this._deliver);
    } finally {
      spareRecords.push(records);
    }
    this._emitEvents();
  }

  /**
   * Takes the events of a chunk (src/addon/batch_exporter.h).
   *
   * @param {Number} count The number of events
   * @param {Int32Array} records Their records
   * @param {(ArrayBuffer|undefined)} buffer What holds their payloads
   * @param {Number} base Where in `buffer` they begin, in bytes
   * @param {(ArrayBuffer[]|undefined)} large The large payloads
   */
  _take(count, records, buffer, base, large) {
    for (let at = 0; at < count * COLUMNS; at += COLUMNS) {
      const kind = records[at + 1] & KIND_MASK;
      const length = records[at + 3];
      const offset = base + records[at + 2];
      const isLarge = records[at + 6] >= 0;
      let data = EMPTY_BUFFER;
      let a = records[at + 4];

      if (length > 0) {
        data = isLarge
          ? new FastBuffer(large[records[at + 6]], 0, length)
          : new FastBuffer(buffer, offset, length);
      }
      if (kind <= BINARY) {
        const sizes = offset + (isLarge ? 0 : length);

        a = a > 0 ? new Uint32Array(buffer.slice(sizes, sizes + a * 4)) : null;
      }

      this._events.push({ kind, data, a, b: records[at + 5] });
    }
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
