'use strict';

const tls = require('node:tls');

const binding = require('./binding');

/**
 * What TLS on the I/O thread has in common on both sides: the OpenSSL inside
 * Node, secure contexts, and errors.
 */

/** Options that Node makes a secure context of, on both sides. */
const CONTEXT_OPTIONS = [
  'allowPartialTrustChain',
  'ca',
  'cert',
  'ciphers',
  'crl',
  'dhparam',
  'ecdhCurve',
  'key',
  'maxVersion',
  'minVersion',
  'passphrase',
  'pfx',
  'secureOptions',
  'secureProtocol',
  'sessionIdContext',
  'sigalgs'
];

/** Numbers of X509_V_ERR_* by the names that Node gives them as codes. */
const VERIFY_CODES = new Map(
  Object.entries({
    UNABLE_TO_GET_ISSUER_CERT: 2,
    UNABLE_TO_GET_CRL: 3,
    UNABLE_TO_DECRYPT_CERT_SIGNATURE: 4,
    UNABLE_TO_DECRYPT_CRL_SIGNATURE: 5,
    UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: 6,
    CERT_SIGNATURE_FAILURE: 7,
    CRL_SIGNATURE_FAILURE: 8,
    CERT_NOT_YET_VALID: 9,
    CERT_HAS_EXPIRED: 10,
    CRL_NOT_YET_VALID: 11,
    CRL_HAS_EXPIRED: 12,
    ERROR_IN_CERT_NOT_BEFORE_FIELD: 13,
    ERROR_IN_CERT_NOT_AFTER_FIELD: 14,
    ERROR_IN_CRL_LAST_UPDATE_FIELD: 15,
    ERROR_IN_CRL_NEXT_UPDATE_FIELD: 16,
    OUT_OF_MEM: 17,
    DEPTH_ZERO_SELF_SIGNED_CERT: 18,
    SELF_SIGNED_CERT_IN_CHAIN: 19,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 20,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 21,
    CERT_CHAIN_TOO_LONG: 22,
    CERT_REVOKED: 23,
    PATH_LENGTH_EXCEEDED: 25,
    INVALID_PURPOSE: 26,
    CERT_UNTRUSTED: 27,
    CERT_REJECTED: 28,
    HOSTNAME_MISMATCH: 62,
    INVALID_CA: 79
  }).map(([name, number]) => [number, name])
);

/** What Node.js appends to some of OpenSSL's messages. */
const CA_HINT =
  '; if the root CA is installed locally, ' +
  'try running Node.js with --use-system-ca';

let checked = false;
let unavailable = null;

/**
 * Makes sure that there is an OpenSSL that the I/O thread can use.
 *
 * @throws {Error} If not, with `code` ERR_BEASTWS_TLS
 */
function requireTls() {
  if (!checked) {
    checked = true;
    unavailable = findObstacle();
  }
  if (unavailable !== null) {
    throw createError(
      `TLS is not possible on the I/O thread: ${unavailable}`,
      'ERR_BEASTWS_TLS'
    );
  }
}

/**
 * Looks for what stands against TLS.
 *
 * @return {(String|null)} That, if anything
 */
function findObstacle() {
  const found = binding.findOpenSsl();

  if (typeof found === 'string') return found;
  // Objects of one library mean nothing to another.
  if (!found.version.includes(process.versions.openssl)) {
    return (
      `this process has ${found.version}, ` +
      `but Node.js uses OpenSSL ${process.versions.openssl}`
    );
  }
  return null;
}

/**
 * Makes a secure context that nobody else has: its callbacks are replaced.
 *
 * @param {Object} options As for `tls.createSecureContext()`
 * @return {Object} `secureContext`, and `external`, by which native code knows
 *     it
 * @throws {Error} Whatever Node throws
 */
function createPrivateContext(options) {
  const secureContext = tls.createSecureContext(options);

  return { secureContext, external: externalOf(secureContext) };
}

/**
 * What native code knows a secure context by.
 *
 * @param {tls.SecureContext} secureContext A context of Node's
 * @return {Object} Its SSL_CTX
 * @throws {TypeError} If it is none
 */
