'use strict';

const { createHash } = require('crypto');

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/**
 * Computes what a server answers to a key.
 *
 * @param {String} key The value of Sec-WebSocket-Key
 * @return {String} The value of Sec-WebSocket-Accept
 */
function acceptOf(key) {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}

/**
 * Writes the head of an HTTP message.
 *
 * @param {String} first The first line
 * @param {Object} headers Names and values; null leaves a header out, an array
 *     repeats it
 * @return {Buffer} The bytes
 */
function head(first, headers) {
  const lines = [first];

  for (const [name, value] of Object.entries(headers)) {
    if (value === null) continue;
    for (const one of [].concat(value)) lines.push(`${name}: ${one}`);
  }

  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/**
 * Makes a client's opening handshake (RFC 6455 4.1).
 *
 * @param {Object} [options] What differs from an ordinary one
 * @param {String} [options.method] The method
 * @param {String} [options.target] The request target
 * @param {String} [options.version] The HTTP version
 * @param {Object} [options.headers] Headers to add, replace, or drop (null)
 * @return {Buffer} The bytes
 */
function request({
  method = 'GET',
  target = '/',
  version = '1.1',
  headers = {}
} = {}) {
  return head(`${method} ${target} HTTP/${version}`, {
    Host: '127.0.0.1',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...headers
  });
}

/**
 * Makes a server's opening handshake (RFC 6455 4.2.2).
 *
 * @param {String} key The client's key
 * @param {Object} [options] What differs from an ordinary one
 * @param {String} [options.status] The status code and text
 * @param {Object} [options.headers] Headers to add, replace, or drop (null)
 * @return {Buffer} The bytes
 */
function response(
  key,
  { status = '101 Switching Protocols', headers = {} } = {}
) {
  return head(`HTTP/1.1 ${status}`, {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': acceptOf(key),
    ...headers
  });
}

/**
 * Parses the head of an HTTP message.
 *
 * @param {Buffer} bytes What has come in so far
 * @return {(Object|undefined)} `first` line, `headers` with lower-case names,
 *     and the `rest` behind the head; undefined while it is incomplete
 */
function parseHead(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;

  const [first, ...lines] = bytes
    .subarray(0, end)
    .toString('latin1')
    .split('\r\n');
  const headers = {};

  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }

  return { first, headers, rest: bytes.subarray(end + 4) };
}

/**
 * Puts the parameters of an extension into a fixed order, for comparing.
 *
 * @param {(String|undefined)} header The value of Sec-WebSocket-Extensions
 * @return {String} The value with sorted parameters; '' for none
 */
function sortedExtension(header = '') {
  const [name, ...parameters] = header.split(';').map((part) => part.trim());
  return [name, ...parameters.sort()].join('; ');
}

/**
 * Writes the parameters of permessage-deflate as they stand in a header.
 *
 * @param {Object} deflate The parameters, as the peer sees them
 * @param {Number} [deflate.peerBits] The window of what the peer sends
 * @param {Number} [deflate.ownBits] The window of what the module sends
 * @param {Boolean} [deflate.peerTakeover] false: the peer keeps no context
 * @param {Boolean} [deflate.ownTakeover] false: the module keeps no context
 * @param {String} role The role of the module, `'server'` or `'client'`
 * @return {String} The value of Sec-WebSocket-Extensions
 */
function deflateHeader(
  { peerBits, ownBits, peerTakeover = true, ownTakeover = true },
  role
) {
  const own = role;
  const peer = role === 'server' ? 'client' : 'server';
  const parts = ['permessage-deflate'];

  if (!peerTakeover) parts.push(`${peer}_no_context_takeover`);
  if (!ownTakeover) parts.push(`${own}_no_context_takeover`);
  if (peerBits) parts.push(`${peer}_max_window_bits=${peerBits}`);
  if (ownBits) parts.push(`${own}_max_window_bits=${ownBits}`);
  return parts.join('; ');
}

module.exports = {
  KEY,
  acceptOf,
  deflateHeader,
  parseHead,
  request,
  response,
  sortedExtension
};
