'use strict';

const net = require('node:net');
const querystring = require('node:querystring');
const tls = require('node:tls');

const clientTls = require('./client-tls');
const { format } = require('./extension');
const { isWanted } = require('./io-thread');
const PerMessageDeflate = require('./permessage-deflate');
const { tokenChars } = require('./validation');

/**
 * What the request of a client's handshake is made of: the address, the
 * subprotocols and the headers.
 */

/**
 * Parses an address; http(s) stands for ws(s).
 *
 * @param {(String|URL)} address The address
 * @return {URL} The address with a scheme of ours, if it has one
 * @throws {SyntaxError} If it is no URL
 */
function parseAddress(address) {
  let url = address;

  if (!(address instanceof URL)) {
    try {
      url = new URL(address);
    } catch {
      throw new SyntaxError(`Invalid URL: ${address}`);
    }
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') {
    url = new URL(url);
    url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  }

  return url;
}

/**
 * Says what is wrong with a URL.
 *
 * @param {URL} url The URL
 * @return {(String|null)} The complaint, or `null`
 */
function complainAbout(url) {
  if (!['ws:', 'wss:', 'ws+unix:'].includes(url.protocol)) {
    return (
      'The URL\'s protocol must be one of "ws:", "wss:", ' +
      '"http:", "https:", or "ws+unix:"'
    );
  }
  if (url.protocol === 'ws+unix:' && !url.pathname) {
    return "The URL's pathname is empty";
  }

  return url.hash ? 'The URL contains a fragment identifier' : null;
}

/**
 * Checks the subprotocols.
 *
 * @param {Array} protocols The subprotocols
 * @return {Set} The same
 * @throws {SyntaxError} If one is no token, or there twice
 */
function checkProtocols(protocols) {
  const set = new Set(protocols);

  if (set.size !== protocols.length || !protocols.every(isToken)) {
    throw new SyntaxError('An invalid or duplicated subprotocol was specified');
  }

  return set;
}

/**
 * Whether a value is a token as HTTP has it.
 *
 * @param {*} value The value
 * @return {Boolean} `true` if so
 */
function isToken(value) {
  if (typeof value !== 'string' || value === '') return false;

  for (let i = 0; i < value.length; i++) {
    if (tokenChars[value.charCodeAt(i)] !== 1) return false;
  }

  return true;
}

/**
 * Sets the options that say where to connect to.
 *
 * @param {Object} opts The options
 * @param {URL} url The address
 */
function setConnectionOptions(opts, url) {
  const isSecure = url.protocol === 'wss:';
  const defaultPort = isSecure ? 443 : 80;

  opts.createConnection ||= isSecure ? tlsConnect : netConnect;
  opts.defaultPort ||= defaultPort;
  opts.port = url.port || defaultPort;
  opts.host = url.hostname.startsWith('[')
    ? url.hostname.slice(1, -1)
    : url.hostname;
  opts.path = url.pathname + url.search;
  opts.timeout = opts.handshakeTimeout;

  if (url.username || url.password) {
    const username = querystring.unescape(url.username);
    const password = querystring.unescape(url.password);

    opts.auth = `${username}:${password}`;
  }
  if (url.protocol === 'ws+unix:') {
    const colon = opts.path.indexOf(':');

    opts.socketPath = colon === -1 ? opts.path : opts.path.slice(0, colon);
    opts.path = colon === -1 ? '' : opts.path.slice(colon + 1);
  }
}

/**
 * Sets the headers of the handshake.
 *
 * @param {Object} opts The options
 * @param {Object} offer What is offered
 */
function setHeaders(opts, offer) {
  opts.headers = {
    ...opts.headers,
    'Sec-WebSocket-Version': opts.protocolVersion,
    'Sec-WebSocket-Key': offer.key,
    Connection: 'Upgrade',
    Upgrade: 'websocket'
  };

  if (opts.perMessageDeflate) {
    offer.deflate = new PerMessageDeflate({
      ...opts.perMessageDeflate,
      isServer: false,
      maxPayload: opts.maxPayload
    });
    opts.headers['Sec-WebSocket-Extensions'] = format({
      [PerMessageDeflate.extensionName]: offer.deflate.offer()
    });
  }
  if (offer.protocols.size > 0) {
    opts.headers['Sec-WebSocket-Protocol'] = [...offer.protocols].join(',');
  }
  if (opts.origin) {
    const name = opts.protocolVersion < 13 ? 'Sec-WebSocket-Origin' : 'Origin';

    opts.headers[name] = opts.origin;
  }
}

/**
 * Connects to a TCP port or a unix socket.
 *
 * @param {Object} options The options
 * @return {net.Socket} The connection
 */
function netConnect(options) {
  options.path = options.socketPath;
  return net.connect(options);
}

/**
 * Connects by TLS, on the I/O thread if that is wanted and possible.
 *
 * @param {Object} options The options
 * @return {stream.Duplex} The connection
 */
function tlsConnect(options) {
  options.path = undefined;
  if (!options.servername && options.servername !== '') {
    options.servername = net.isIP(options.host) ? '' : options.host;
  }

  return options.native &&
    options.ioThread &&
    isWanted &&
    clientTls.canConnect(options)
    ? clientTls.connect(options)
    : tls.connect(options);
}

module.exports = {
  checkProtocols,
  complainAbout,
  parseAddress,
  setConnectionOptions,
  setHeaders
};
