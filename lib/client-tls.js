'use strict';

const net = require('node:net');
const { constants } = require('node:os');
const tls = require('node:tls');

const captureContext = require('./async-context');
const binding = require('./binding');
const ConnectedLink = require('./connected-link');
const { kLink } = require('./constants');
const io = require('./io-thread');
const { wake } = require('./lazy-duplex');
const NativeTlsSocket = require('./native-tls-socket');
const { systemError } = require('./socket-shell');
const clientContext = require('./client-tls-context');
const { createError, requireTls, verifyMessage } = require('./tls-support');

/** Options of `tls.connect()` that the I/O thread has nothing for. */
const FOREIGN_OPTIONS = [
  'ALPNCallback',
  'clientCertEngine',
  'enableTrace',
  'minDHSize',
  'privateKeyEngine',
  'privateKeyIdentifier',
  'pskCallback',
  'requestOCSP',
  'secureContext',
  'socket'
];

/** Whether it was said that certificates are not checked. */
let warned = false;

/**
 * A connection to a server: Node.js looks the host up and connects, the I/O
 * thread does TLS. Emits 'connect' and 'secureConnect'.
 */
class TlsClientSocket extends NativeTlsSocket {
  /**
   * @param {Object} options As for `tls.connect()`
   * @throws {Error} If they are wrong
   */
  constructor(options) {
    super(null, new ConnectedLink(options.ioThreads), {}, {});
    // It is used as a stream from the beginning.
    wake(this);
    this[kLink].context = captureContext();

    this._options = {
      rejectUnauthorized: checksByDefault(),
      checkServerIdentity: tls.checkServerIdentity,
      ...options
    };
    this._context = clientContext(options);
    this._session = undefined;
    // What is to be done when TLS is open: writing, and an end.
    this._waiting = [];
    this._raw = net.connect({ ...options, timeout: undefined });
    this._raw.on('lookup', (...args) => this.emit('lookup', ...args));
    this._raw.on('error', (err) => this.destroy(err));
    this._raw.once('connect', () => this._onConnect());
    if (options.timeout) this.setTimeout(options.timeout);
  }

  /** @type {Boolean} */
  get connecting() {
    return this._raw !== null && !this.destroyed;
  }

  /** @type {Boolean} */
  get pending() {
    return this.connecting;
  }

  /** Gives the connection to the I/O thread. */
  _onConnect() {
    const raw = this._raw;
    const { servername, session } = this._options;

    this._setPeer({ address: raw.remoteAddress, port: raw.remotePort });
    this._local = raw.address();

    const result = this[kLink].connect(
      raw._handle.fd,
      this._context,
      servername ?? '',
      ArrayBuffer.isView(session) ? session : undefined
    );

    this._raw = null;
    raw.destroy();
    if (result < 0) {
      this.destroy(systemError(-result, 'connect'));
      return;
    }
    this.setNoDelay();
    this.emit('connect');
    this.emit('ready');
  }

  /**
   * TLS is open.
   *
   * @param {TlsInfo} info What it came to
   */
  onSecure(info) {
    if (this.destroyed) return;
    this.takeTls(info, true, () => {
      // The only number of its context, and its own there.
      const at = info.ownCertificate.split(' ')[1];

      return binding.tlsCertificates(this._context)[at];
    });

    const err = this._verify(info);

    if (err !== undefined) {
      this.authorized = false;
      this.authorizationError = err.code ?? err.message;
      if (this._options.rejectUnauthorized !== false) {
        this.destroy(err);
        return;
      }
    }
    this.emit('secureConnect');

    const waiting = this._waiting;

    this._waiting = null;
    for (const run of waiting) run();
    // It may have been asked to before.
    this[kLink].onRead();
  }

