'use strict';

// Variants: "inline" keeps the protocol on the JavaScript thread, "native" has
// the I/O thread accept connections and read requests, "native-tls" terminates
// TLS there, too.

const tls = require('tls');

const beastws = require('../..');
const { version } = require('../../package.json');

const listenWith = require('./ws-api');
const { start } = require('./common');

const listen = listenWith(beastws, (options, args) => {
  if (options.variant === 'inline') return { ...args, ioThread: false };
  if (options.variant === 'native') return { ...args, native: true };
  if (options.variant === 'native-tls' && options.tls) {
    const { cert, key } = options.tls;
    return { ...args, tls: { cert, key } };
  }
  return args;
});

/**
 * Finds out whether this version has the native TLS listener, by using it.
 *
 * @param {Object} options The server's options
 * @returns {Promise} Rejected if it has not
 */
function probe(options) {
  if (options.variant !== 'native-tls') return Promise.resolve();

  return new Promise((resolve, reject) => {
    const missing = () => reject(new Error('no native TLS listener'));

    listen(options, (port) => {
      const socket = tls.connect({ port, rejectUnauthorized: false }, resolve);
      socket.setTimeout(3000, () => socket.destroy());
      socket.on('error', missing);
      socket.on('close', missing);
    });
  });
}

start({ version, listen, probe });
