'use strict';

const http = require('node:http');

const AcceptedLink = require('./accepted-link');
const NativeSocket = require('./native-socket');
const NativeTlsSocket = require('./native-tls-socket');
const { INFO_LINES, TlsInfo } = require('./tls-info');

/**
 * What a native server makes of a request that the I/O thread has read: see
 * Listeners::HandOver().
 */

/** Fields in front of all others: the addresses. */
const NAMES = 6;

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
  const info = new TlsInfo(fields.slice(NAMES, NAMES + INFO_LINES));

  socket.takeTls(info, tls.requestCert, () =>
    tls.certificate(info.ownCertificate)
  );
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
  const req = new http.IncomingMessage(socket);

  req.httpVersionMajor = 1;
  req.httpVersionMinor = +fields[at + 2];
  req.httpVersion = `1.${fields[at + 2]}`;
  req.method = fields[at];
  req.url = fields[at + 1];

  const headers = fields.slice(at + 3, -1);

  // As Node's own parser hands them over: `headers` and `headersDistinct` are
  // made of them when somebody asks.
  req._addHeaderLines(headers, headers.length);
  req.upgrade = true;
  req.complete = true;
  req.push(null);
  return req;
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
  return { address, port: +port, family: family === '4' ? 'IPv4' : 'IPv6' };
}

module.exports = { createRequest, createSocket };
