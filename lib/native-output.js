'use strict';

const { AsyncResource } = require('node:async_hooks');

const { expectDrain, isFull } = require('./backlog');
const { Command, Flag, MAX_INLINE, dataFlags } = require('./command-writer');
const Fifo = require('./fifo');
const io = require('./io-thread');
const loans = require('./loans');
const { compressionError, explainUnwritten } = require('./write-errors');

const { Figure } = io;

/**
 * Frames of this payload and more are lent to the I/O thread instead of copied,
 * where nothing but the kernel reads them.
 */
const LEND_MIN = 64 * 1024;

/**
 * Frames that the I/O thread has not written yet count as the kernel's up to
 * here: `bufferedAmount` and callbacks treat them as ws treats what is in the
 * socket's buffer.
 */
const VIRTUAL_KERNEL_BUFFER = 256 * 1024;

/** Counts turns of the event loop, for figures that are read once a turn. */
let turn = 0;
let turnEndScheduled = false;

/**
 * The number of the current turn. Figures that the I/O thread changes at any
 * time must not change while JavaScript runs: `while (ws.bufferedAmount === 0)
 * ws.send(data)` has to end.
 *
 * @return {Number} The number
 */
function currentTurn() {
  if (!turnEndScheduled) {
    turnEndScheduled = true;
    setImmediate(endTurn);
  }
  return turn;
}

/** Begins the next turn. */
function endTurn() {
  turnEndScheduled = false;
  turn++;
}

/**
 * The sending half of a connection on the I/O thread: frames become commands,
 * and callbacks wait for what the thread reports.
 */
class NativeOutput {
  /**
   * @param {net.Socket} socket The socket that becomes a shell
   */
  constructor(socket) {
    this.socket = socket;
    this.slot = -1;
    this.closing = false;
    this.sentPlain = 0;
  }

  /**
   * Sends a data frame.
   *
   * @param {(String|Uint8Array)} data The payload
   * @param {Object} options How to send it
   * @param {Number} options.byteLength Its length in bytes
   * @param {Number} options.opcode 1 or 2; 0 continues a message
   * @param {Boolean} options.fin Whether it ends the message
   * @param {Boolean} options.mask Whether it is masked
   * @param {Boolean} options.compress Whether the message is compressed
   * @param {Function} [options.generateMask] Fills a mask of 4 bytes
   * @param {Function} [cb] Called when it is written
   */
  sendData(data, options, cb) {
    const { byteLength, compress, mask } = options;

    this.write(
      Command.DATA | dataFlags(options),
      data,
      byteLength,
      compress ? -1 : frameSize(byteLength, mask),
      mask ? options.generateMask : undefined,
      cb
    );
  }

  /**
   * Sends a message in one frame.
   *
   * @param {(String|Uint8Array)} data The payload
   * @param {Number} byteLength Its length in bytes
   * @param {Boolean} text Whether it is text
   * @param {Boolean} compress Whether it is compressed
   * @param {Boolean} mask Whether it is masked
   * @param {Function} [cb] Called when it is written
   */
  sendWhole(data, byteLength, text, compress, mask, cb) {
    this.write(
      Command.DATA |
        Flag.FIN |
        (text ? Flag.TEXT : 0) |
        (mask ? Flag.MASKED : 0) |
        (compress ? Flag.COMPRESS : 0),
      data,
      byteLength,
      compress ? -1 : frameSize(byteLength, mask),
      undefined,
      cb
    );
  }

  /**
   * Sends a control frame.
   *
   * @param {Number} opcode 8, 9 or 10
   * @param {(String|Uint8Array)} data The payload
   * @param {Object} options `byteLength`, `mask` and `generateMask`
   * @param {Function} [cb] Called when it is written
   */
  sendControl(opcode, data, options, cb) {
    const { byteLength, mask } = options;

    this.write(
      Command.CONTROL |
        (opcode << Flag.OPCODE_SHIFT) |
        (mask ? Flag.MASKED : 0),
      data,
      byteLength,
      frameSize(byteLength, mask),
      mask ? options.generateMask : undefined,
      cb
    );
  }