  /**
   * Decides whether the server is the right one.
   *
   * @param {TlsInfo} info What is known of it
   * @return {(Error|undefined)} Why it is not
   */
  _verify(info) {
    const { verified } = info;

    if (verified !== 0) {
      return createError(verifyMessage(verified), info.verifyCode);
    }
    if (info.isReused) return undefined;

    const { checkServerIdentity, host, servername } = this._options;

    return checkServerIdentity(
      servername || host || 'localhost',
      this.getPeerCertificate(true)
    );
  }

  /**
   * TLS has failed. If it was not open yet, what waits to be written has failed
   * then, and Node says it as of any write.
   *
   * @param {Error} err Why
   */
  onTlsError(err) {
    if (this._waiting !== null && this._writableState.length > 0) {
      const failed = systemError(constants.errno.EPROTO, 'write');

      failed.message += ` ${err.message}`;
      err = failed;
    }
    this.destroy(err);
  }

  /** The server has left before TLS was open. */
  onEarlyEnd() {
    const { path, host, port, localAddress } = this._options;

    this.destroy(
      Object.assign(
        createError(
          'Client network socket disconnected before secure TLS connection ' +
            'was established',
          'ECONNRESET'
        ),
        { path, host, port, localAddress }
      )
    );
  }

  /**
   * The server has given a session that can be resumed.
   *
   * @param {Buffer} session The session
   */
  takeSession(session) {
    this._session = session;
    this.emit('session', session);
  }

  /**
   * The session that can be resumed.
   *
   * @return {(Buffer|undefined)} The latest
   */
  getSession() {
    return this._session;
  }

  /**
   * @param {Buffer} chunk What to write
   * @param {String} encoding Not used
   * @param {Function} callback Called when there is room for more
   */
  _write(chunk, encoding, callback) {
    if (this._waiting === null) super._write(chunk, encoding, callback);
    else this._waiting.push(() => super._write(chunk, encoding, callback));
  }

  /**
   * @param {Function} callback Called when everything and a FIN are sent
   */
  _final(callback) {
    if (this._waiting === null) super._final(callback);
    else this._waiting.push(() => super._final(callback));
  }

  /**
   * @param {(Error|null)} err Why
   * @param {Function} callback Called when it is said
   */
  _destroy(err, callback) {
    this._waiting = [];
    if (this._raw === null) {
      super._destroy(err, callback);
      return;
    }
    clearTimeout(this._timer);
    this._timer = null;
    this._raw.destroy();
    this._raw = null;
    callback(err);
    process.nextTick(() => this.emit('close', err != null));
  }

  /**
   * Keeps the event loop alive as long as the connection.
   *
   * @return {TlsClientSocket} The socket
   */
  ref() {
    if (this._raw !== null) this._raw.ref();
    return super.ref();
  }

  /**
   * Does not keep the event loop alive.
   *
   * @return {TlsClientSocket} The socket
   */
  unref() {
    if (this._raw !== null) this._raw.unref();
    return super.unref();
  }
}

/**
 * Whether the I/O thread can do what a client wants.
 *
 * @param {Object} options As for `tls.connect()`
 * @return {Boolean} `true` if so
 */
function canConnect(options) {
  if (FOREIGN_OPTIONS.some((name) => options[name])) return false;
  try {
    requireTls();
    // There may be no thread to be had.
    io.choose(options.ioThreads ?? 1);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether the environment says that certificates count. Warns if not, as Node
 * does.
 *
 * @return {Boolean} `false` if not
 */
function checksByDefault() {
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return true;
  if (!warned) {
    warned = true;
    process.emitWarning(
      'No certificate is checked, because NODE_TLS_REJECT_UNAUTHORIZED is 0 ' +
        'in the environment: anybody can pretend to be a server'
    );
  }
  return false;
}

/**
 * Connects.
 *
 * @param {Object} options As for `tls.connect()`
 * @return {TlsClientSocket} The connection
 * @throws {Error} If the options are wrong
 */
function connect(options) {
  return new TlsClientSocket(options);
}

module.exports = { canConnect, connect };
