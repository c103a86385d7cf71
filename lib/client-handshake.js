'use strict';

const { createHash, randomBytes } = require('node:crypto');
const http = require('node:http');
const https = require('node:https');

const {
  checkProtocols,
  complainAbout,
  parseAddress,
  setConnectionOptions,
  setHeaders
} = require('./client-request');
const { CLOSE_TIMEOUT, GUID } = require('./constants');
const { parse } = require('./extension');
const { checkIdleTimeout } = require('./idle-timeout');
const monitor = require('./monitor');
const PerMessageDeflate = require('./permessage-deflate');
const { checkSendLimit } = require('./send-limit');

const CONNECTING = 0;
const CLOSING = 2;

const PROTOCOL_VERSIONS = [8, 13];
const DEFAULTS = {
  allowSynchronousEvents: true,
  autoPing: true,
  autoPong: true,
  backpressurePolicy: 'terminate',
  closeTimeout: CLOSE_TIMEOUT,
  followRedirects: false,
  idleTimeout: 0,
  ioThread: true,
  maxBackpressure: 0,
  maxBufferedChunks: 256 * 1024,
  maxFragments: 16 * 1024,
  maxPayload: 100 * 1024 * 1024,
  maxPendingAutoPongs: 60,
  maxRedirects: 10,
  native: false,
  perMessageDeflate: true,
  protocolVersion: 13,
  skipUTF8Validation: false
};

/** What the URL decides, whatever the options say. */
const FROM_URL = {
  host: undefined,
  hostname: undefined,
  method: 'GET',
  path: undefined,
  port: undefined,
  protocol: undefined,
  protocols: undefined,
  socketPath: undefined,
  timeout: undefined
};

/** Marks a request that was given up. */
const kAborted = Symbol('kAborted');

/**
 * Starts the opening handshake of a client.
 *
 * @param {WebSocket} websocket The client
 * @param {(String|URL)} address The address of the server
 * @param {String[]} protocols The subprotocols to offer
 * @param {Object} [options] The user's options
 * @return {Object} The options with their defaults
 * @throws {(SyntaxError|RangeError)} If the address, the subprotocols or the
 *     options cannot be used
 */
function startHandshake(websocket, address, protocols, options) {
  const opts = { ...DEFAULTS, ...options, ...FROM_URL };

  if (!PROTOCOL_VERSIONS.includes(opts.protocolVersion)) {
    throw new RangeError(
      `Unsupported protocol version: ${opts.protocolVersion} ` +
        `(supported versions: ${PROTOCOL_VERSIONS.join(', ')})`
    );
  }

  checkSendLimit(opts);
  checkIdleTimeout(opts);

  const url = parseAddress(address);

  websocket._url = url.href;

  const complaint = complainAbout(url);

  if (complaint !== null) {
    const err = new SyntaxError(complaint);

    // Nobody is there to catch the exception of a redirection.
    if (websocket._redirects === 0) throw err;
    emitErrorAndClose(websocket, err);
    return opts;
  }

  const offer = {
    key: randomBytes(16).toString('base64'),
    protocols: checkProtocols(protocols),
    deflate: null,
    request: null
  };

  setConnectionOptions(opts, url);
  setHeaders(opts, offer);

  if (opts.followRedirects) {
    options = prepareRedirects(websocket, url, opts, options);
  }

  sendRequest(websocket, opts, offer, { address, protocols, options });
  return opts;
}

/**
 * Keeps credentials from being sent to somebody else because of a redirection.
 *
 * @param {WebSocket} websocket The client
 * @param {URL} url The address
 * @param {Object} opts The options of this request
 * @param {Object} [options] The user's options
 * @return {Object} The options for the next request
 */