  /**
   * Sends bytes as they are.
   *
   * @param {Uint8Array} data The bytes
   * @param {Function} [cb] Called when they are written
   */
  sendRaw(data, cb) {
    this.write(Command.RAW, data, data.length, data.length, undefined, cb);
  }

  /**
   * Sends a text as it is.
   *
   * @param {String} text The text
   */
  sendText(text) {
    const size = Buffer.byteLength(text);

    this.write(Command.RAW, text, size, size, undefined, undefined);
  }

  /**
   * Writes a command with a payload.
   *
   * @param {Number} kind The command and its flags
   * @param {(String|Uint8Array)} data The payload
   * @param {Number} byteLength Its length in bytes
   * @param {Number} wireSize Bytes on the wire, -1 when compressed
   * @param {Function} [generateMask] Fills a mask of 4 bytes
   * @param {Function} [cb] Called when it is written
   */
  write(kind, data, byteLength, wireSize, generateMask, cb) {
    // First of all: the user's function may throw, or send something itself.
    const key = generateMask === undefined ? null : makeMask(generateMask);
    const queued = this.mustQueue(wireSize < 0);

    if (this.socket.timeout > 0) this.socket._unrefTimer();

    if (queued) {
      kind |= Flag.QUEUED;
      this.sentCompressed += byteLength;
      if (this.socket.listenerCount('drain') > 0 && isFull(this.socket, this)) {
        expectDrain(this);
      }
    } else {
      this.sentPlain += wireSize;
      if (
        this.queuedFrom === Infinity &&
        this.sentTotal - this.written > VIRTUAL_KERNEL_BUFFER
      ) {
        this.queueFrom(this.sentTotal - wireSize);
      }
    }

    let ack = 0;

    if (typeof cb === 'function') ack = this.addCallback(cb, queued);

    if (this.slot < 0 || this.closing) return;

    const writer = this._writer;
    const maskSize = key === null ? 0 : 8;

    if (key !== null) kind |= Flag.HAS_MASK;

    const lendable = byteLength >= LEND_MIN && this.isLendable(kind, data);

    if (lendable || byteLength > MAX_INLINE) {
      this.writeReference(kind, data, key, ack, lendable);
      return;
    }

    const at = writer.begin(kind, this.slot, byteLength + maskSize, ack);

    if (key !== null) writer.bytes.set(key, at);
    if (byteLength > 0) {
      if (typeof data === 'string') {
        writer.bytes.utf8Write(data, at + maskSize, byteLength);
      } else {
        writer.bytes.set(data, at + maskSize);
      }
    }
    writer.end(byteLength + maskSize);
    io.scheduleFlush();
  }

  /**
   * Whether only the kernel will read a payload. (Memory that a user detaches
   * meanwhile may be gone: the kernel says so, we would crash.)
   *
   * @param {Number} kind The command and its flags
   * @param {(String|Uint8Array)} data The payload
   * @return {Boolean} Whether its memory can be lent
   */
  isLendable(kind, data) {
    return (
      (kind & 0xff) === Command.DATA &&
      (kind & (Flag.COMPRESS | Flag.MASKED)) === 0 &&
      (typeof data === 'string' ||
        (isPlain(data.buffer) && !this.socket.encrypted))
    );
  }

  /**
   * Writes a command whose large payload stays outside of the record: lent or
   * copied.
   *
   * @param {Number} kind The command and its flags
   * @param {(String|Uint8Array)} data The payload
   * @param {(Buffer|null)} key The mask, if it is the user's
   * @param {Number} ack The number to acknowledge, or 0
   * @param {Boolean} lendable What `isLendable()` says
   */
  writeReference(kind, data, key, ack, lendable) {
    const maskSize = key === null ? 0 : 8;
    const payload = typeof data === 'string' ? Buffer.from(data) : data;
    const loan = lendable ? loans.lend(payload) : 0;
    const writer = this._writer;
    const at = writer.begin(
      kind | (lendable ? Flag.LENT : Flag.OWNED),
      this.slot,
      24 + maskSize,
      ack
    );

    if (key !== null) writer.bytes.set(key, at);
    if (!writer.native.reference(writer.bytes, at + maskSize, payload, loan)) {
      this.fail();
      return;
    }
    writer.end(24 + maskSize);
    io.scheduleFlush();
  }

