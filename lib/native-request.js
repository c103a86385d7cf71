'use strict';

const AcceptedLink = require('./accepted-link');
const LazyRequest = require('./lazy-request');
const NativeSocket = require('./native-socket');
const NativeTlsSocket = require('./native-tls-socket');
const { INFO_LINES, TlsInfo } = require('./tls-info');

/**
 * What a native server makes of a request that the I/O thread has read: see
 * Listeners::HandOver().
 */

/** Fields in front of all others: the addresses. */
const NAMES = 6;

/** Parts of strings that are shorter are copies. */
const MIN_SLICE = 13;

/**
 * Makes the socket of a request.
 *
 * @param {NativeServer} server The server
 * @param {CommandWriter} writer The way to the connection's I/O thread
 * @param {Number} id The connection's number there
 * @param {String[]} fields Address, port and family of the peer, then ours, and
 *     lines about TLS
 * @param {(ServerTls|null)} tls How TLS is done, if it is
 * @return {NativeSocket} The socket
 */
function createSocket(server, writer, id, fields, tls) {
  const link = new AcceptedLink(writer);
  const peer = endpoint(fields[0], fields[1], fields[2]);
  const local = sameEndpoint(fields[3], fields[4], fields[5]);

  link.adopt(id);
  if (tls === null) return new NativeSocket(server, link, peer, local);

  const socket = new NativeTlsSocket(server, link, peer, local);
  const { info, ownCertificate } = sameTls(
    fields.slice(NAMES, NAMES + INFO_LINES).join('\n'),
    tls
  );

  socket.takeTls(info, tls.requestCert, ownCertificate);
  return socket;
}

/**
 * Makes the request that `http` would have made.
 *
 * @param {NativeSocket} socket The connection
 * @param {String[]} fields Addresses, lines about TLS, method, target, minor version, and names
 *     and values of the header fields; an empty one at the end
 * @param {(ServerTls|null)} tls How TLS is done, if it is
 * @return {http.IncomingMessage} The request
 */
function createRequest(socket, fields, tls) {
  const at = tls === null ? NAMES : NAMES + INFO_LINES;

  return new LazyRequest(
    socket,
    fields[at],
    fields[at + 1],
    fields[at + 2],
    fields.slice(at + 3, -1)
  );
}

/** The ends of unix sockets. */
const NAMELESS = Object.freeze({});

/** The last end of ours: many connections share it. */
let lastLocal = NAMELESS;

/**
 * @param {String} address An address
 * @param {String} port A port
 * @param {String} family 4, 6 or 0
 * @return {Object} The same, not always another object
 */
function sameEndpoint(address, port, family) {
  if (lastLocal.address !== address || lastLocal.port !== +port) {
    lastLocal = Object.freeze(endpoint(address, port, family));
  }
  return lastLocal;
}

/**
 * @param {String} address An address
 * @param {String} port A port
 * @param {String} family 4, 6 or 0
 * @return {Object} The same, as `net.Socket` has it
 */
function endpoint(address, port, family) {
  if (family === '0') return NAMELESS;
  return {
    address: sameAddress(address),
    port: +port,
    family: family === '4' ? 'IPv4' : 'IPv6'
  };
}

/** The last address: behind a proxy all connections have the same. */
let lastAddress = '';

/**
 * @param {String} address An address
 * @return {String} The same, not always another string
 */
function sameAddress(address) {
  if (lastAddress !== address) lastAddress = ownString(address);
  return lastAddress;
}

/** What was last known of TLS: most connections have the same. */
let lastTls = { text: null, tls: null };

/**
 * @param {String} text The lines about TLS
 * @param {ServerTls} tls How TLS is done
 * @return {Object} `info`, a TlsInfo, and `ownCertificate`, a function; not
 *     always other ones
 */
function sameTls(text, tls) {
  if (lastTls.text !== text || lastTls.tls !== tls) {
    const own = ownString(text);
    const info = new TlsInfo(own.split('\n'));

    lastTls = {
      text: own,
      tls,
      info,
      ownCertificate: () => tls.certificate(info.ownCertificate)
    };
  }
  return lastTls;
}

/**
 * Copies a string that is to be kept: of a long one V8 keeps, with each part,
 * the whole, which is a request here.
 *
 * @param {String} text The string, of bytes
 * @return {String} The same
 */
function ownString(text) {
  return text.length < MIN_SLICE
    ? text
    : Buffer.from(text, 'latin1').latin1Slice();
}

module.exports = { createRequest, createSocket };
