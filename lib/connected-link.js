'use strict';

const { constants } = require('node:os');

const AcceptedLink = require('./accepted-link');
const { Command } = require('./command-writer');
const { kWebSocket } = require('./constants');
const {
  END,
  RAW,
  SECURE,
  SESSION,
  SOCKET_ERROR,
  TLS_ERROR
} = require('./events');
const io = require('./io-thread');
const { systemError } = require('./socket-shell');
const { TlsInfo } = require('./tls-info');
const { createTlsError } = require('./tls-support');

/**
 * A connection that Node.js has made, and on which the I/O thread does TLS as a
 * client. It reads when it is asked to, once each time, until it becomes a
 * WebSocket's: nothing that is for the WebSocket is read before.
 */
class ConnectedLink extends AcceptedLink {
  /**
   * The socket above it is to be set at once.
   *
   * @param {Number} [threads=1] How many I/O threads there are to choose from
   * @throws {Error} If there is none
   */
  constructor(threads = 1) {
    super(io.choose(threads));
    this.isServer = false;
    this.secure = false;
  }

  /**
   * Takes a descriptor over, of which it makes a copy.
   *
   * @param {Number} fd The descriptor of a connected socket
   * @param {Object} tls The TLS context
   * @param {String} host What is sent as the name of the server, if not empty
   * @param {(Uint8Array|undefined)} session A session to resume
   * @return {Number} 0, or minus the system's error number
   */
  connect(fd, tls, host, session) {
    this.slot = io.allocateSlot(this, this._writer);

    const at = this._writer.begin(Command.CONNECT, this.slot, 8, 0);
    let copy;

    try {
      copy = this._writer.native.connect(
        this._writer.bytes,
        at,
        fd,
        tls,
        host,
        session
      );
    } catch {
      copy = -constants.errno.ENOMEM;
    }

    if (copy < 0) {
      io.releaseSlot(this.slot);
      this.slot = -1;
      return copy;
    }
    this._writer.end(8);
    io.scheduleFlush();
    this.setReferenced(true);
    return 0;
  }

  /** @type {Number} */
  get bytesRead() {
    return this._isUnused() ? 0 : super.bytesRead;
  }

  /** @type {Number} */
  get bytesWritten() {
    return this._isUnused() ? 0 : super.bytesWritten;
  }

  /**
   * Whether there is no descriptor yet.
   *
   * @return {Boolean} `true` if so
   */
  _isUnused() {
    return this.slot < 0 && this.finalFigures === null;
  }

  /** The socket wants to read. */
  onRead() {
    // A stream asks for more before it shows what it has, which may be the
    // last that is not for a WebSocket.
    if (this.secure && !this.begun) process.nextTick(readMore, this);
  }

  /**
   * Something has happened.
   *
   * @param {...*} event What: see `_onEvent()`
   */
  onEvent(...event) {
    // Behind that, the context is seen to as of other connections.
    if (this.context === null || this.begun) this._onEvent(...event);
    else this.context.runInAsyncScope(this._onEvent, this, ...event);
  }

  /**
   * Likewise, in the context of whoever has connected.
   *
   * @param {Number} kind What (lib/events.js)
   * @param {Boolean} chunkStart Whether it is the first event of a read
   * @param {Buffer} data The payload
   * @param {Number} a A value that depends on the kind
   * @param {Number} b Another one
   */
  _onEvent(kind, chunkStart, data, a, b) {
    const { socket } = this;

    if (kind === SESSION) {
      socket.takeSession(Buffer.from(data));
    } else if (kind === SECURE) {
      this.secure = true;
      socket.onSecure(new TlsInfo(data.latin1Slice().split('\n')));
    } else if (kind === RAW && !this.begun) {
      this.paused = true;
      socket.takeData(data);
    } else if (this.secure) {
      super.onEvent(kind, chunkStart, data, a, b);
    } else if (kind === TLS_ERROR) {
      socket.onTlsError(createTlsError(data.latin1Slice().split('\n')));
    } else if (kind === SOCKET_ERROR) {
      socket.destroy(systemError(a, b === 0 ? 'read' : 'write'));
    } else if (kind === END) {
      socket.onEarlyEnd();
    } else {
      super.onEvent(kind, chunkStart, data, a, b);
    }
  }
}

/**
 * Reads once, unless it is for a WebSocket.
 *
 * @param {ConnectedLink} link The connection
 */
function readMore(link) {
  if (link.begun) return;
  // It is not decided yet who reads what is for a WebSocket.
  if (link.raw || link.socket[kWebSocket] === undefined) link.resume();
}

module.exports = ConnectedLink;
