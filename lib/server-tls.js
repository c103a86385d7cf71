'use strict';

const { createHash } = require('node:crypto');
const tls = require('node:tls');

const binding = require('./binding');
const {
  CONTEXT_OPTIONS,
  createPrivateContext,
  externalOf,
  packAlpn,
  refuseUnknown,
  requireTls
} = require('./tls-support');

/** What may change while the server listens. */
const RENEWABLE = new Set([
  ...CONTEXT_OPTIONS,
  'honorCipherOrder',
  'sessionTimeout',
  'ticketKeys'
]);

const OPTIONS = new Set([
  ...RENEWABLE,
  'ALPNProtocols',
  'handshakeTimeout',
  'rejectUnauthorized',
  'requestCert'
]);

/** How many earlier sets of certificates are remembered. */
const MAX_REMEMBERED = 16;

const TICKET_KEYS_SIZE = 48;

/**
 * How a native server does TLS. What the I/O thread has of it never changes:
 * each change makes another `handle`, for the connections that follow.
 */
class ServerTls {
  /**
   * @param {Object} options The "tls" option
   * @param {Number} handshakeTimeout The default of the option of that name
   * @throws {Error} If TLS is not possible, or an option is wrong
   */
  constructor(options, handshakeTimeout) {
    if (options === null || typeof options !== 'object') {
      throw new TypeError('The "tls" option must be an object');
    }
    requireTls();
    refuseUnknown(options, OPTIONS, 'tls.');

    this.requestCert = !!options.requestCert;
    this._settings = {
      server: true,
      requestCert: this.requestCert,
      rejectUnauthorized: options.rejectUnauthorized !== false,
      handshakeTimeout: checkTimeout(
        options.handshakeTimeout ?? handshakeTimeout
      ),
      alpn: packAlpn(options.ALPNProtocols ?? ['http/1.1']),
      ticketKeys: undefined,
      names: [],
      serial: 0
    };
    // Certificates by the number of their context, of the latest ones.
    this._certificates = new Map();
    this.setSecureContext(options);
  }

  /**
   * Begins anew with other certificates and keys.
   *
   * @param {Object} options As for `tls.Server.prototype.setSecureContext()`;
   *     those of the constructor may be among them
   * @throws {Error} If they are wrong; then everything is as before
   */
  setSecureContext(options) {
    if (options === null || typeof options !== 'object') {
      throw new TypeError('The "options" argument must be an object');
    }
    refuseUnknown(options, OPTIONS, '');

    const used = { honorCipherOrder: true, sessionIdContext: defaultId() };

    for (const name of RENEWABLE) {
      if (options[name] !== undefined) used[name] = options[name];
    }

    const { secureContext, external } = createPrivateContext(used);

    this._settings.ticketKeys = secureContext.context.getTicketKeys();
    this._settings.serial++;
    this.handle = binding.createTlsContext(external, this._settings);
    this._remember();
  }

  /**
   * Has other certificates shown to those who ask for certain names.
   *
   * @param {String} pattern A host name; `*` stands for a label or a part of it
   * @param {Object} context A `tls.SecureContext`, or options for one
   * @throws {TypeError} If it is neither
   */
  addContext(pattern, context) {
    if (typeof pattern !== 'string' || pattern === '') {
      throw new TypeError('The "hostname" argument must be a host name');
    }

    const secureContext = context?.context
      ? context
      : tls.createSecureContext(context);
    const identity = binding.createTlsIdentity(externalOf(secureContext));

    this._settings.names.push({ pattern, identity });
    this._derive();
  }

  /**
   * The keys that session tickets are encrypted with.
   *
   * @return {Buffer} 48 bytes
   */
  getTicketKeys() {
    return Buffer.from(this._settings.ticketKeys);
  }

  /**
   * Has session tickets encrypted with other keys from now on.
   *
   * @param {Uint8Array} keys 48 bytes
   * @throws {TypeError} If it is something else
   */
  setTicketKeys(keys) {
    if (!ArrayBuffer.isView(keys) || keys.byteLength !== TICKET_KEYS_SIZE) {
      throw new TypeError('Session ticket keys must be a 48-byte buffer');
    }
    this._settings.ticketKeys = Buffer.from(
      Buffer.from(keys.buffer, keys.byteOffset, keys.byteLength)
    );
    this._derive();
  }

  /** Makes another handle with the same certificates. */
  _derive() {
    this._settings.serial++;
    this.handle = binding.deriveTlsContext(this.handle, this._settings);
    this._remember();
  }

  /** Keeps the certificates, for those who ask which one they were shown. */
  _remember() {
    const { serial } = this._settings;

    this._certificates.set(serial, binding.tlsCertificates(this.handle));
    this._certificates.delete(serial - MAX_REMEMBERED);
  }

  /**
   * A certificate that a connection was shown.
   *
   * @param {String} which The numbers of its context and its own there, as the
   *     I/O thread tells them
   * @return {(Buffer|undefined)} The certificate as DER
   */
  certificate(which) {
    const [serial, index] = which.split(' ');

    return this._certificates.get(+serial)?.[index];
  }
}

/**
 * What sessions are for, unless the options say so: this program.
 *
 * @return {String} 32 characters
 */
function defaultId() {
  return createHash('sha256')
    .update(process.argv.join(' '))
    .digest('hex')
    .slice(0, 32);
}

/**
 * @param {*} value The option "handshakeTimeout"
 * @return {Number} The same
 * @throws {TypeError} If it is no time in ms
 */
function checkTimeout(value) {
  if (typeof value !== 'number' || !(value >= 1 && value < 2 ** 31)) {
    throw new TypeError(
      'The "tls.handshakeTimeout" option must be a number of milliseconds'
    );
  }
  return Math.floor(value);
}

module.exports = ServerTls;
