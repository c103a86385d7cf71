'use strict';

const fs = require('node:fs');
const http = require('node:http');

const UsageError = require('./usage-error');

/** The options of commands that connect to a server. */
const CLIENT_OPTIONS = {
  header: {
    type: 'string',
    short: 'H',
    multiple: true,
    value: "'NAME: VALUE'",
    help: 'send this header with the request; may be repeated'
  },
  subprotocol: {
    type: 'string',
    short: 's',
    multiple: true,
    value: 'NAME',
    help: 'offer this subprotocol; may be repeated'
  },
  origin: {
    type: 'string',
    short: 'o',
    value: 'ORIGIN',
    help: 'send this as the header Origin'
  },
  auth: {
    type: 'string',
    value: 'USER:PASSWORD',
    help: 'send basic authentication'
  },
  ca: {
    type: 'string',
    value: 'FILE',
    help: 'trust the certificates of this file, and no others'
  },
  cert: {
    type: 'string',
    value: 'FILE',
    help: 'show this certificate to the server'
  },
  key: { type: 'string', value: 'FILE', help: 'its key' },
  'no-check': {
    type: 'boolean',
    short: 'n',
    help: 'accept any certificate of the server, which is insecure'
  },
  'max-redirects': {
    type: 'string',
    value: 'COUNT',
    number: { min: 0, max: 100, integer: true },
    help: 'follow so many redirections (0)'
  },
  timeout: {
    type: 'string',
    value: 'SECONDS',
    default: '30',
    number: { min: 0.001, max: 86400 },
    help: 'give up if it takes longer to connect'
  },
  compress: { type: 'boolean', help: 'offer compression' },
  'no-compress': { type: 'boolean', help: 'do not offer compression' }
};

/**
 * Reads a file that an option names.
 *
 * @param {String} name The option
 * @param {String} file The file
 * @return {Buffer} What is in it
 * @throws {UsageError} If it cannot be read
 */
function readFile(name, file) {
  try {
    return fs.readFileSync(file);
  } catch (err) {
    throw new UsageError(`cannot read --${name} ${file}: ${err.code}`);
  }
}

/**
 * Reads the files of TLS.
 *
 * @param {Object} options Options of a command
 * @return {Object} Those of `ca`, `cert` and `key` that are given
 * @throws {UsageError} If one cannot be read, or a half is missing
 */
function readTlsFiles(options) {
  if ((options.cert === undefined) !== (options.key === undefined)) {
    throw new UsageError('--cert and --key come together');
  }
  return Object.fromEntries(
    ['ca', 'cert', 'key']
      .filter((name) => options[name] !== undefined)
      .map((name) => [name, readFile(name, options[name])])
  );
}

/**
 * Reads headers.
 *
 * @param {String[]} lines Each with a name and a value
 * @return {Object} The headers; those that come several times are arrays
 * @throws {UsageError} If one is none
 */
function readHeaders(lines) {
  const headers = {};

  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim();
    const value = line.slice(colon + 1).trim();

    try {
      http.validateHeaderName(name);
      http.validateHeaderValue(name, value);
    } catch {
      throw new UsageError(`not a header: '${line}'`);
    }

    const same = Object.keys(headers).find(
      (other) => other.toLowerCase() === name.toLowerCase()
    );

    if (same === undefined) headers[name] = value;
    else headers[same] = [].concat(headers[same], value);
  }
  return headers;
}

/**
 * Completes an address as it is typed.
 *
 * @param {String} text The address
 * @return {String} The same, with a scheme
 */
function toAddress(text) {
  return /^(ws\+unix:|[a-z]+:\/\/)/i.test(text) ? text : `ws://${text}`;
}

/**
 * Makes a websocket as the options of a command say.
 *
 * @param {String} url The address
 * @param {Object} options The options
 * @param {Boolean} compress Whether compression is offered if they do not say
 * @return {WebSocket} The websocket
 * @throws {UsageError} If the address or an option is wrong
 */
function connectWith(url, options, compress) {
  const { WebSocket } = require('../..');
  const redirects = options['max-redirects'] ?? 0;

  if (options.compress && options['no-compress']) {
    throw new UsageError('--compress and --no-compress exclude each other');
  }

  const settings = {
    ...readTlsFiles(options),
    followRedirects: redirects > 0,
    handshakeTimeout: options.timeout * 1000,
    headers: readHeaders(options.header ?? []),
    maxRedirects: redirects,
    perMessageDeflate: options['no-compress']
      ? false
      : options.compress || compress,
    rejectUnauthorized: !options['no-check']
  };

  if (options.auth !== undefined) settings.auth = options.auth;
  if (options.origin !== undefined) settings.origin = options.origin;

  try {
    return new WebSocket(toAddress(url), options.subprotocol ?? [], settings);
  } catch (err) {
    if (err instanceof SyntaxError) throw new UsageError(err.message);
    throw err;
  }
}

module.exports = { CLIENT_OPTIONS, connectWith, readTlsFiles, toAddress };
