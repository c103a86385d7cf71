'use strict';

const { AsyncResource } = require('node:async_hooks');
const net = require('node:net');

const { Command, Flag, MAX_INLINE, dataFlags } = require('./command-writer');
const { EMPTY_BUFFER } = require('./constants');
const { countEarlyBytes, emitEarlyFrames } = require('./early-frames');
const {
  ACK,
  BINARY,
  CLOSED,
  CLOSE_FRAME,
  END,
  PING,
  PONG,
  PROTOCOL_ERROR,
  RAW,
  SHUTDOWN,
  SOCKET_ERROR,
  TEXT
} = require('./events');
const io = require('./io-thread');
const loans = require('./loans');
const createProtocolError = require('./protocol-error');
const { limit, packSessionOptions } = require('./session-options');
const { replaceHandle, systemError } = require('./socket-shell');

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
 * A connection on the I/O thread: what a WebSocket and its sender use in place
 * of a socket. One owner: JavaScript, until the event CLOSED.
 */
class NativeLink {
  /**
   * @param {WebSocket} websocket Who is told of events
   * @param {net.Socket} socket The socket that becomes a shell
   */
  constructor(websocket, socket) {
    this.websocket = websocket;
    this.socket = socket;
    this.slot = -1;
    this.context = websocket._context;
    this.referenced = false;
    this.paused = false;
    this.tapped = false;
    this.closing = false;
    this.ignoring = false;
    this.ended = false;
    this.limits = null;
    this.early = EMPTY_BUFFER;

    // Events that wait because of a pause, or to be emitted one at a time.
    this.held = null;
    this.oneAtATime = false;
    this.pumpScheduled = false;

    // Sending: totals that the I/O thread's figures are compared with, and
    // callbacks in order.
    this.sentPlain = 0;
    this.sentCompressed = 0;
    this.callbacks = null;
    this.lastAck = 0;
    this.snapshotTurn = -1;
    this.written = 0;
    this.compressed = 0;
    // Where in the stream of plain frames those begin that found the virtual
    // buffer full.
    this.queuedFrom = Infinity;

    this.shutdownCallback = null;
    this.closeCallback = null;
    this.finalFigures = null;
    this.readBefore = 0;
    this.writtenBefore = 0;
  }

  /**
   * Moves the descriptor of the socket to the I/O thread.
   *
   * @param {Object} options As `WebSocket.prototype.setSocket()` takes them
   * @return {Boolean} `false` if the system refused: the socket is as before
   */
  attach(options) {
    const { socket, websocket } = this;
    let writer;

    try {
      writer = io.start();
    } catch {
      return false;
    }

    const slot = io.allocateSlot(this);
    const isPaused = socket.isPaused();
    // What Node has read already.
    const received = socket.readableLength > 0 ? socket.read() : EMPTY_BUFFER;
    const early = isPaused ? 0 : countEarlyBytes(websocket, received, options);
    const at = writer.begin(Command.ATTACH, slot, 8, 0);
    const fd = io.attach(
      writer.bytes,
      at,
      socket._handle.fd,
      packSessionOptions(
        { ...options, isServer: websocket._isServer },
        websocket._extensions
      ),
      received.subarray(early),
      isPaused
    );

    if (fd < 0) {
      io.releaseSlot(slot);
      if (received.length > 0) socket.unshift(received);
      return false;
    }
    this.early = received.subarray(0, early);

    this.paused = isPaused;

    this.slot = slot;
    this.takeOptions(options);
    this._writer = writer;
    writer.end(8);
    io.scheduleFlush();
    this.setReferenced(socket._handle.hasRef());
    this.readBefore = socket.bytesRead - received.length + early;
    this.writtenBefore = socket.bytesWritten;
    replaceHandle(socket, this, fd);

    // The shell reads nothing, but it has to see its end.
    if (!isPaused) net.Socket.prototype.resume.call(socket);
    return true;
  }

  /**
   * Emits what came with the handshake. Listeners may throw: to be called last.
   *
   * @param {Object} options As for `attach()`
   */
  emitEarly(options) {
    const { early } = this;

    this.early = EMPTY_BUFFER;
    if (early.length > 0) emitEarlyFrames(this.websocket, early, options);
  }

  /**
   * Notes how the session is to be.
   *
   * @param {Object} options As `WebSocket.prototype.setSocket()` takes them
   */
  takeOptions(options) {
    this.limits = {
      maxPayload: limit(options.maxPayload),
      maxFragments: limit(options.maxFragments),
      maxBufferedChunks: limit(options.maxBufferedChunks),
      skipUTF8Validation: !!options.skipUTF8Validation
    };
    this.oneAtATime = options.allowSynchronousEvents === false;
  }

  // --- Commands ---