  /**
   * Has a callback called in its turn: on the next tick if everything before
   * it counts as written, else when the I/O thread says so.
   *
   * @param {Function} cb The callback
   * @param {Boolean} queued Whether it waits for the compressor
   * @return {Number} The number to have acknowledged, or 0
   */
  addCallback(cb, queued) {
    if (!queued && this.callbacks === null && this.bufferedBytes === 0) {
      process.nextTick(cb, null);
      return 0;
    }

    this.lastAck = (this.lastAck + 1) >>> 0 || 1;
    this.callbacks ??= new Fifo();
    this.callbacks.push({
      ack: this.lastAck,
      cb,
      queued,
      // Not AsyncResource.bind(), which takes many times as long.
      resource: new AsyncResource('WEBSOCKETSEND')
    });
    return this.lastAck;
  }

  /**
   * Whether a frame waits for the compressor: if it is compressed itself, or
   * behind one that is.
   *
   * @param {Boolean} compressed Whether it is compressed
   * @return {Boolean} `true` if so
   */
  mustQueue(compressed) {
    if (!compressed && this.sentCompressed === this.compressed) return false;

    this.takeSnapshot();
    return compressed || this.sentCompressed !== this.compressed;
  }

  /**
   * Looks what the I/O thread has written, once a turn.
   */
  takeSnapshot() {
    if (this.slot < 0 || this.snapshotTurn === currentTurn()) return;

    const { slot } = this;

    this.snapshotTurn = turn;
    this.published = io.readFigure(slot, Figure.PUBLISHED);
    this.written =
      this.published +
      io.readFigure(slot, Figure.ACCEPTED_PLAIN) -
      io.readFigure(slot, Figure.BACKLOG);
    this.compressed = io.readFigure(slot, Figure.ACCEPTED_COMPRESSED);
    if (this.sentTotal - this.written <= VIRTUAL_KERNEL_BUFFER) {
      if (this.queuedFrom !== Infinity) this.queuedFrom = Infinity;
    } else if (this.published > 0 && this.queuedFrom === Infinity) {
      // Nobody was there to see it, but the kernel's buffer is full.
      this.queuedFrom = this.written + VIRTUAL_KERNEL_BUFFER;
    }
  }

  /**
   * Counts frames as queued, unless the virtual buffer has become free.
   *
   * @param {Number} position Where the first one begins
   */
  queueFrom(position) {
    this.takeSnapshot();
    if (this.sentTotal - this.written > VIRTUAL_KERNEL_BUFFER) {
      this.queuedFrom = position;
      if (this.socket.listenerCount('drain') > 0) expectDrain(this);
    }
  }

  /**
   * Bytes on the wire of all plain frames and of those that were published.
   *
   * @type {Number}
   */
  get sentTotal() {
    return this.sentPlain + this.published;
  }

  /**
   * Bytes that count as neither written nor in the kernel's buffer.
   *
   * @type {Number}
   */
  get bufferedBytes() {
    if (this.slot < 0) return 0;

    this.takeSnapshot();
    return (
      this.sentCompressed -
      this.compressed +
      (this.queuedFrom === Infinity
        ? 0
        : this.sentTotal - Math.max(this.queuedFrom, this.written))
    );
  }

  /** @type {Boolean} */
  get isConnection() {
    return true;
  }

  /** @type {Number} */
  get bytesRead() {
    return this.readBefore + this.figure(Figure.BYTES_READ);
  }

  /** @type {Number} */
  get bytesWritten() {
    // What was sent counts, as in a socket, whether it is written or not.
    return (
      this.writtenBefore +
      this.figure(Figure.BYTES_WRITTEN) +
      this.figure(Figure.BACKLOG) +
      (this.slot < 0 ? 0 : this.sentPlain - this.figure(Figure.ACCEPTED_PLAIN))
    );
  }

