'use strict';

const { EMPTY_BUFFER } = require('./constants');

/**
 * What a socket tells of frames that wait on the I/O thread: `writableLength`,
 * `writableNeedDrain`, what `write()` returns and 'drain' are those of a socket
 * that the frames had been written to.
 */

/**
 * How many bytes wait to be written.
 *
 * @param {stream.Duplex} socket The socket
 * @param {NativeLink} link Its connection
 * @return {Number} The number. Raw bytes are among those of the connection, or
 *     are all there is
 */
function pendingBytes(socket, link) {
  return Math.max(socket._writableState.length, link.bufferedBytes);
}

/**
 * Whether so much waits that `write()` returns `false`.
 *
 * @param {stream.Duplex} socket The socket
 * @param {NativeLink} link Its connection
 * @return {Boolean} `true` if so; 'drain' comes then
 */
function isFull(socket, link) {
  return (
    // Of raw bytes alone the stream knows everything by itself.
    !link.raw &&
    !socket.destroyed &&
    !socket.writableEnded &&
    link.bufferedBytes >= socket.writableHighWaterMark
  );
}

/**
 * Corrects what `write()` of a stream has returned.
 *
 * @param {stream.Duplex} socket The socket
 * @param {NativeLink} link Its connection
 * @param {Boolean} more Whether more may be written, as far as the stream knows
 * @return {Boolean} Whether more may be written
 */
function afterWrite(socket, link, more) {
  if (!isFull(socket, link)) return more;
  watchDrain(link);
  return false;
}

/**
 * Has 'drain' emitted when all that was sent up to now is written.
 *
 * @param {NativeLink} link The connection
 */
function watchDrain(link) {
  if (link.drainWatched) return;

  link.drainWatched = true;
  // Behind everything that is sent in this tick.
  process.nextTick(() => {
    link.sendRaw(EMPTY_BUFFER, () => {
      link.drainWatched = false;
      emitDrain(link);
    });
  });
}

/**
 * Emits 'drain', or waits for what was sent meanwhile.
 *
 * @param {NativeLink} link The connection
 */
function emitDrain(link) {
  const { socket } = link;

  if (link.slot < 0 || link.closing || socket.writableEnded) return;
  if (link.bufferedBytes > 0) {
    watchDrain(link);
    return;
  }
  // Behind raw bytes of its own the stream emits it.
  socket._writableState.needDrain = socket._writableState.length > 0;
  if (!socket._writableState.needDrain) socket.emit('drain');
}

/**
 * Somebody listens to 'drain', or frames begin to wait while somebody does.
 *
 * @param {NativeLink} link The connection
 */
function expectDrain(link) {
  if (!link.raw && link.slot >= 0 && !link.closing && link.bufferedBytes > 0) {
    watchDrain(link);
  }
}

module.exports = { afterWrite, expectDrain, isFull, pendingBytes };