  /**
   * Sends a command without payload.
   *
   * @param {Number} kind The command and its flags
   */
  command(kind) {
    if (this.slot < 0) return;
    this._writer.begin(kind, this.slot, 0, 0);
    this._writer.end(0);
    io.scheduleFlush();
  }

  /** Stops reading. */
  pause() {
    if (this.paused) return;
    this.paused = true;
    this.command(Command.PAUSE);
  }

  /** Goes on reading. */
  resume() {
    if (!this.paused) return;
    this.paused = false;
    this.command(Command.RESUME);
    if (this.held !== null) this.schedulePump();
  }

  /** Reports what is read as it is, too. */
  tap() {
    if (this.tapped) return;
    this.tapped = true;
    this.command(Command.TAP);
    io.publish();
  }

  /**
   * @param {Boolean} on Whether small segments are sent at once
   */
  setNoDelay(on) {
    this.command(Command.NO_DELAY | (on ? Flag.ON : 0));
  }

  /**
   * @param {Boolean} on Whether probes are sent
   * @param {Number} seconds The idle time before the first one
   */
  setKeepAlive(on, seconds) {
    if (this.slot < 0) return;
    const at = this._writer.begin(
      Command.KEEP_ALIVE | (on ? Flag.ON : 0),
      this.slot,
      8,
      0
    );

    this._writer.doubles[at >> 3] = seconds > 0 ? seconds : 0;
    this._writer.end(8);
    io.scheduleFlush();
  }

  /**
   * Changes limits on what is received, for what the I/O thread reads next.
   *
   * @param {Object} changes Any of the properties of `limits`
   */
  setLimits(changes) {
    Object.assign(this.limits, changes);
    if (this.slot < 0) return;

    const at = this._writer.begin(Command.LIMITS, this.slot, 32, 0) >> 3;
    const doubles = this._writer.doubles;

    doubles[at] = this.limits.maxPayload;
    doubles[at + 1] = this.limits.maxFragments;
    doubles[at + 2] = this.limits.maxBufferedChunks;
    doubles[at + 3] = this.limits.skipUTF8Validation ? 1 : 0;
    this._writer.end(32);
    // In force for all that arrives from now on.
    io.publish();
  }

  /**
   * Sends FIN once everything before it is written.
   *
   * @param {Function} callback Called when that is done
   */
  shutdown(callback) {
    this.shutdownCallback = callback;
    this.command(Command.SHUTDOWN);
  }

  /**
   * Closes the descriptor.
   *
   * @param {Boolean} reset Whether the peer gets a RST
   * @param {Function} callback Called when it is closed, after all events
   */
  destroy(reset, callback) {
    if (this.closing) return;
    this.closing = true;
    this.closeCallback = callback;
    this.command(Command.DESTROY | (reset ? Flag.RESET : 0));
  }

  /**
   * Whether the connection keeps the event loop alive.
   *
   * @param {Boolean} on `false` for `unref()`
   */
  setReferenced(on) {
    if (this.slot < 0 || this.referenced === on) return;
    this.referenced = on;
    io.reference(on ? 1 : -1);
  }

  // --- Sending ---

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
    const queued = this.mustQueue(wireSize < 0);

    if (this.socket.timeout > 0) this.socket._unrefTimer();

    if (queued) {
      kind |= Flag.QUEUED;
      this.sentCompressed += byteLength;
    } else {
      this.sentPlain += wireSize;
      if (
        this.queuedFrom === Infinity &&
        this.sentPlain - this.written > VIRTUAL_KERNEL_BUFFER
      ) {
        this.queueFrom(this.sentPlain - wireSize);
      }
    }

    let ack = 0;

    if (typeof cb === 'function') ack = this.addCallback(cb, queued);

    if (this.slot < 0 || this.closing) return;

    const writer = this._writer;
    const maskSize = generateMask === undefined ? 0 : 8;

    if (maskSize > 0) kind |= Flag.HAS_MASK;

    if (byteLength >= LEND_MIN || byteLength > MAX_INLINE) {
      this.writeReference(kind, data, maskSize, generateMask, ack);
      return;
    }

    const at = writer.begin(kind, this.slot, byteLength + maskSize, ack);

