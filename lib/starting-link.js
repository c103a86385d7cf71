'use strict';

const { onData } = require('./inline-link');
const { limitsOf } = require('./session-options');

/**
 * A connection in its first tick, when it is not decided yet where it will
 * live: what is sent is written to the socket, and nothing is read.
 */
class StartingLink {
  /**
   * @param {WebSocket} websocket The WebSocket
   * @param {net.Socket} socket The connection
   * @param {Object} options As for `WebSocket.prototype.setSocket()`
   */
  constructor(websocket, socket, options) {
    this.websocket = websocket;
    // Those that count when the first tick is over.
    this.options = options;
    this.limits = limitsOf(options);
    this.socket = socket;
    this.heard = 0;
    // Nothing is read before the next tick, but listeners that a user adds in
    // this one come behind it.
    if (socket._isAwake !== false) this.onSocketAwake(socket);
  }

  /**
   * Listens to the socket, which is a stream at last.
   *
   * @param {stream.Duplex} socket The socket
   */
  onSocketAwake(socket) {
    socket.on('data', onData);
  }

  /**
   * Changes limits on what is received.
   *
   * @param {Object} changes Any of the properties of `limits`
   */
  setLimits(changes) {
    // Other connections may have the same object.
    this.limits = { ...this.limits, ...changes };
    Object.assign(this.options, changes);
  }

  /** @type {Boolean} */
  get oneAtATime() {
    return this.options.allowSynchronousEvents === false;
  }

  set oneAtATime(value) {
    this.options.allowSynchronousEvents = !value;
  }

  /**
   * Bytes in the socket's queue.
   *
   * @type {Number}
   */
  get bufferedBytes() {
    return this.socket.writableLength;
  }

  /** @type {Boolean} */
  get needsDrain() {
    return false;
  }

  /** The socket has ended. */
  onSocketEnd() {}

  /**
   * The socket is closed.
   *
   * @param {Function} detach Separates the socket and the WebSocket
   */
  onSocketClose(detach) {
    detach();
    this.websocket.emitClose();
  }
}

module.exports = StartingLink;
