'use strict';

const net = require('node:net');

const { Command, Flag } = require('./command-writer');
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
  TEXT,
  TLS_ERROR
} = require('./events');
const Fifo = require('./fifo');
const io = require('./io-thread');
const NativeOutput = require('./native-output');
const { tell } = require('./native-receiver');
const createProtocolError = require('./protocol-error');
const { limitsOf, packSessionOptions } = require('./session-options');
const { replaceHandle, systemError } = require('./socket-shell');
const { createTlsError } = require('./tls-support');

/**
 * A connection on the I/O thread: what a WebSocket and its sender use in place
 * of a socket. One owner: JavaScript, until the event CLOSED.
 */
class NativeLink extends NativeOutput {
  /**
   * @param {WebSocket} websocket Who is told of events
   * @param {net.Socket} socket The socket that becomes a shell
   */
  constructor(websocket, socket) {
    super(socket);

    this.websocket = websocket;
    this.limits = null;
    this.referenced = false;
    this.paused = false;
    if (websocket._context !== null) this.context = websocket._context;
  }

  /**
   * Moves the descriptor of the socket to the I/O thread.
   *
   * @param {Object} options As `WebSocket.prototype.setSocket()` takes them
   * @return {Boolean} `false` if the system refused: the socket is as before
   */
  attach(options) {
    const { socket, websocket } = this;
    // The getters of the user's options are run before anything is begun.
    const packed = packSessionOptions(
      { ...options, isServer: websocket._isServer },
      websocket._extensions
    );
    const writer = tryTo(() => io.choose(options.ioThreads ?? 1));
    const slot =
      writer === -1 ? -1 : tryTo(() => io.allocateSlot(this, writer));

    if (slot === -1) return false;

    const isPaused = socket.isPaused();
    // What Node has read already.
    const received = socket.readableLength > 0 ? socket.read() : EMPTY_BUFFER;
    const early = isPaused ? 0 : countEarlyBytes(websocket, received, options);
    const at = writer.begin(Command.ATTACH, slot, 8, 0);
    const fd = tryTo(() =>
      writer.native.attach(
        writer.bytes,
        at,
        socket._handle.fd,
        packed,
        received.subarray(early),
        isPaused
      )
    );

    if (fd < 0) {
      io.releaseSlot(slot);
      if (received.length > 0) socket.unshift(received);
      return false;
    }
    if (early > 0) this.early = received.subarray(0, early);

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

    if (early.length === 0) return;
    this.early = EMPTY_BUFFER;
    emitEarlyFrames(this.websocket, early, options);
  }

  /**
   * Notes how the session is to be.
   *
   * @param {Object} options As `WebSocket.prototype.setSocket()` takes them
   */
  takeOptions(options) {
    this.limits = limitsOf(options);
    if (options.allowSynchronousEvents === false) this.oneAtATime = true;
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
    // Other connections may have the same object.
    this.limits = { ...this.limits, ...changes };
    if (this.slot < 0) return;

    this.writeLimits(Command.LIMITS);
    // In force for all that arrives from now on.
    io.publish();
  }

  /**
   * Writes a command that tells the limits.
   *
   * @param {Number} kind The command and its flags
   */
  writeLimits(kind) {
    const at = this._writer.begin(kind, this.slot, 32, 0) >> 3;
    const { doubles } = this._writer;

    doubles[at] = this.limits.maxPayload;
    doubles[at + 1] = this.limits.maxFragments;
    doubles[at + 2] = this.limits.maxBufferedChunks;
    doubles[at + 3] = this.limits.skipUTF8Validation ? 1 : 0;
    this._writer.end(32);
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

  /**
   * Changes whenever something comes.
   *
   * @type {Number}
   */
  get heard() {
    return this.bytesRead;
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
    // One that sleeps has never been paused.
    if (this.socket._isAwake !== false) process.nextTick(resume, this.socket);
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
      if (b === 0) this.settleCallbacks(a);
      // Behind 'end', which comes on the next tick.
      else setImmediate(() => this.failRefused(b, a));
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
      (this.held === null &&
        !this.oneAtATime &&
        !(this.paused && chunkStart)) ||
      // A socket that is not read finds out by writing. What is held comes
      // before 'close'.
      (kind === SOCKET_ERROR && this.paused)
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
    this.held ??= new Fifo();
    this.held.push(event);
    this.schedulePump();
  }

  /** Has the held events emitted, if nothing stands against it. */
  schedulePump() {
    if (this.pumpScheduled || this.held === null) return;
    if (this.paused && this.held.peek().chunkStart) return;

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
      if (this.paused && !all && this.held.peek().chunkStart) return;

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
        tell(websocket, 'ping', data);
        break;
      case PONG:
        tell(websocket, 'pong', data);
        break;
      case CLOSE_FRAME:
        tell(websocket, 'conclude', a, data);
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
      case TLS_ERROR:
        socket.destroy(createTlsError(data.latin1Slice().split('\n')));
        break;
      case SOCKET_ERROR:
        if (b === 2) this.fail();
        else socket.destroy(systemError(a, b === 0 ? 'read' : 'write'));
        break;
    }
  }

  /**
   * Ends the connection, which cannot go on for want of memory.
   */
  fail() {
    const err = createProtocolError(createProtocolError.NO_RESOURCES, 0);

    this.socket.destroy(err);
    this.websocket._emitError?.(err);
  }

  /** The descriptor is closed. */
  onClosed() {
    const { slot } = this;

    this.finalFigures = io.readFigures(slot);
    this.setReferenced(false);
    this.slot = -1;
    io.releaseSlot(slot);
    if (this.oneAtATime) this.oneAtATime = false;
    this.finish();
  }

  /**
   * Emits what is left, calls the callbacks that are left, and closes the
   * socket. When one of them throws, the rest follows on the next tick.
   */
  finish() {
    let done = false;

    try {
      this.emitHeld(true);
      this.failCallbacks();

      const { shutdownCallback } = this;

      this.shutdownCallback = null;
      if (shutdownCallback !== null) shutdownCallback();

      const { closeCallback } = this;

      this.closeCallback = null;
      if (closeCallback !== null) closeCallback();
      done = true;
    } finally {
      if (!done) process.nextTick(() => this.finish());
    }
  }
}

// What most connections have, and all have for most of the time: in the
// prototype it takes no memory of theirs.
Object.assign(NativeLink.prototype, {
  context: null,
  tapped: false,
  ignoring: false,
  ended: false,
  early: EMPTY_BUFFER,

  // Events that wait because of a pause, or to be emitted one at a time.
  held: null,
  oneAtATime: false,
  pumpScheduled: false,

  shutdownCallback: null,
  closeCallback: null
});

/**
 * Does what may be impossible, for want of threads, descriptors or memory.
 *
 * @param {Function} make What to do
 * @return {*} What it returns, or -1
 */
function tryTo(make) {
  try {
    return make();
  } catch {
    return -1;
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

module.exports = NativeLink;
