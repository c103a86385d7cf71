'use strict';

const dns = require('node:dns');
const EventEmitter = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const { inspect } = require('node:util');

const createSocket = require('./native-socket');
const ListenerLink = require('./listener-link');

/** Fields in front of a request's own: see Listeners::HandOver(). */
const NAMES = 6;

/** A handshake is cut after this time, in milliseconds. */
const HANDSHAKE_TIMEOUT = 10 * 1000;

/** How many may be under way; the oldest makes room for one more. */
const MAX_HANDSHAKES = 16 * 1024;

/** How long a connection may be idle between plain requests, in ms. */
const KEEP_ALIVE_TIMEOUT = 5 * 1000;

/** Node's own limit of fields in a request. */
const MAX_HEADERS = 2000;

const BACKLOG = 511;

/**
 * A server for websockets alone: the I/O thread accepts connections, reads
 * requests, and answers those that are no upgrade. Emits 'listening', 'upgrade'
 * as an `http.Server` does, 'error' and 'close'.
 */
class NativeServer extends EventEmitter {
  /**
   * @param {Object} [options] Options
   * @param {Number} [options.handshakeTimeout=10000] How long a connection may
   *     take to ask for an upgrade, in ms
   * @param {Number} [options.maxHandshakes=16384] How many connections may be
   *     about to do so
   * @param {Number} [options.maxHeaderSize] Limit of a request's head in bytes,
   *     `http.maxHeaderSize` by default
   * @param {Boolean} [options.reusePort=false] Whether other processes may
   *     listen on the same port
   * @throws {(TypeError|RangeError)} If an option cannot be used
   */
  constructor(options = {}) {
    super();

    // Nobody is to believe that this was encrypted.
    if (options.tls) {
      throw new TypeError('The "tls" option is not supported');
    }

    this.listening = false;
    this._reusePort = !!options.reusePort;
    this._limits = {
      handshakeTimeout: limitOf(
        options,
        'handshakeTimeout',
        HANDSHAKE_TIMEOUT,
        2 ** 31 - 1
      ),
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      maxHandshakes: limitOf(options, 'maxHandshakes', MAX_HANDSHAKES, 2 ** 30),
      maxHeaders: MAX_HEADERS,
      maxHeaderSize: limitOf(
        options,
        'maxHeaderSize',
        http.maxHeaderSize,
        2 ** 20
      )
    };
    this._link = null;
    this._path = null;
    // The look-up of a host name that is under way.
    this._attempt = null;
    this._referenced = true;
    this._sockets = 0;
    // Set while closing, until nothing is left.
    this._closing = false;
  }

  /**
   * Begins to listen.
   *
   * @param {(Number|String)} port The port, 0 for any; or the path of a unix
   *     socket
   * @param {String} [host] The address or name to listen on, all by default
   * @param {Number} [backlog] How many connections the system keeps for us
   * @param {Function} [callback] Called on 'listening'
   * @return {NativeServer} The server
   * @throws {RangeError} If that is no port
   */
  listen(port, host, backlog, callback) {
    const isPath = typeof port === 'string' && !(Number(port) >= 0);
    const where = {
      family: 6,
      host: '::',
      port: isPath ? 0 : checkPort(port),
      backlog: backlog > 0 ? Math.floor(backlog) : BACKLOG,
      reusePort: this._reusePort
    };

    if (typeof callback === 'function') this.once('listening', callback);

    if (isPath) {
      this._path = port;
      this._open({ ...where, family: 0, host: port });
    } else if (host) {
      const attempt = {};

      this._attempt = attempt;
      dns.lookup(host, (err, address, family) => {
        // Closed meanwhile.
        if (this._attempt !== attempt) return;
        if (err) this.emit('error', err);
        else this._open({ ...where, host: address, family });
      });
    } else {
      this._open(where);
    }

    return this;
  }

  /**
   * Opens the listening socket.
   *
   * @param {Object} where As for `ListenerLink.prototype.open()`
   */
  _open(where) {
    const link = new ListenerLink(this);
    let err = tryToOpen(link, where);

    // A system without IPv6.
    if (
      err !== null &&
      where.host === '::' &&
      (err.code === 'EAFNOSUPPORT' || err.code === 'EADDRNOTAVAIL')
    ) {
      err = tryToOpen(link, { ...where, family: 4, host: '0.0.0.0' });
    }
    if (err !== null) {
      this._path = null;
      process.nextTick(() => this.emit('error', err));
      return;
    }

    this._link = link;
    this.listening = true;
    link.setReferenced(this._referenced);
    link.start(this._limits);
    process.nextTick(() => {
      if (this.listening) this.emit('listening');
    });
  }

  /**
   * Where the server listens.
   *
   * @return {(Object|String|null)} `address`, `family` and `port`, the path of
   *     a unix socket, or `null`
   */
  address() {
    if (!this.listening) return null;
    return this._path ?? this._link.address();
  }

  /**
   * Counts connections.
   *
   * @param {Function} callback Called with an error or `null`, and the number
   * @return {NativeServer} The server
   */
  getConnections(callback) {
    const handshakes = this._link === null ? 0 : this._link.handshakes;

    process.nextTick(callback, null, this._sockets + handshakes);
    return this;
  }

