'use strict';

const { getSystemErrorMap } = require('node:util');

const { Command } = require('./command-writer');
const { EMPTY_BUFFER } = require('./constants');
const {
  LISTENER_CLOSED,
  SOCKET_ERROR,
  TLS_ERROR,
  UPGRADE
} = require('./events');
const io = require('./io-thread');

const { Figure } = io;

/** What the system says about its errors, by number. */
const messages = getSystemErrorMap();

/**
 * A listening socket on the I/O thread. One owner: its server, until
 * `onClosed()`.
 */
class ListenerLink {
  /**
   * @param {Object} owner Who is told: `onUpgrade(link, id, fields, head)`,
   *     `onListenerError(err)`, `onTlsError(fields, errno)` and
   *     `onListenerClosed(link)`
   * @param {Number} thread The I/O thread to be used, from 0 on
   */
  constructor(owner, thread) {
    this.owner = owner;
    this.slot = -1;
    this.referenced = false;
    this.writer = null;
    this._thread = thread;
  }

  /**
   * Binds and listens.
   *
   * @param {Object} where `family` (4, 6, or 0 for a unix socket), `host`,
   *     `port`, `backlog` and `reusePort`
   * @return {(Error|null)} Why it is not possible, as Node says it
   * @throws {Error} If the I/O thread cannot be started
   */
  open({ family, host, port, backlog, reusePort }) {
    const errno = this._begin((native, slot) =>
      native.openListener(slot, family, host, port, backlog, reusePort)
    );

    return errno === 0 ? null : listenError(errno, host, port);
  }

  /**
   * Listens on the socket of another one, on another thread.
   *
   * @param {ListenerLink} other It, open
   * @return {(Error|null)} Why it is not possible
   * @throws {Error} If the I/O thread cannot be started
   */
  share(other) {
    const descriptor = other.writer.native.listenerDescriptor(other.slot);
    const errno = this._begin((native, slot) =>
      native.shareListener(slot, descriptor)
    );

    return errno === 0 ? null : listenError(errno, '', 0);
  }

  /**
   * Takes a slot and makes the socket of it.
   *
   * @param {Function} make Called with the native thread and the slot
   * @return {Number} 0, or the system's error number
   */
  _begin(make) {
    this.writer = io.start(this._thread);
    this.slot = io.allocateSlot(this, this.writer);

    const errno = make(this.writer.native, this.slot);

    if (errno !== 0) {
      io.releaseSlot(this.slot);
      this.slot = -1;
    }
    return errno;
  }

  /**
   * Has connections accepted.
   *
   * @param {Object} limits `maxHeaderSize`, `maxHeaders`, `maxHandshakes`,
   *     `handshakeTimeout` and `keepAliveTimeout`
   * @param {Object} [tls] The TLS context of connections, if they have TLS
   */
  start(limits, tls) {
    const at = this.writer.begin(Command.LISTEN, this.slot, 8, 0);

    this.writer.native.listen(
      this.writer.bytes,
      at,
      this.slot,
      Float64Array.of(
        limits.maxHeaderSize,
        limits.maxHeaders,
        limits.maxHandshakes,
        limits.handshakeTimeout,
        limits.keepAliveTimeout
      ),
      tls
    );
    this.writer.end(8);
    io.scheduleFlush();
  }

  /**
   * Has the next connections begin with another TLS context.
   *
   * @param {Object} tls The context
   */
  setSecureContext(tls) {
    const at = this.writer.begin(Command.SECURE_CONTEXT, this.slot, 8, 0);

    this.writer.native.setSecureContext(this.writer.bytes, at, tls);
    this.writer.end(8);
    io.scheduleFlush();
  }

  /**
   * Where it listens.
   *
   * @return {Object} `address`, `family` and `port`
   */
  address() {
    const [address, port, family] = this.writer.native.listenerAddress(
      this.slot
    );

    return { address, family: family === 4 ? 'IPv4' : 'IPv6', port };
  }

  /**
   * Connections that have not asked for anything yet.
   *
   * @type {Number}
   */
  get handshakes() {
    return this.slot < 0 ? 0 : io.readFigure(this.slot, Figure.BACKLOG);
  }

  /**
   * Stops listening: the port is free at once.
   */
  close() {
    this.writer.native.stopListener(this.slot);
    this.writer.begin(Command.CLOSE_LISTENER, this.slot, 0, 0);
    this.writer.end(0);
    io.scheduleFlush();
  }

  /**
   * Whether the listener keeps the event loop alive.
   *
   * @param {Boolean} on `false` for `unref()`
   */
  setReferenced(on) {
    if (this.slot < 0 || this.referenced === on) return;
    this.referenced = on;
    io.reference(on ? 1 : -1);
  }

  /**
   * Something has happened.
   *
   * @param {Number} kind What (lib/events.js)
   * @param {Boolean} chunkStart Not used
   * @param {Buffer} data The payload
   * @param {Number} a The number of a connection, or of an error
   * @param {Number} b The length of the text in the payload
   */
  onEvent(kind, chunkStart, data, a, b) {
    if (kind === UPGRADE) {
      this.owner.onUpgrade(
        this,
        a,
        data.latin1Slice(0, b).split('\n'),
        b === data.length ? EMPTY_BUFFER : Buffer.from(data.subarray(b))
      );
    } else if (kind === SOCKET_ERROR) {
      this.owner.onListenerError(listenError(-a, '', 0));
    } else if (kind === TLS_ERROR) {
      this.owner.onTlsError(data.latin1Slice().split('\n'), a);
    } else if (kind === LISTENER_CLOSED) {
      const { slot } = this;

      this.setReferenced(false);
      this.slot = -1;
      this.writer.native.forgetListener(slot);
      io.releaseSlot(slot);
      this.owner.onListenerClosed(this);
    }
  }
}

/**
 * Makes the error that a server of Node's emits.
 *
 * @param {Number} errno The number, negative
 * @param {String} address Where to
 * @param {Number} port Likewise
 * @return {Error} The error, with `code`, `errno`, `syscall`, `address` and,
 *     unless it is 0, `port`
 */
function listenError(errno, address, port) {
  const [code, message] = messages.get(errno) ?? [
    `E${-errno}`,
    'unknown error'
  ];
  const syscall = 'listen';
  const where = port > 0 ? `${address}:${port}` : address;
  const err = new Error(`${syscall} ${code}: ${message} ${where}`.trimEnd());

  err.code = code;
  err.errno = errno;
  err.syscall = syscall;
  err.address = address;
  if (port > 0) err.port = port;
  return err;
}

module.exports = ListenerLink;
