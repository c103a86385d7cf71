'use strict';

const os = require('node:os');

const { CLOSE_TIMEOUT } = require('./constants');
const { isAvailable } = require('./io-thread');

/** Has servers of their own port served by the I/O thread from the start. */
const NATIVE = !!process.env.BEASTWS_NATIVE;

/** What the options of a server are if nothing is said. */
const DEFAULTS = {
  allowSynchronousEvents: true,
  autoPing: true,
  autoPong: true,
  backlog: null,
  backpressurePolicy: 'terminate',
  clientTracking: true,
  closeTimeout: CLOSE_TIMEOUT,
  handleProtocols: null,
  host: null,
  idleTimeout: 0,
  ioThread: true,
  ioThreads: 1,
  maxBackpressure: 0,
  maxBufferedChunks: 256 * 1024,
  maxFragments: 16 * 1024,
  maxPayload: 100 * 1024 * 1024,
  maxPendingAutoPongs: 60,
  noServer: false,
  path: null,
  perMessageDeflate: false,
  port: null,
  server: null,
  skipUTF8Validation: false,
  verifyClient: null
};

/**
 * Checks how many I/O threads are wanted: no more than can run at once.
 *
 * @param {Object} options The options of a server
 * @throws {(TypeError|RangeError)} If there cannot be so many
 */
function checkThreads({ ioThread, ioThreads }) {
  const max = os.availableParallelism();

  if (!Number.isInteger(ioThreads)) {
    throw new TypeError('The "ioThreads" option must be an integer');
  }
  if (ioThreads < 1 || ioThreads > max) {
    throw new RangeError(
      `The "ioThreads" option must be from 1 to ${max}, the number of ` +
        'processors that there are'
    );
  }
  if (ioThreads > 1 && ioThread === false) {
    throw new TypeError(
      'The "ioThreads" option and "ioThread: false" cannot go together'
    );
  }
}

/**
 * Whether the I/O thread is to accept the connections.
 *
 * @param {Object} options The options of a server with a port
 * @return {Boolean} `true` if so
 * @throws {TypeError} If the options contradict each other
 */
function isNative(options) {
  if ((options.tls || options.native) && !isAvailable) {
    throw new Error(
      'The "native" option needs the I/O thread, which is not in this build'
    );
  }
  if (options.tls) {
    if (options.ioThread && options.native !== false) return true;
    throw new TypeError(
      'The "tls" option is for native listeners; use an https server and ' +
        'the "server" option otherwise'
    );
  }
  if (options.native === undefined) {
    return NATIVE && options.ioThread && isAvailable;
  }
  if (options.native && options.ioThread === false) {
    throw new TypeError(
      'The "native" option and "ioThread: false" cannot go together'
    );
  }
  return !!options.native;
}

module.exports = { DEFAULTS, checkThreads, isNative };
