'use strict';

const { createHash } = require('node:crypto');
const tls = require('node:tls');

const binding = require('./binding');
const {
  CONTEXT_OPTIONS,
  createPrivateContext,
  packAlpn
} = require('./tls-support');

/**
 * The TLS contexts of clients. Connections with the same options share one: it
 * takes a millisecond to make and tens of kilobytes to keep, and it never
 * changes. Sessions to resume are not kept in it.
 */

/** How many are kept for further connections. */
const MAX_CONTEXTS = 16;

/** By what they are made of, the one that was used last at the end. */
const contexts = new Map();

/**
 * The TLS context for a connection.
 *
 * @param {Object} options As for `tls.connect()`
 * @return {Object} The context
 * @throws {Error} If the options are wrong
 */
function clientContext(options) {
  const used = {};

  for (const name of CONTEXT_OPTIONS) {
    if (options[name] !== undefined) used[name] = options[name];
  }

  const alpn = packAlpn(options.ALPNProtocols);
  const key = keyOf({ ...used, alpn });
  let context = key === null ? undefined : contexts.get(key);

  if (context !== undefined) contexts.delete(key);
  else context = create(used, alpn);
  if (key !== null) {
    contexts.set(key, context);
    if (contexts.size > MAX_CONTEXTS) {
      contexts.delete(contexts.keys().next().value);
    }
  }
  return context;
}

/**
 * Makes a context.
 *
 * @param {Object} options What Node makes a secure context of
 * @param {(Uint8Array|undefined)} alpn The protocols for ALPN
 * @return {Object} The context
 * @throws {Error} If the options are wrong
 */
function create(options, alpn) {
  return binding.createTlsContext(createPrivateContext(options).external, {
    server: false,
    handshakeTimeout: 0,
    alpn,
    names: [],
    serial: 0
  });
}

// The authorities that Node trusts by default, as they are now: a list that is
// another one when they have been changed.
let authorities;
let generation = 0;

/**
 * What a context is known by: a digest, so that no keys lie about.
 *
 * @param {Object} options What it is made of
 * @return {(String|null)} That, or `null` if it is not known what something is
 *     made of: then the context is for one connection
 */
function keyOf(options) {
  const hash = createHash('sha256');
  const current = tls.getCACertificates?.('default');

  if (authorities !== current) {
    authorities = current;
    generation++;
  }
  // Node looks these up when it makes a context.
  const defaults = [
    generation,
    tls.DEFAULT_CIPHERS,
    tls.DEFAULT_ECDH_CURVE,
    tls.DEFAULT_MAX_VERSION,
    tls.DEFAULT_MIN_VERSION
  ];

  return add(hash, defaults) && add(hash, options) ? hash.digest('hex') : null;
}

/**
 * Adds a value to a digest, unambiguously.
 *
 * @param {Hash} hash The digest
 * @param {*} value The value
 * @return {Boolean} `false` if it is of a kind that may hide something
 */
function add(hash, value) {
  if (ArrayBuffer.isView(value)) {
    hash.update(`bytes ${value.byteLength}:`).update(value);
    return true;
  }
  if (typeof value === 'string') {
    hash.update(`string ${Buffer.byteLength(value)}:`).update(value);
    return true;
  }
  if (value === null || typeof value !== 'object') {
    hash.update(`${typeof value} ${String(value)};`);
    return typeof value !== 'function' && typeof value !== 'symbol';
  }
  if (Array.isArray(value)) {
    hash.update(`array ${value.length}:`);
    return value.every((item) => add(hash, item));
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;

  const entries = Object.entries(value);

  hash.update(`object ${entries.length}:`);
  return entries.every((entry) => add(hash, entry));
}

module.exports = clientContext;