function externalOf(secureContext) {
  const native = secureContext?.context;

  if (
    typeof native?.getMinProto !== 'function' ||
    !binding.isTlsContext(native._external, native.getMinProto())
  ) {
    throw createError(
      'TLS is not possible on the I/O thread: ' +
        'secure contexts of this runtime cannot be used',
      'ERR_BEASTWS_TLS'
    );
  }
  return native._external;
}

/**
 * Refuses options that nobody looks at.
 *
 * @param {Object} options The options
 * @param {Set<String>} known Those that are understood
 * @param {String} prefix What to call them by
 * @throws {TypeError} If there is another one, with `code`
 *     ERR_BEASTWS_TLS_OPTION
 */
function refuseUnknown(options, known, prefix) {
  for (const name of Object.keys(options)) {
    if (options[name] === undefined || known.has(name)) continue;
    throw Object.assign(
      new TypeError(`The "${prefix}${name}" option is not supported`),
      { code: 'ERR_BEASTWS_TLS_OPTION' }
    );
  }
}

/**
 * Writes a list of protocols as ALPN wants it.
 *
 * @param {(String[]|Uint8Array|undefined)} protocols The protocols
 * @return {(Uint8Array|undefined)} Each after its length
 */
function packAlpn(protocols) {
  const packed = {};

  if (protocols) tls.convertALPNProtocols(protocols, packed);
  return packed.ALPNProtocols;
}

/**
 * Names a result of verification as Node does.
 *
 * @param {Number} number An X509_V_ERR_*, or -1 without a certificate
 * @return {String} The code
 */
function verifyCode(number) {
  // As if its issuer were missing.
  if (number === -1) return 'UNABLE_TO_GET_ISSUER_CERT';
  return VERIFY_CODES.get(number) ?? 'UNSPECIFIED';
}

/**
 * Says why a certificate is refused as the running Node.js does: there is no
 * way to ask it for its words without a connection.
 *
 * @param {Number} number An X509_V_ERR_*, or -1 without a certificate
 * @return {String} The message
 */
function verifyMessage(number) {
  const message = binding.tlsVerifyMessage(number === -1 ? 2 : number);

  return hasHint(verifyCode(number)) ? message + CA_HINT : message;
}

/**
 * Whether Node.js suggests the system's authorities, as it does since 24.
 *
 * @param {String} code The code of the error
 * @return {Boolean} `true` if so
 */
function hasHint(code) {
  if (parseInt(process.versions.node, 10) < 24) return false;
  if (code === 'UNABLE_TO_GET_ISSUER_CERT') return !usesSystemCa();
  // These two whether they are in use or not.
  return (
    code === 'DEPTH_ZERO_SELF_SIGNED_CERT' ||
    code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'
  );
}

/**
 * Whether Node.js was told to trust the system's authorities.
 *
 * @return {Boolean} `true` if so
 */
function usesSystemCa() {
  const { NODE_OPTIONS = '', NODE_USE_SYSTEM_CA } = process.env;
  const last = `${NODE_OPTIONS} ${process.execArgv.join(' ')}`
    .split(/\s+/)
    .filter((text) => /^--(no-)?use-system-ca$/.test(text))
    .pop();

  return last === undefined
    ? NODE_USE_SYSTEM_CA === '1'
    : last === '--use-system-ca';
}

/**
 * Makes an error of TLS, as Node has them.
 *
 * @param {String[]} lines Library, reason, why a certificate was refused (0: it
 *     was not), and what OpenSSL prints
 * @return {Error} The error, with `code`, `library`, `reason` and, if that was
 *     it, `authorizationError`
 */
function createTlsError([library, reason, verified, ...text]) {
  const err = createError(
    text.join('\n'),
    `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`
  );

  err.library = library;
  err.reason = reason;
  if (+verified > 0) err.authorizationError = verifyCode(+verified);
  return err;
}

/**
 * @param {String} message What to say
 * @param {String} code The code
 * @return {Error} An error with both
 */
function createError(message, code) {
  return Object.assign(new Error(message), { code });
}

module.exports = {
  CONTEXT_OPTIONS,
  createError,
  createPrivateContext,
  createTlsError,
  externalOf,
  packAlpn,
  refuseUnknown,
  requireTls,
  verifyCode,
  verifyMessage
};
