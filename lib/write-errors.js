'use strict';

const {
  constants: { errno }
} = require('node:os');

const { systemError } = require('./socket-shell');

/**
 * What callbacks get whose bytes were not written when the connection ended:
 * what Node's streams say in its version.
 */

/** From Node.js 22 on, the write that is under way fails as well. */
const CANCELS = parseInt(process.versions.node, 10) >= 22;

/**
 * @return {Error} For messages that were not compressed in time
 */
function compressionError() {
  return new Error('The socket was closed while data was being compressed');
}

/**
 * Makes a function that says what went wrong.
 *
 * @param {stream.Duplex} socket The socket
 * @return {Function} Called for one callback after the other, in order, it
 *     returns what that gets: an error, or `null`
 */
function explainUnwritten(socket) {
  const cancelled = CANCELS ? systemError(errno.ECANCELED, 'write') : null;
  const { errored } = socket._writableState;
  const reason = errored ?? cancelled;
  let first = true;

  return () => {
    if (first) {
      first = false;
      // The write that is under way knows better if it is the one that failed.
      return errored?.syscall === 'write' ? errored : cancelled;
    }
    return reason ?? destroyedError();
  };
}

/**
 * @return {Error} What Node's streams tell those who wait behind a write
 */
function destroyedError() {
  const err = new Error('Cannot call write after a stream was destroyed');

  err.code = 'ERR_STREAM_DESTROYED';
  return err;
}

module.exports = { compressionError, explainUnwritten };