  /**
   * Reads a figure, also after the connection is gone.
   *
   * @param {Number} column Which one
   * @return {Number} Its value
   */
  figure(column) {
    if (this.slot >= 0) return io.readFigure(this.slot, column);
    return this.finalFigures === null ? 0 : this.finalFigures[column];
  }

  /**
   * Calls the callbacks of everything that is written.
   *
   * @param {Number} ack The last number
   */
  settleCallbacks(ack) {
    const { callbacks } = this;

    while (callbacks !== null && callbacks.length > 0) {
      // Numbers wrap around.
      if (((callbacks.peek().ack - ack) | 0) > 0) return;

      const { cb, resource } = callbacks.shift();
      let done = false;

      if (callbacks.length === 0) this.callbacks = null;
      try {
        resource.runInAsyncScope(cb, undefined, null);
        done = true;
      } finally {
        // It threw: the others are called all the same.
        if (!done) process.nextTick(() => this.settleCallbacks(ack));
      }
    }
  }

  /**
   * Calls the callbacks of what the I/O thread refused, because the peer had
   * ended before it was compressed.
   *
   * @param {Number} first The first number to acknowledge
   * @param {Number} last The last one
   */
  failRefused(first, last) {
    const refused = [];
    const kept = new Fifo();

    for (const callback of this.callbacks ?? []) {
      const isRefused =
        ((callback.ack - first) | 0) >= 0 && ((last - callback.ack) | 0) >= 0;

      (isRefused ? refused : kept).push(callback);
    }
    this.callbacks = kept.length > 0 ? kept : null;
    // One that throws must not keep the others from being called.
    for (const { cb } of refused) process.nextTick(cb, compressionError());
  }

  /**
   * Calls the callbacks of what was not written. When one throws, the next call
   * goes on with the others.
   */
  failCallbacks() {
    const { callbacks } = this;

    while (callbacks !== null && callbacks.length > 0) {
      const { cb, queued, resource } = callbacks.shift();

      this.explain ??= explainUnwritten(this.socket);

      const err = this.explain();

      resource.runInAsyncScope(
        cb,
        undefined,
        queued ? compressionError() : err
      );
    }
  }
}

// What an idle connection has: in the prototype it takes no memory of its own.
Object.assign(NativeOutput.prototype, {
  explain: null,

  // Totals that the I/O thread's figures are compared with, as `sentPlain`, and
  // callbacks in order.
  sentCompressed: 0,
  callbacks: null,
  drainWatched: false,
  lastAck: 0,
  snapshotTurn: -1,
  written: 0,
  // What the I/O thread has added to what was sent here.
  published: 0,
  compressed: 0,
  // Where in the stream of plain frames those begin that found the virtual
  // buffer full.
  queuedFrom: Infinity,

  finalFigures: null,
  readBefore: 0,
  writtenBefore: 0
});

/**
 * The size of a frame on the wire.
 *
 * @param {Number} length The length of its payload in bytes
 * @param {Boolean} mask Whether it is masked
 * @return {Number} The size in bytes
 */
function frameSize(length, mask) {
  return length + (length < 126 ? 2 : length < 65536 ? 4 : 10) + (mask ? 4 : 0);
}

/**
 * Has a user's function make a mask.
 *
 * @param {Function} generateMask Fills a Buffer of 4 bytes
 * @return {Buffer} The mask
 */
function makeMask(generateMask) {
  const mask = Buffer.alloc(4);

  generateMask(mask);
  return mask;
}

/**
 * Whether memory stays where it is as long as it is referenced.
 *
 * @param {(ArrayBuffer|SharedArrayBuffer)} buffer The memory
 * @return {Boolean} `false` if it can change or shrink under our feet
 */
function isPlain(buffer) {
  return buffer instanceof ArrayBuffer && !buffer.resizable;
}

module.exports = NativeOutput;
