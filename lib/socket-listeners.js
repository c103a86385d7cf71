'use strict';

const { kWebSocket, NOOP } = require('./constants');
const monitor = require('./monitor');

/** `readyState` of a WebSocket whose connection is going down. */
const CLOSING = 2;

/**
 * Closes a connection that fails during its handshake.
 *
 * @this stream.Duplex
 */
function onHandshakeError() {
  this.destroy();
}

/**
 * Has a connection closed if it fails during its handshake.
 *
 * @param {stream.Duplex} socket The connection
 * @param {Boolean} on Whether the handshake begins, or is done
 */
function guardHandshake(socket, on) {
  if (socket.on !== undefined && socket._isAwake === false) {
    socket._isGuarded = on;
  } else if (on) socket.on('error', onHandshakeError);
  else socket.removeListener('error', onHandshakeError);
}

/**
 * Follows the life of the socket below a WebSocket.
 *
 * @param {stream.Duplex} socket The socket
 */
function attachSocketListeners(socket) {
  // One that sleeps does so when it wakes up.
  if (socket._isAwake === false) return;

  socket.on('close', onClose);
  socket.on('end', onEnd);
  socket.on('error', onError);
}

/**
 * The socket is closed.
 *
 * @this stream.Duplex
 */
function onClose() {
  const websocket = this[kWebSocket];

  this.removeListener('close', onClose);
  this.removeListener('end', onEnd);
  websocket._readyState = CLOSING;
  websocket._unsubscribeAll();
  websocket._link.onSocketClose(() => {
    this[kWebSocket] = undefined;
    clearTimeout(websocket._closeTimer);
  });
}

/**
 * The peer has sent FIN: so do we.
 *
 * @this stream.Duplex
 */
function onEnd() {
  const websocket = this[kWebSocket];

  websocket._readyState = CLOSING;
  websocket._unsubscribeAll();
  websocket._link.onSocketEnd();
  // Node.js would make an error of it, with a stack, and drop it.
  if (!this.writableEnded) this.end();
}

/**
 * The socket has failed. That is no error of the WebSocket: it is closed with
 * the code 1006.
 *
 * @param {Error} err What is wrong
 * @this stream.Duplex
 */
function onError(err) {
  const websocket = this[kWebSocket];

  this.removeListener('error', onError);
  this.on('error', NOOP);
  if (websocket) {
    monitor.failed(websocket, err);
    websocket._readyState = CLOSING;
    websocket._unsubscribeAll();
    this.destroy();
  }
}

module.exports = { attachSocketListeners, guardHandshake, onHandshakeError };
