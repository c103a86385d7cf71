'use strict';

const dns = require('node:dns');
const EventEmitter = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const { constants } = require('node:os');
const { inspect } = require('node:util');

const ListenerLink = require('./listener-link');
const { createRequest, createSocket } = require('./native-request');
const ServerTls = require('./server-tls');
const { systemError } = require('./socket-shell');
const { createError, createTlsError } = require('./tls-support');

/** A handshake is cut after this time, in milliseconds. */
const HANDSHAKE_TIMEOUT = 10 * 1000;

/** How many may be under way; the oldest makes room for one more. */
const MAX_HANDSHAKES = 16 * 1024;

/** Likewise with TLS, of which one under way takes up to 60 KB. */
const MAX_TLS_HANDSHAKES = 4 * 1024;

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
   * @param {Number} [options.ioThreads=1] How many I/O threads share the
   *     connections
   * @param {Object} [options.tls] How TLS is done, if it is: see ServerTls
   * @throws {(TypeError|RangeError|Error)} If an option cannot be used
   */
  constructor(options = {}) {
    super();

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
      maxHandshakes: limitOf(
        options,
        'maxHandshakes',
        options.tls ? MAX_TLS_HANDSHAKES : MAX_HANDSHAKES,
        2 ** 30
      ),
      maxHeaders: MAX_HEADERS,
      maxHeaderSize: limitOf(
        options,
        'maxHeaderSize',
        http.maxHeaderSize,
        2 ** 20
      )
    };
    this._tls = options.tls
      ? new ServerTls(options.tls, this._limits.handshakeTimeout)
      : null;
    this._threads = options.ioThreads ?? 1;
    // One for each thread, while it listens.
    this._links = [];
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
    const first = new ListenerLink(this, 0);
    let err = tryTo(() => first.open(where));

    // A system without IPv6.
    if (
      err !== null &&
      where.host === '::' &&
      (err.code === 'EAFNOSUPPORT' || err.code === 'EADDRNOTAVAIL')
    ) {
      err = tryTo(() => first.open({ ...where, family: 4, host: '0.0.0.0' }));
    }
    if (err !== null) {
      this._path = null;
      process.nextTick(() => this.emit('error', err));
      return;
    }

    this._links.push(first);
    for (let i = 1; i < this._threads; i++) {
      const link = new ListenerLink(this, i);

      // Those that there are do.
      if (tryTo(() => link.share(first)) === null) this._links.push(link);
    }

    const limits = {
      ...this._limits,
      maxHandshakes: Math.ceil(this._limits.maxHandshakes / this._links.length)
    };

    this.listening = true;
    for (const link of this._links) {
      link.setReferenced(this._referenced);
      link.start(limits, this._tls === null ? undefined : this._tls.handle);
    }
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
    return this._path ?? this._links[0].address();
  }

  /**
   * Counts connections.
   *
   * @param {Function} callback Called with an error or `null`, and the number
   * @return {NativeServer} The server
   */
  getConnections(callback) {
    let count = this._sockets;

    for (const link of this._links) count += link.handshakes;
    process.nextTick(callback, null, count);
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
    if (this.listening) this._stop();
    else this._emitCloseIfDrained();
    return this;
  }

  /** Stops listening. */
  _stop() {
    this.listening = false;
    for (const link of this._links) link.close();
    if (this._path !== null) removeFile(this._path);
  }

  /**
   * Keeps the event loop alive while listening.
   *
   * @return {NativeServer} The server
   */
  ref() {
    this._referenced = true;
    for (const link of this._links) link.setReferenced(true);
    return this;
  }

  /**
   * Does not keep the event loop alive.
   *
   * @return {NativeServer} The server
   */
  unref() {
    this._referenced = false;
    for (const link of this._links) link.setReferenced(false);
    return this;
  }

  /**
   * A connection asks for an upgrade.
   *
   * @param {ListenerLink} link Where it comes from
   * @param {Number} id Its number on the I/O thread
   * @param {String[]} fields Addresses, and the request
   * @param {Buffer} head What came behind it
   */
  onUpgrade(link, id, fields, head) {
    const socket = createSocket(this, link.writer, id, fields, this._tls);

    this._sockets++;
    if (this.listenerCount('upgrade') === 0) {
      refuse(socket);
      return;
    }
    this.emit(
      'upgrade',
      createRequest(socket, fields, this._tls),
      socket,
      head
    );
  }

  /**
   * TLS could not be opened with a peer. It is gone.
   *
   * @param {String[]} fields Addresses, and lines about the error
   * @param {Number} errno The system's error number, 0 if the peer has left,
   *     EPROTO for one of TLS, ETIMEDOUT if it took too long
   */
  onTlsError(fields, errno) {
    if (this.listenerCount('tlsClientError') === 0) return;

    let err;

    if (errno === constants.errno.EPROTO) {
      err = createTlsError(fields.slice(6));
    } else if (errno === constants.errno.ETIMEDOUT) {
      err = createError('TLS handshake timeout', 'ERR_TLS_HANDSHAKE_TIMEOUT');
    } else if (errno === 0) {
      err = createError('socket hang up', 'ECONNRESET');
    } else {
      err = systemError(errno, 'read');
    }

    this.emit('tlsClientError', err, {
      remoteAddress: fields[0] || undefined,
      remotePort: +fields[1] || undefined,
      localAddress: fields[3] || undefined,
      localPort: +fields[4] || undefined
    });
  }

  /**
   * Has connections that come from now on see other certificates.
   *
   * @param {Object} options As for `tls.Server.prototype.setSecureContext()`
   * @throws {Error} If they are wrong, or the server has no TLS
   */
  setSecureContext(options) {
    this._requireTls().setSecureContext(options);
    this._renewTls();
  }

  /**
   * Has those who ask for a certain name see other certificates.
   *
   * @param {String} hostname The name; `*` stands for a label or part of it
   * @param {Object} context A `tls.SecureContext`, or options for one
   * @throws {Error} If that cannot be, or the server has no TLS
   */
  addContext(hostname, context) {
    this._requireTls().addContext(hostname, context);
    this._renewTls();
  }

  /**
   * The keys that session tickets are encrypted with.
   *
   * @return {Buffer} 48 bytes
   * @throws {Error} If the server has no TLS
   */
  getTicketKeys() {
    return this._requireTls().getTicketKeys();
  }

  /**
   * Has session tickets encrypted with other keys.
   *
   * @param {Uint8Array} keys 48 bytes
   * @throws {Error} If it is something else, or the server has no TLS
   */
  setTicketKeys(keys) {
    this._requireTls().setTicketKeys(keys);
    this._renewTls();
  }

  /**
   * @return {ServerTls} How TLS is done
   * @throws {Error} If it is not
   */
  _requireTls() {
    if (this._tls === null) {
      throw createError('The server has no "tls" option', 'ERR_BEASTWS_TLS');
    }
    return this._tls;
  }

  /** Tells the I/O thread how TLS is done now. */
  _renewTls() {
    if (!this.listening) return;
    for (const link of this._links) link.setSecureContext(this._tls.handle);
  }

  /**
   * The I/O thread cannot serve the listening socket.
   *
   * @param {Error} err Why
   */
  onListenerError(err) {
    if (this.listening) this._stop();
    this.emit('error', err);
  }

  /**
   * An I/O thread has let go of the listening socket.
   *
   * @param {ListenerLink} link Whose it was
   */
  onListenerClosed(link) {
    this._links.splice(this._links.indexOf(link), 1);
    this._emitCloseIfDrained();
  }

  /** A connection is gone. */
  onSocketGone() {
    this._sockets--;
    this._emitCloseIfDrained();
  }

  /** Emits 'close' when there is nothing left to wait for. */
  _emitCloseIfDrained() {
    if (!this._closing || this._links.length > 0 || this._sockets > 0) return;

    this._closing = false;
    process.nextTick(() => this.emit('close'));
  }
}

/**
 * Opens a listening socket.
 *
 * @param {Function} open Returns an error, or `null`
 * @return {(Error|null)} That, or what was thrown: there may be no thread
 */
function tryTo(open) {
  try {
    return open();
  } catch (err) {
    return err;
  }
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
