'use strict';

const http = require('node:http');

const KEY = /^[+/0-9A-Za-z]{22}==$/;

/**
 * Answers a request that is no upgrade.
 *
 * @param {http.IncomingMessage} req The request
 * @param {http.ServerResponse} res The response
 */
function refuseRequest(req, res) {
  const body = http.STATUS_CODES[426];

  res.writeHead(426, {
    'Content-Length': body.length,
    'Content-Type': 'text/plain'
  });
  res.end(body);
}

/**
 * Reads the fields of a handshake.
 *
 * @param {http.IncomingMessage} req The request
 * @return {Object} `upgrade`, `key`, `version`, `protocol` and `extensions`, each
 *     a string or `undefined`
 */
function readFields(req) {
  return (
    (req._isShown === false ? findFields(req.rawHeaders) : null) ?? {
      upgrade: req.headers.upgrade,
      key: req.headers['sec-websocket-key'],
      version: req.headers['sec-websocket-version'],
      protocol: req.headers['sec-websocket-protocol'],
      extensions: req.headers['sec-websocket-extensions']
    }
  );
}

/**
 * Finds them, which takes less time than to make `headers`.
 *
 * @param {String[]} fields Names and values
 * @return {(Object|null)} As of `readFields()`; `null` if one is there twice
 */
function findFields(fields) {
  let upgrade, key, version, protocol, extensions;

  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i];

    // Most have another length.
    switch (name.length) {
      case 7:
        if (name.toLowerCase() !== 'upgrade') break;
        if (upgrade !== undefined) return null;
        upgrade = fields[i + 1];
        break;
      case 17:
        if (name.toLowerCase() !== 'sec-websocket-key') break;
        if (key !== undefined) return null;
        key = fields[i + 1];
        break;
      case 21:
        if (name.toLowerCase() !== 'sec-websocket-version') break;
        if (version !== undefined) return null;
        version = fields[i + 1];
        break;
      case 22:
        if (name.toLowerCase() !== 'sec-websocket-protocol') break;
        if (protocol !== undefined) return null;
        protocol = fields[i + 1];
        break;
      case 24:
        if (name.toLowerCase() !== 'sec-websocket-extensions') break;
        if (extensions !== undefined) return null;
        extensions = fields[i + 1];
        break;
    }
  }

  return { upgrade, key, version, protocol, extensions };
}

/**
 * Checks what RFC 6455 (section 4.2.1) asks of a request.
 *
 * @param {String} method Its method
 * @param {Object} fields Its fields, as of `readFields()`
 * @return {(Object|null)} Why it is refused: `code`, `message`, `headers`
 */
function checkRequest(method, { upgrade, key, version: text }) {
  const version = +text;

  if (method !== 'GET') {
    return { code: 405, message: 'Invalid HTTP method' };
  }
  if (
    upgrade === undefined ||
    (upgrade !== 'websocket' && upgrade.toLowerCase() !== 'websocket')
  ) {
    return { code: 400, message: 'Invalid Upgrade header' };
  }
  if (key === undefined || !KEY.test(key)) {
    return {
      code: 400,
      message: 'Missing or invalid Sec-WebSocket-Key header'
    };
  }
  if (version !== 13 && version !== 8) {
    return {
      code: 400,
      message: 'Missing or invalid Sec-WebSocket-Version header',
      headers: { 'Sec-WebSocket-Version': '13, 8' }
    };
  }

  return null;
}

/**
 * Refuses a request, and closes the connection.
 *
 * @param {stream.Duplex} socket The connection
 * @param {Number} code The HTTP status
 * @param {String} [message] The body
 * @param {Object} [headers] More headers
 */
function abortHandshake(socket, code, message, headers) {
  const body = message || http.STATUS_CODES[code];
  const lines = Object.entries({
    Connection: 'close',
    'Content-Type': 'text/html',
    'Content-Length': Buffer.byteLength(body),
    ...headers
  }).map(([name, value]) => `${name}: ${value}`);

  socket.once('finish', socket.destroy);
  socket.end(
    [`HTTP/1.1 ${code} ${http.STATUS_CODES[code]}`, ...lines, '', body].join(
      '\r\n'
    )
  );
}

/**
 * Refuses a request, or leaves that to listeners of 'wsClientError'.
 *
 * @param {WebSocketServer} server The server
 * @param {http.IncomingMessage} req The request
 * @param {stream.Duplex} socket The connection
 * @param {Object} refusal `code`, `message` and `headers`
 */
function refuseUpgrade(server, req, socket, { code, message, headers }) {
  if (server.listenerCount('wsClientError') === 0) {
    abortHandshake(socket, code, message, headers);
    return;
  }

  const err = new Error(message);

  Error.captureStackTrace(err, refuseUpgrade);
  server.emit('wsClientError', err, socket, req);
}

module.exports = {
  abortHandshake,
  checkRequest,
  readFields,
  refuseRequest,
  refuseUpgrade
};