function prepareRedirects(websocket, url, opts, options) {
  const isIpc = url.protocol === 'ws+unix:';
  const isSecure = url.protocol === 'wss:';
  const host = isIpc ? opts.socketPath : url.host;

  if (websocket._redirects === 0) {
    websocket._originalIpc = isIpc;
    websocket._originalSecure = isSecure;
    websocket._originalHostOrSocketPath = host;

    // Lower case, so that they can be looked up and removed.
    const headers = {};

    for (const [name, value] of Object.entries(options?.headers ?? {})) {
      headers[name.toLowerCase()] = value;
    }
    options = { ...options, headers };
  } else if (websocket.listenerCount('redirect') === 0) {
    const isSameHost =
      isIpc === websocket._originalIpc &&
      host === websocket._originalHostOrSocketPath;

    if (!isSameHost || (websocket._originalSecure && !isSecure)) {
      delete opts.headers.authorization;
      delete opts.headers.cookie;
      if (!isSameHost) delete opts.headers.host;
      opts.auth = undefined;
    }
  }

  // The first credentials go with all requests to the same host.
  if (opts.auth && !options.headers.authorization) {
    options.headers.authorization = `Basic ${Buffer.from(opts.auth).toString(
      'base64'
    )}`;
  }

  return options;
}

/**
 * Sends the request of the handshake.
 *
 * @param {WebSocket} websocket The client
 * @param {Object} opts The options
 * @param {Object} offer What is offered
 * @param {Object} again The arguments for a redirection: the address, the
 *     subprotocols and the options
 */
function sendRequest(websocket, opts, offer, again) {
  const isSecure = websocket._url.startsWith('wss:');
  const req = (isSecure ? https : http).request(opts);

  websocket._req = req;
  if (websocket._redirects > 0) {
    websocket.emit('redirect', websocket.url, req);
  }
  if (opts.timeout) {
    limitTime(req, opts.timeout, () => {
      abortHandshake(websocket, req, 'Opening handshake has timed out');
    });
  }

  let settled = false;

  req.on('error', (err) => {
    if (settled || req[kAborted]) return;

    settled = true;
    websocket._req = null;
    emitErrorAndClose(websocket, err);
  });
  req.on('response', (res) => {
    onResponse(websocket, req, res, opts, again);
  });
  req.on('upgrade', (res, socket, head) => {
    websocket.emit('upgrade', res);

    // close() or terminate() may have been called.
    if (websocket.readyState !== CONNECTING) return;

    settled = true;
    websocket._req = null;
    offer.request = req;
    onUpgrade(websocket, res, socket, head, opts, offer);
  });

  if (opts.finishRequest) opts.finishRequest(req, websocket);
  else req.end();
}

/**
 * Gives a request up that takes too long.
 *
 * @param {http.ClientRequest} req The request
 * @param {Number} timeout How long it may do nothing, and how long the server
 *     may take from the end of the request to that of its headers, in
 *     milliseconds
 * @param {Function} giveUp What to do then, once
 */
function limitTime(req, timeout, giveUp) {
  let timer;
  const stop = () => clearTimeout(timer);

  req.once('timeout', giveUp);
  // A server that sends a byte now and then does something.
  req.once('finish', () => {
    timer = setTimeout(() => {
      req.off('timeout', giveUp);
      giveUp();
    }, timeout);
  });
  for (const event of ['response', 'upgrade', 'error', 'close', 'timeout']) {
    req.once(event, stop);
  }
}

/**
 * Handles a response that is no upgrade.
 *
 * @param {WebSocket} websocket The client
 * @param {http.ClientRequest} req The request
 * @param {http.IncomingMessage} res The response
 * @param {Object} opts The options
 * @param {Object} again The arguments for a redirection
 */
function onResponse(websocket, req, res, opts, again) {
  const { location } = res.headers;
  const isRedirection = res.statusCode >= 300 && res.statusCode < 400;

  if (location && opts.followRedirects && isRedirection) {
    if (++websocket._redirects > opts.maxRedirects) {
      abortHandshake(websocket, req, 'Maximum redirects exceeded');
      return;
    }

    // The request is over; its errors are nobody's.
    req[kAborted] = true;
    req.abort();

    let address;

    try {
      address = new URL(location, again.address);
    } catch {
      emitErrorAndClose(websocket, new SyntaxError(`Invalid URL: ${location}`));
      return;
    }

    startHandshake(websocket, address, again.protocols, again.options);
  } else if (!websocket.emit('unexpected-response', req, res)) {
    abortHandshake(
      websocket,
      req,
      `Unexpected server response: ${res.statusCode}`
    );
  }
}

/**
 * Handles the server's 101.
 *
 * @param {WebSocket} websocket The client
 * @param {http.IncomingMessage} res The response
 * @param {stream.Duplex} socket The connection
 * @param {Buffer} head What came behind the response
 * @param {Object} opts The options
 * @param {Object} offer What was offered
 */
