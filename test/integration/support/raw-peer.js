'use strict';

const { createHash } = require('crypto');
const { once } = require('events');
const net = require('net');
const tls = require('tls');

const { parseFrames } = require('./frames');

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/**
 * The value of Sec-WebSocket-Accept that answers a key.
 *
 * @param {string} key The value of Sec-WebSocket-Key
 * @returns {string} The answer
 */
function acceptKey(key) {
  return createHash('sha1')
    .update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
    .digest('base64');
}

/**
 * A peer that speaks bytes: it keeps all that arrives on a socket, split into
 * the head of an HTTP message and the frames behind it.
 */
class RawPeer {
  /**
   * @param {net.Socket} socket The connection
   */
  constructor(socket) {
    this.socket = socket;
    this.received = Buffer.alloc(0);
    this.ended = false;
    this.closed = false;
    this.reset = false;
    this.waiting = [];

    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.wake();
    });
    socket.on('end', () => {
      this.ended = true;
      this.wake();
    });
    socket.on('error', (err) => {
      if (err.code === 'ECONNRESET') this.reset = true;
    });
    socket.on('close', () => {
      this.closed = true;
      this.wake();
    });
  }

  /** Try the conditions somebody waits for. */
  wake() {
    this.waiting = this.waiting.filter(({ condition, resolve }) => {
      if (!condition()) return true;
      resolve();
      return false;
    });
  }

  /**
   * Wait until a condition holds; it is tried whenever something arrives.
   *
   * @param {Function} condition Returns true when the wait is over
   * @returns {Promise} Fulfilled then
   */
  until(condition) {
    return new Promise((resolve) => {
      this.waiting.push({ condition, resolve });
      this.wake();
    });
  }

  /** The head of the HTTP message, with its empty line, or null. */
  get head() {
    const end = this.received.indexOf('\r\n\r\n');

    return end === -1 ? null : this.received.toString('latin1', 0, end + 4);
  }

  /** The bytes behind the head. */
  get body() {
    return this.head === null
      ? Buffer.alloc(0)
      : this.received.subarray(this.head.length);
  }

  /** The complete frames behind the head. */
  get frames() {
    return parseFrames(this.body).frames;
  }

  /**
   * Wait for a number of frames, and at most for the end of the stream.
   *
   * @param {number} count How many
   * @returns {Promise<Object[]>} All frames that arrived
   */
  async untilFrames(count) {
    await this.until(() => this.frames.length >= count || this.ended);
    return this.frames;
  }

  /**
   * Wait for the peer's FIN, or for the end of the connection.
   *
   * @returns {Promise} Fulfilled then
   */
  untilEnd() {
    return this.until(() => this.ended || this.closed);
  }

  /**
   * Wait until the connection is gone.
   *
   * @returns {Promise} Fulfilled then
   */
  untilClosed() {
    return this.until(() => this.closed);
  }

  /**
   * Write bytes.
   *
   * @param {...(Buffer|String)} pieces The bytes, written at once
   * @returns {Promise} Fulfilled when the kernel took them
   */
  write(...pieces) {
    const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));

    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }
}

/**
 * The request of an opening handshake.
 *
 * @param {string[]} [lines] More header lines
 * @returns {string} The request's head
 */
function upgradeRequest(lines = []) {
  return [
    'GET / HTTP/1.1',
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
    ...lines,
    '\r\n'
  ].join('\r\n');
}

/**
 * Connect with a server over TCP, or TLS, without any handshake of HTTP.
 *
 * @param {(number|WebSocketServer)} server The port on 127.0.0.1, or a server,
 *     which may have TLS
 * @param {Object} [options] Options of `net.connect()`
 * @returns {Promise<RawPeer>} The connected peer
 */
async function rawConnect(server, options) {
  const isSecure = !!server.options?.tls;
  const socket = (isSecure ? tls : net).connect({
    port: server.options ? server.address().port : server,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...options
  });

  await once(socket, isSecure ? 'secureConnect' : 'connect');
  socket.setNoDelay(true);
  return new RawPeer(socket);
}

/**
 * Cut a connection with a RST.
 *
 * @param {net.Socket} socket The connection, with TLS or without
 */
function reset(socket) {
  const below = socket._handle?._parent;

  if (below === undefined) {
    socket.resetAndDestroy();
  } else {
    // A TLSSocket cannot by itself. It waits for the handle below to close.
    below.close = (callback) => below.reset(callback);
    socket.destroy();
  }
}

/**
 * Connect with a websocket server, up to the end of its answer.
 *
 * @param {WebSocketServer} wss A server on a TCP port of 127.0.0.1
 * @param {Object} [options]
 * @param {string[]} [options.lines] More header lines of the request
 * @param {Buffer} [options.first] Bytes sent together with the request
 * @param {boolean} [options.allowHalfOpen] Keep writing after the server's FIN
 * @returns {Promise<RawPeer>} The peer, behind the handshake
 */
async function rawClient(wss, options = {}) {
  const peer = await rawConnect(wss, {
    allowHalfOpen: !!options.allowHalfOpen
  });

  peer.write(upgradeRequest(options.lines), options.first || '');
  await peer.until(() => peer.head !== null || peer.closed);
  return peer;
}

/**
 * The answer to an opening handshake.
 *
 * @param {string} request The request's head
 * @param {string[]} [lines] More header lines
 * @returns {string} The response's head
 */
function upgradeResponse(request, lines = []) {
  const key = /sec-websocket-key: *([^\r]*)/i.exec(request)[1];

  return [
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Accept: ${acceptKey(key)}`,
    ...lines,
    '\r\n'
  ].join('\r\n');
}

/**
 * A TCP server whose connections are raw peers.
 */
class RawServer {
  /**
   * @param {Function} [handle] Called with each peer when its request has
   *     come; answers the handshake by default
   */
  constructor(handle) {
    this.peers = [];
    this.sockets = new Set();
    this.waiting = [];
    this.server = net.createServer({ allowHalfOpen: true }, async (socket) => {
      const peer = new RawPeer(socket);

      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      await peer.until(() => peer.head !== null || peer.closed);
      if (peer.head === null) return;
      if (handle) {
        handle(peer);
      } else {
        peer.write(upgradeResponse(peer.head));
      }
      this.peers.push(peer);
      this.waiting.splice(0).forEach((wake) => wake());
    });
  }

  /**
   * Listen on a free port.
   *
   * @returns {Promise<RawServer>} The server itself
   */
  async listen() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  /** The URL to connect to. */
  get url() {
    return `ws://127.0.0.1:${this.server.address().port}`;
  }

  /**
   * Wait for the first connection whose handshake was answered.
   *
   * @returns {Promise<RawPeer>} The peer
   */
  async peer() {
    if (!this.peers.length) {
      await new Promise((resolve) => this.waiting.push(resolve));
    }
    return this.peers[0];
  }

  /**
   * Destroy all connections and stop listening.
   *
   * @returns {Promise} Fulfilled when the server is closed
   */
  close() {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

module.exports = {
  acceptKey,
  KEY,
  rawClient,
  rawConnect,
  RawPeer,
  RawServer,
  reset,
  upgradeRequest,
  upgradeResponse
};