  /**
   * Stops listening. 'close' comes when all connections are gone.
   *
   * @param {Function} [callback] Called on 'close', with an error if the server
   *     was not running
   * @return {NativeServer} The server
   */
  close(callback) {
    if (typeof callback === 'function') {
      if (this.listening || this._closing) {
        this.once('close', callback);
      } else {
        const err = new Error('Server is not running.');

        err.code = 'ERR_SERVER_NOT_RUNNING';
        this.once('close', () => callback(err));
      }
    }
    if (this._closing) return this;

    this._closing = true;
    this._attempt = null;
    if (this.listening) {
      this.listening = false;
      this._link.close();
      if (this._path !== null) removeFile(this._path);
    } else {
      this._emitCloseIfDrained();
    }
    return this;
  }

  /**
   * Keeps the event loop alive while listening.
   *
   * @return {NativeServer} The server
   */
  ref() {
    this._referenced = true;
    if (this._link !== null) this._link.setReferenced(true);
    return this;
  }

  /**
   * Does not keep the event loop alive.
   *
   * @return {NativeServer} The server
   */
  unref() {
    this._referenced = false;
    if (this._link !== null) this._link.setReferenced(false);
    return this;
  }

  /**
   * A connection asks for an upgrade.
   *
   * @param {Number} id Its number on the I/O thread
   * @param {String[]} fields Addresses, and the request
   * @param {Buffer} head What came behind it
   */
  onUpgrade(id, fields, head) {
    const socket = createSocket(this, id, fields);

    this._sockets++;
    if (this.listenerCount('upgrade') === 0) {
      refuse(socket);
      return;
    }
    this.emit('upgrade', createRequest(socket, fields), socket, head);
  }

  /**
   * The I/O thread cannot serve the listening socket.
   *
   * @param {Error} err Why
   */
  onListenerError(err) {
    if (this.listening) {
      this.listening = false;
      this._link.close();
      if (this._path !== null) removeFile(this._path);
    }
    this.emit('error', err);
  }

  /** The I/O thread has let go of the listening socket. */
  onListenerClosed() {
    this._link = null;
    this._emitCloseIfDrained();
  }

  /** A connection is gone. */
  onSocketGone() {
    this._sockets--;
    this._emitCloseIfDrained();
  }

  /** Emits 'close' when there is nothing left to wait for. */
  _emitCloseIfDrained() {
    if (!this._closing || this._link !== null || this._sockets > 0) return;

    this._closing = false;
    process.nextTick(() => this.emit('close'));
  }
}

/**
 * Opens a listening socket.
 *
 * @param {ListenerLink} link What is going to have it
 * @param {Object} where As for `ListenerLink.prototype.open()`
 * @return {(Error|null)} Why it is not possible; also that there is no thread
 */
function tryToOpen(link, where) {
  try {
    return link.open(where);
  } catch (err) {
    return err;
  }
}

/**
 * Makes the request that `http` would have made.
 *
 * @param {NativeSocket} socket The connection
 * @param {String[]} fields Addresses, method, target, minor version, and names
 *     and values of the header fields; an empty one at the end
 * @return {http.IncomingMessage} The request
 */
function createRequest(socket, fields) {
  const req = new http.IncomingMessage(socket);

  req.httpVersionMajor = 1;
  req.httpVersionMinor = +fields[NAMES + 2];
  req.httpVersion = `1.${fields[NAMES + 2]}`;
  req.method = fields[NAMES];
  req.url = fields[NAMES + 1];

  const headers = fields.slice(NAMES + 3, -1);

  // As Node's own parser hands them over: `headers` and `headersDistinct` are
  // made of them when somebody asks.
  req._addHeaderLines(headers, headers.length);
  req.upgrade = true;
  req.complete = true;
  req.push(null);
  return req;
}

/**
 * Removes the file of a unix socket, as Node does when a server closes.
 *
 * @param {String} path The file
 */
function removeFile(path) {
  try {
    fs.unlinkSync(path);
  } catch {
    // Somebody else has.
  }
}

/**
 * Refuses a connection that nobody wants any more.
 *
 * @param {NativeSocket} socket The connection
 */
function refuse(socket) {
  socket.on('error', () => {});
  socket.once('finish', socket.destroy);
  socket.end(
    'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n' +
      'Content-Type: text/html\r\nContent-Length: 19\r\n\r\n' +
      'Service Unavailable'
  );
}

/**
 * Reads an option that is a limit.
 *
 * @param {Object} options The options
 * @param {String} name Its name
 * @param {Number} fallback Its default
 * @param {Number} max The greatest value allowed
 * @return {Number} Its value
 * @throws {(TypeError|RangeError)} If it is none
 */
function limitOf(options, name, fallback, max) {
  const value = options[name] ?? fallback;

  if (typeof value !== 'number') {
    throw new TypeError(`The "${name}" option must be a number`);
  }
  if (!(value >= 1 && value <= max)) {
    throw new RangeError(
      `The "${name}" option must be a number from 1 to ${max}`
    );
  }
  return Math.floor(value);
}

/**
 * Checks a port, as Node does.
 *
 * @param {(Number|String)} port The port
 * @return {Number} The port
 * @throws {RangeError} If it is none
 */
function checkPort(port) {
  if (
    (typeof port !== 'number' && typeof port !== 'string') ||
    (typeof port === 'string' && port.trim() === '') ||
    +port !== +port >>> 0 ||
    port > 0xffff
  ) {
    const err = new RangeError(
      'options.port should be >= 0 and < 65536. Received type ' +
        `${typeof port} (${inspect(port)}).`
    );

    err.code = 'ERR_SOCKET_BAD_PORT';
    throw err;
  }
  return +port;
}

module.exports = NativeServer;