function onUpgrade(websocket, res, socket, head, opts, offer) {
  const complaint =
    checkUpgrade(res, offer) ?? acceptExtensions(websocket, res, offer);

  if (complaint !== null) {
    abortHandshake(websocket, socket, complaint);
    return;
  }

  const protocol = res.headers['sec-websocket-protocol'];

  if (protocol) websocket._protocol = protocol;

  websocket.setSocket(socket, head, {
    allowSynchronousEvents: opts.allowSynchronousEvents,
    generateMask: opts.generateMask,
    ioThread: opts.ioThread,
    maxBufferedChunks: opts.maxBufferedChunks,
    maxFragments: opts.maxFragments,
    maxPayload: opts.maxPayload,
    request: offer.request,
    skipUTF8Validation: opts.skipUTF8Validation
  });
}

/**
 * Checks the server's headers (RFC 6455, section 4.1).
 *
 * @param {http.IncomingMessage} res The response
 * @param {Object} offer What was offered
 * @return {(String|null)} What is wrong, or `null`
 */
function checkUpgrade(res, offer) {
  const { upgrade } = res.headers;

  if (upgrade === undefined || upgrade.toLowerCase() !== 'websocket') {
    return 'Invalid Upgrade header';
  }

  const accept = createHash('sha1')
    .update(offer.key + GUID)
    .digest('base64');

  if (res.headers['sec-websocket-accept'] !== accept) {
    return 'Invalid Sec-WebSocket-Accept header';
  }

  const protocol = res.headers['sec-websocket-protocol'];

  if (protocol === undefined) {
    return offer.protocols.size > 0 ? 'Server sent no subprotocol' : null;
  }
  if (offer.protocols.size === 0) {
    return 'Server sent a subprotocol but none was requested';
  }

  return offer.protocols.has(protocol)
    ? null
    : 'Server sent an invalid subprotocol';
}

/**
 * Takes the extensions that the server agreed to.
 *
 * @param {WebSocket} websocket The client
 * @param {http.IncomingMessage} res The response
 * @param {Object} offer What was offered
 * @return {(String|null)} What is wrong, or `null`
 */
function acceptExtensions(websocket, res, offer) {
  const header = res.headers['sec-websocket-extensions'];
  const name = PerMessageDeflate.extensionName;

  if (header === undefined) return null;
  if (offer.deflate === null) {
    return (
      'Server sent a Sec-WebSocket-Extensions header but no extension ' +
      'was requested'
    );
  }

  try {
    const extensions = parse(header);
    const names = Object.keys(extensions);

    if (names.length !== 1 || names[0] !== name) {
      return 'Server indicated an extension that was not requested';
    }

    offer.deflate.accept(extensions[name]);
  } catch {
    return 'Invalid Sec-WebSocket-Extensions header';
  }

  websocket._extensions[name] = offer.deflate;
  return null;
}

/**
 * Ends a handshake that has failed.
 *
 * @param {WebSocket} websocket The client
 * @param {(http.ClientRequest|stream.Duplex)} stream What to abort
 * @param {String} message The message of the error
 */
function abortHandshake(websocket, stream, message) {
  const err = new Error(message);

  Error.captureStackTrace(err, abortHandshake);
  websocket._readyState = CLOSING;

  if (stream.setHeader) {
    stream[kAborted] = true;
    stream.abort();
    // A connection that is established while the request is aborted survives.
    if (stream.socket && !stream.socket.destroyed) stream.socket.destroy();
    process.nextTick(emitErrorAndClose, websocket, err);
  } else {
    stream.destroy(err);
    stream.once('error', (err) => {
      monitor.failed(websocket, err);
      websocket.emit('error', err);
    });
    stream.once('close', websocket.emitClose.bind(websocket));
  }
}

/**
 * Emits 'error', then 'close'.
 *
 * @param {WebSocket} websocket The client
 * @param {Error} err The error
 */
function emitErrorAndClose(websocket, err) {
  websocket._readyState = CLOSING;
  // Nothing that comes later is worth another error.
  websocket._errorEmitted = true;
  monitor.failed(websocket, err);
  websocket.emit('error', err);
  websocket.emitClose();
}

module.exports = { abortHandshake, startHandshake };
