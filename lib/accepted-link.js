'use strict';

const { Duplex } = require('node:stream');

const { Command, Flag } = require('./command-writer');
const { EMPTY_BUFFER, kWebSocket } = require('./constants');
const { countEarlyBytes } = require('./early-frames');
const { RAW } = require('./events');
const io = require('./io-thread');
const NativeLink = require('./native-link');
const PerMessageDeflate = require('./permessage-deflate');
const { packSessionOptions } = require('./session-options');

/** What a connection belongs to before there is a WebSocket. */
const NOBODY = { _context: null };

/**
 * A connection that the I/O thread has accepted. It is idle until it becomes a
 * WebSocket's, or until somebody reads it as it is.
 */
class AcceptedLink extends NativeLink {
  /**
   * The socket above it is to be set at once.
   *
   * @param {CommandWriter} writer The way to the thread that has it
   */
  constructor(writer) {
    super(NOBODY, null);
    // Who reads: nobody, who wants bytes, or the session of a WebSocket.
    this.raw = false;
    this.begun = false;
    this.paused = true;
    this._writer = writer;
  }

  /**
   * Takes a connection over that the I/O thread has.
   *
   * @param {Number} id Its number there
   */
  adopt(id) {
    this.slot = io.allocateSlot(this, this._writer);

    const at = this._writer.begin(Command.ADOPT, this.slot, 8, 0);

    this._writer.words[at >> 2] = id;
    this._writer.end(8);
    io.scheduleFlush();
    this.setReferenced(true);
  }

  /**
   * Whether the I/O thread may read frames.
   *
   * @return {Boolean} `false` if somebody reads the bytes
   */
  canBegin() {
    const { socket } = this;

    return !this.raw && !this.begun && (!socket._isAwake || canLeave(socket));
  }

  /**
   * Begins the session of the WebSocket.
   *
   * @param {Object} options As `WebSocket.prototype.setSocket()` takes them
   * @return {Boolean} `true`
   */
  attach(options) {
    const { socket, websocket, _writer: writer } = this;

    if (!socket._isAwake && this.isServer && !isCompressed(websocket)) {
      this.begun = true;
      this.paused = false;
      this.takeOptions(options);
      this.writeLimits(Command.BEGIN | Flag.ON);
      io.scheduleFlush();
      return true;
    }

    // The getters of the user's options are run before anything is begun.
    const packed = packSessionOptions(
      { ...options, isServer: this.isServer },
      websocket._extensions
    );
    const isPaused = socket.isPaused();
    // What came with the request.
    const head = socket.readableLength > 0 ? socket.read() : EMPTY_BUFFER;
    const early = isPaused ? 0 : countEarlyBytes(websocket, head, options);
    const at = writer.begin(Command.BEGIN, this.slot, 8, 0);

    this.begun = true;
    this.paused = isPaused;
    this.takeOptions(options);
    try {
      writer.native.begin(
        writer.bytes,
        at,
        packed,
        head.subarray(early),
        isPaused
      );
    } catch {
      this.fail();
      return true;
    }
    writer.end(8);
    io.scheduleFlush();
    if (early > 0) this.early = head.subarray(0, early);
    // The socket reads nothing, but it has to see its end.
    if (!isPaused && socket._isAwake) Duplex.prototype.resume.call(socket);
    return true;
  }

  /** Reads bytes as they are, for the socket. */
  readRaw() {
    if (this.begun) return;
    this.raw = true;
    this.resume();
  }

  /**
   * The socket wants to read.
   */
  onRead() {
    // It is not decided yet who reads what is for a WebSocket.
    if (this.raw || this.socket[kWebSocket] === undefined) this.readRaw();
  }

  /**
   * Something has happened.
   *
   * @param {Number} kind What (lib/events.js)
   * @param {Boolean} chunkStart Whether it is the first event of a read
   * @param {Buffer} data The payload
   * @param {Number} a A value that depends on the kind
   * @param {Number} b Another one
   */
  onEvent(kind, chunkStart, data, a, b) {
    if (kind === RAW && !this.begun) this.socket.takeData(data);
    else super.onEvent(kind, chunkStart, data, a, b);
  }
}

/**
 * Whether messages of a WebSocket may be compressed.
 *
 * @param {WebSocket} websocket The WebSocket
 * @return {Boolean} `true` if that was agreed on
 */
function isCompressed(websocket) {
  return websocket._extensions[PerMessageDeflate.extensionName] !== undefined;
}

/**
 * Whether nobody has begun to use a socket as a stream.
 *
 * @param {NativeSocket} socket The socket
 * @return {Boolean} `false` if somebody reads it, or has written or ended it
 */
function canLeave(socket) {
  return (
    !socket.destroyed &&
    !socket.writableEnded &&
    socket.writableLength === 0 &&
    socket.listenerCount('data') === 0 &&
    socket.listenerCount('readable') === 0
  );
}

// In the prototype what nearly all have takes no memory of theirs.
AcceptedLink.prototype.noDelay = true;
AcceptedLink.prototype.isServer = true;

module.exports = AcceptedLink;
