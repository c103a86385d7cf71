'use strict';

const { Duplex } = require('node:stream');

/**
 * Calls a function when a WebSocket is not connecting any more, at once if it
 * is not connecting.
 *
 * @param {WebSocket} ws The WebSocket
 * @param {Function} action The function
 */
function whenOpened(ws, action) {
  if (ws.readyState === ws.CONNECTING) ws.once('open', action);
  else action();
}

/**
 * Ends the writable side of a stream: closes the WebSocket and waits until its
 * socket has sent everything.
 *
 * @param {WebSocket} ws The WebSocket
 * @param {Duplex} duplex The stream
 * @param {Function} callback Called when everything was sent
 */
function endWritable(ws, duplex, callback) {
  const socket = ws._socket;

  // The handshake failed: the 'error' of the WebSocket destroys the stream.
  if (socket === null) return;

  if (socket._writableState.finished) {
    callback();
    if (duplex.readableEnded) duplex.destroy();
    return;
  }

  // The 'end' of the stream is still to come, as the WebSocket emits 'close'
  // after its socket has finished; the listener of 'end' destroys the stream.
  socket.once('finish', () => callback());
  ws.close();
}

/**
 * Calls a function when a WebSocket is closed, earlier if it fails before.
 *
 * @param {WebSocket} ws The WebSocket, not closed yet
 * @param {Function} callback Called with the error of the WebSocket, or without
 *     argument when it is closed
 */
function whenSettled(ws, callback) {
  function onError(err) {
    ws.removeListener('close', onClose);
    callback(err);
  }

  function onClose() {
    ws.removeListener('error', onError);
    callback();
  }

  ws.once('error', onError);
  ws.once('close', onClose);
}

/**
 * Makes a duplex stream out of a WebSocket. What is written is sent, one message
 * per chunk; what is received can be read. Ending the stream closes the
 * WebSocket, destroying the stream terminates it.
 *
 * @param {WebSocket} ws The WebSocket
 * @param {Object} [options] The options of the `Duplex` constructor. In readable
 *     object mode text messages are read as strings; `autoDestroy`, `emitClose`,
 *     `objectMode` and `writableObjectMode` are always `false`
 * @return {Duplex} The stream
 */
function createWebSocketStream(ws, options) {
  // After an error of the WebSocket its own closing handshake goes on, to tell
  // the peer what was wrong.
  let failed = false;

  const duplex = new Duplex({
    ...options,
    autoDestroy: false,
    emitClose: false,
    objectMode: false,
    writableObjectMode: false,

    read() {
      if (ws.isPaused) ws.resume();
    },

    write(chunk, encoding, callback) {
      whenOpened(ws, () => ws.send(chunk, callback));
    },

    final(callback) {
      whenOpened(ws, () => endWritable(ws, duplex, callback));
    },

    destroy(err, callback) {
      const emitClose = () => process.nextTick(() => this.emit('close'));

      if (ws.readyState === ws.CLOSED) {
        callback(err);
        emitClose();
        return;
      }

      whenSettled(ws, (wsError) => callback(wsError ?? err));
      ws.once('close', emitClose);
      if (!failed) ws.terminate();
    }
  });

  ws.on('message', (message, isBinary) => {
    const asText = duplex.readableObjectMode && !isBinary;

    if (!duplex.push(asText ? message.toString() : message)) ws.pause();
  });

  ws.once('error', (err) => {
    failed = true;
    duplex.destroy(err);
  });

  ws.once('close', () => {
    if (!duplex.destroyed) duplex.push(null);
  });

  duplex.on('end', () => {
    if (!duplex.destroyed && duplex.writableFinished) duplex.destroy();
  });

  duplex.on('error', function destroyOnError(err) {
    duplex.removeListener('error', destroyOnError);
    duplex.destroy();

    // This listener must not hide an error that nobody else listens for.
    if (duplex.listenerCount('error') === 0) duplex.emit('error', err);
  });

  return duplex;
}

module.exports = createWebSocketStream;