    if (maskSize > 0) writeMask(writer.bytes, at, generateMask);
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
   * Writes a command whose large payload stays outside of the record: lent
   * when only the kernel will read it, copied otherwise. (Memory that a user
   * detaches meanwhile must not be touched by us.)
   *
   * @param {Number} kind The command and its flags
   * @param {(String|Uint8Array)} data The payload
   * @param {Number} maskSize 8 with a mask, 0 without
   * @param {Function} [generateMask] Fills a mask of 4 bytes
   * @param {Number} ack The number to acknowledge, or 0
   */
  writeReference(kind, data, maskSize, generateMask, ack) {
    const isString = typeof data === 'string';
    const payload = isString ? Buffer.from(data) : data;
    const lendable =
      (kind & 0xff) === Command.DATA &&
      (kind & (Flag.COMPRESS | Flag.MASKED)) === 0 &&
      (isString || isPlain(payload.buffer));
    const loan = lendable ? loans.lend(payload) : 0;
    const writer = this._writer;
    const at = writer.begin(
      kind | (lendable ? Flag.LENT : Flag.OWNED),
      this.slot,
      24 + maskSize,
      ack
    );

    if (maskSize > 0) writeMask(writer.bytes, at, generateMask);
    if (!io.referencePayload(writer.bytes, at + maskSize, payload, loan)) {
      throw new RangeError('Out of memory');
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
    this.callbacks ??= [];
    this.callbacks.push({
      ack: this.lastAck,
      cb: AsyncResource.bind(cb),
      queued
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
    this.written =
      io.readFigure(slot, Figure.ACCEPTED_PLAIN) -
      io.readFigure(slot, Figure.BACKLOG);
    this.compressed = io.readFigure(slot, Figure.ACCEPTED_COMPRESSED);
    if (this.sentPlain - this.written <= VIRTUAL_KERNEL_BUFFER) {
      this.queuedFrom = Infinity;
    }
  }

  /**
   * Counts frames as queued, unless the virtual buffer has become free.
   *
   * @param {Number} position Where the first one begins
   */
  queueFrom(position) {
    this.takeSnapshot();
    if (this.sentPlain - this.written > VIRTUAL_KERNEL_BUFFER) {
      this.queuedFrom = position;
    }
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
        : this.sentPlain - Math.max(this.queuedFrom, this.written))
    );
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

  /** Nothing here waits for a receiver. */
  get needsDrain() {
    return false;
  }

  /**
   * Nothing that the peer may still send counts, but its end does: the session
   * ignores the data by itself.
   */
  ignoreData() {
    this.ignoring = true;
    process.nextTick(resume, this.socket);
  }

  /** The socket has ended. */
  onSocketEnd() {
    this.ended = true;
  }

  /**
   * The socket is closed, and all events have been emitted.
   *
   * @param {Function} detach Separates the socket and the WebSocket
   */
  onSocketClose(detach) {
    const { websocket } = this;

    detach();
    // ws learns on the next tick that there is nothing left to read, if it was
    // neither told so before nor has stopped reading by itself.
    if (
      this.ended ||
      websocket._closeFrameReceived ||
      websocket._receiveFailed
    ) {
      websocket.emitClose();
    } else {
      process.nextTick(emitClose, websocket);
    }
  }

  // --- Events ---

  /**
   * A message has arrived.
   *
   * @param {Boolean} isBinary Whether it is binary
   * @param {Boolean} chunkStart Whether it is the first event of a read
   * @param {Buffer} data The payload
   * @param {(Uint32Array|null)} fragments The sizes of its frames, if several
   */
  onMessage(isBinary, chunkStart, data, fragments) {
    if (this.ignoring) return;
    if (this.socket.timeout > 0) this.socket._unrefTimer();
    if (
      this.held === null &&
      !this.oneAtATime &&
      !(this.paused && chunkStart)
    ) {
      if (this.context === null) {
        this.websocket._onMessage(data, isBinary, fragments);
      } else {
        this.context.runInAsyncScope(
          this.websocket._onMessage,
          this.websocket,
          data,
          isBinary,
          fragments
        );
      }
      return;
    }

    this.hold({
      kind: isBinary ? BINARY : TEXT,
      chunkStart,
      data,
      a: fragments,
      b: 0
    });
  }

  /**
   * Something else has happened.
   *
   * @param {Number} kind What (lib/events.js)
   * @param {Boolean} chunkStart Whether it is the first event of a read
   * @param {Buffer} data The payload
   * @param {Number} a A value that depends on the kind
   * @param {Number} b Another one
   */
  onEvent(kind, chunkStart, data, a, b) {
    if (this.socket.timeout > 0) this.socket._unrefTimer();
    if (kind === ACK) {
      // What is not confirmed when a socket is destroyed has failed.
      if (this.closing) return;
      this.snapshotTurn = -1;
      this.settleCallbacks(a);
      return;
    }
    if (kind === SHUTDOWN) {
      const callback = this.shutdownCallback;

      this.shutdownCallback = null;
      if (callback !== null) callback();
      return;
    }
    if (kind === CLOSED) {
      if (this.context === null) this.onClosed();
      else this.context.runInAsyncScope(this.onClosed, this);
      return;
    }
    if (
      this.held === null &&
      !this.oneAtATime &&
      !(this.paused && chunkStart)
    ) {
      this.emitEvent(kind, data, a, b);
      return;
    }

    this.hold({ kind, chunkStart, data, a, b });
  }

  /**
   * Keeps an event for later.
   *
   * @param {Object} event The event
   */
  hold(event) {
    this.held ??= [];
    this.held.push(event);
    this.schedulePump();
  }

  /** Has the held events emitted, if nothing stands against it. */
  schedulePump() {
    if (this.pumpScheduled || this.held === null) return;
    if (this.paused && this.held[0].chunkStart) return;

    this.pumpScheduled = true;
    if (this.oneAtATime) setImmediate(pump, this);
    else process.nextTick(pump, this);
  }

  /**
   * Emits held events: all that may be, or one.
   *
   * @param {Boolean} all Whether a pause counts for nothing
   */
  emitHeld(all) {
    while (this.held !== null) {
      if (this.paused && !all && this.held[0].chunkStart) return;

      const { kind, data, a, b } = this.held.shift();

      if (this.held.length === 0) this.held = null;
      try {
        this.emitEvent(kind, data, a, b);
      } finally {
        // A listener may throw: what is left is emitted later.
        if (!all) this.schedulePump();
      }
      if (this.oneAtATime && !all && kind <= PONG) return;
    }
  }

  /**
   * Gives an event to the WebSocket or the socket.
   *
   * @param {Number} kind What (lib/events.js)
   * @param {Buffer} data The payload
   * @param {Number} a A value that depends on the kind
   * @param {Number} b Another one
   */
  emitEvent(kind, data, a, b) {
    if (this.context === null) this.handleEvent(kind, data, a, b);
    else this.context.runInAsyncScope(this.handleEvent, this, kind, data, a, b);
  }

  /**
   * Does so in the right context.
   *
   * @param {Number} kind What (lib/events.js)
   * @param {Buffer} data The payload
   * @param {Number} a A value that depends on the kind
   * @param {Number} b Another one
   */
  handleEvent(kind, data, a, b) {
    const { socket, websocket } = this;

    if (this.ignoring && kind < END) return;

    switch (kind) {
      case TEXT:
      case BINARY:
        websocket._onMessage(data, kind === BINARY, a);
        break;
      case PING:
        websocket._onPing(data);
        break;
      case PONG:
        websocket._onPong(data);
        break;
      case CLOSE_FRAME:
        websocket._onCloseFrame(a, data);
        break;
      case PROTOCOL_ERROR:
        websocket._onReceiveError(createProtocolError(a, b));
        break;
      case END:
        socket.push(null);
        socket.read(0);
        break;
      case RAW:
        socket.push(data);
        break;
      case SOCKET_ERROR:
        socket.destroy(systemError(a, b === 0 ? 'read' : 'write'));
        break;
    }
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
      if (((callbacks[0].ack - ack) | 0) > 0) return;

      const { cb } = callbacks.shift();

      if (callbacks.length === 0) this.callbacks = null;
      cb(null);
    }
  }

  /** The descriptor is closed. */
  onClosed() {
    const { closeCallback, slot } = this;

    this.finalFigures = Object.values(Figure).map((column) =>
      io.readFigure(slot, column)
    );
    this.setReferenced(false);
    this.slot = -1;
    io.releaseSlot(slot);
    this.oneAtATime = false;
    this.emitHeld(true);
    this.failCallbacks();
    if (this.shutdownCallback !== null) {
      const callback = this.shutdownCallback;

      this.shutdownCallback = null;
      callback();
    }
    closeCallback();
  }

  /** Calls the callbacks of what was not written. */
  failCallbacks() {
    const { callbacks } = this;

    this.callbacks = null;
    if (callbacks === null) return;
    callbacks.forEach(({ cb, queued }, index) => {
      let err = null;

      if (queued) {
        err = new Error(
          'The socket was closed while data was being compressed'
        );
      } else if (index > 0) {
        err = new Error('Cannot call write after a stream was destroyed');
        err.code = 'ERR_STREAM_DESTROYED';
      }

      cb(err);
    });
  }
}

/**
 * Emits what a link holds.
 *
 * @param {NativeLink} link The link
 */
function pump(link) {
  link.pumpScheduled = false;
  link.emitHeld(false);
}

/**
 * @param {WebSocket} websocket A WebSocket whose socket is closed
 */
function emitClose(websocket) {
  websocket.emitClose();
}

/**
 * @param {net.Socket} socket A socket
 */
function resume(socket) {
  socket.resume();
}

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
 * Writes a mask in front of a payload.
 *
 * @param {Buffer} bytes Where to
 * @param {Number} at The position
 * @param {Function} generateMask Fills a Buffer of 4 bytes
 */
function writeMask(bytes, at, generateMask) {
  const mask = Buffer.alloc(4);

  generateMask(mask);
  bytes.set(mask, at);
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

module.exports = NativeLink;
