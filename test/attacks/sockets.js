'use strict';

// Sockets of peers that speak bytes, and do so until they are stopped.

const { once } = require('events');
const net = require('net');
const tls = require('tls');
const zlib = require('zlib');

const { upgradeRequest } = require('../integration/support/raw-peer');

/** How long an attacker goes on that nobody stops, in milliseconds. */
const ENOUGH = 15000;

/**
 * Do something a number of times, some of them at once.
 *
 * @param {number} total How many times
 * @param {number} lanes How many at once
 * @param {Function} action Called with the number of the time; may return a
 *     promise
 * @returns {Promise} Fulfilled when all are done
 */
async function repeat(total, lanes, action) {
  let next = 0;

  await Promise.all(
    Array.from({ length: Math.min(lanes, total) }, async () => {
      while (next < total) await action(next++);
    })
  );
}

/**
 * Have a socket bear whatever happens to it.
 *
 * @param {net.Socket} socket The socket
 * @returns {net.Socket} The same, which drops what it reads; the promise `gone`
 *     of it is fulfilled when it is closed
 */
function harden(socket) {
  socket.gone = new Promise((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {});
  return socket.resume();
}

/**
 * Connect without any handshake of HTTP.
 *
 * @param {number} port The port on 127.0.0.1
 * @param {boolean} [isSecure] Whether with TLS
 * @returns {Promise<net.Socket>} The socket, see `harden()`
 */
async function connect(port, isSecure = false) {
  const where = { port, host: '127.0.0.1', rejectUnauthorized: false };
  const socket = harden((isSecure ? tls : net).connect(where));

  await Promise.race([
    once(socket, isSecure ? 'secureConnect' : 'connect').catch(() => {}),
    socket.gone
  ]);
  return socket;
}

/**
 * The request for a path of the server.
 *
 * @param {string} path What it is for
 * @param {string} [extensions] What is offered
 * @returns {string} The request's head
 */
function requestFor(path, extensions) {
  return upgradeRequest(
    extensions ? [`Sec-WebSocket-Extensions: ${extensions}`] : []
  ).replace('GET / ', `GET ${path} `);
}

/**
 * Wait until a socket has written everything, is closed, or it is too late.
 *
 * @param {net.Socket} socket The socket
 * @param {number} end When to stop waiting, as `Date.now()` says it
 * @returns {Promise} Fulfilled then
 */
function drained(socket, end) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, end - Date.now());

    socket.on('drain', done);
    socket.on('close', done);
  });
}

/**
 * Write the same bytes until somebody stops it.
 *
 * @param {net.Socket} socket The socket
 * @param {(Buffer|string)} bytes The bytes
 * @param {number} [times] How often at most
 */
async function pour(socket, bytes, times = Infinity) {
  const end = Date.now() + ENOUGH;

  while (!socket.destroyed && socket.writable && Date.now() < end) {
    if (times-- <= 0) return;
    if (socket.write(bytes)) {
      await new Promise((resolve) => setImmediate(resolve));
    } else {
      await drained(socket, end);
    }
  }
}

/**
 * Compress as a peer does that wants to do harm.
 *
 * @param {number} size How many zeros there are, in bytes
 * @returns {Buffer} The payload of a message, about a thousandth of it
 */
function bomb(size) {
  const bytes = zlib.deflateRawSync(Buffer.alloc(size), {
    finishFlush: zlib.constants.Z_SYNC_FLUSH,
    level: 9
  });

  return bytes.subarray(0, -4);
}

module.exports = { bomb, connect, harden, pour, repeat, requestFor };
