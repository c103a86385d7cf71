'use strict';

const { createHash } = require('node:crypto');
const EventEmitter = require('node:events');
const http = require('node:http');
const os = require('node:os');

const { CLOSE_TIMEOUT, GUID, kWebSocket } = require('./constants');
const extension = require('./extension');
const { checkIdleTimeout } = require('./idle-timeout');
const { isAvailable } = require('./io-thread');
const monitor = require('./monitor');
const NativeServer = require('./native-server');
const PerMessageDeflate = require('./permessage-deflate');
const { checkSendLimit } = require('./send-limit');
const subprotocol = require('./subprotocol');
const { checkTopic, Topics } = require('./topics');
const WebSocket = require('./websocket');

const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** What may wait for a subscriber before it is left out, in bytes. */
const MAX_BACKPRESSURE = 16 * 1024 * 1024;

const RUNNING = 0;
const CLOSING = 1;
const CLOSED = 2;

/** Has servers of their own port served by the I/O thread from the start. */
const NATIVE = !!process.env.BEASTWS_NATIVE;

const DEFAULTS = {
  allowSynchronousEvents: true,
  autoPing: true,
  autoPong: true,
  backlog: null,
  backpressurePolicy: 'terminate',
  clientTracking: true,
  closeTimeout: CLOSE_TIMEOUT,
  handleProtocols: null,
  host: null,
  idleTimeout: 0,
  ioThread: true,
  ioThreads: 1,
  maxBackpressure: 0,
  maxBufferedChunks: 256 * 1024,
  maxFragments: 16 * 1024,
  maxPayload: 100 * 1024 * 1024,
  maxPendingAutoPongs: 60,
  noServer: false,
  path: null,
  perMessageDeflate: false,
  port: null,
  server: null,
  skipUTF8Validation: false,
  verifyClient: null,
  WebSocket
};

/**
 * A WebSocket server. Emits 'listening', 'connection', 'headers',
 * 'wsClientError', 'error' and 'close'.
 */
class WebSocketServer extends EventEmitter {
  /**
   * @param {Object} options Options, see doc/api.md: one of `port`, `server`
   *     and `noServer`, and others
   * @param {Function} [callback] Called when the server listens, with `port`
   * @throws {TypeError} If not just one of the three is given
   */
  constructor(options, callback) {
    super();

    options = { ...DEFAULTS, ...options };

    const modes =
      (options.port != null) + !!options.server + !!options.noServer;

    if (modes !== 1) {
      throw new TypeError(
        'One and only one of the "port", "server", or "noServer" options ' +
          'must be specified'
      );
    }

    checkSendLimit(options);
    checkIdleTimeout(options);
    checkThreads(options);
    if (options.port != null) {
      this._server = isNative(options)
        ? new NativeServer(options)
        : http.createServer(refuseRequest);
      this._server.listen(
        options.port,
        options.host,
        options.backlog,
        callback
      );
    } else if (options.native || options.tls) {
      throw new TypeError(
        `The "${options.tls ? 'tls' : 'native'}" option must come with "port"`
      );
    } else if (options.server) {
      this._server = options.server;
    }

    if (this._server) {
      const emitConnection = this.emit.bind(this, 'connection');

      this._removeListeners = addListeners(this._server, {
        listening: this.emit.bind(this, 'listening'),
        error: this.emit.bind(this, 'error'),
        upgrade: (req, socket, head) => {
          this.handleUpgrade(req, socket, head, emitConnection);
        }
      });
    }

    if (options.perMessageDeflate === true) options.perMessageDeflate = {};
    if (options.clientTracking) {
      this.clients = new Set();
      this._shouldEmitClose = false;
    }

    this.options = options;
    this._state = RUNNING;
    this._tally = new monitor.Tally();
    this._topics = new Topics();
  }

  /**
   * The address that the server listens on.
   *
   * @return {(Object|String|null)} As `net.Server.prototype.address()`
   * @throws {Error} If there is no server, by option
   */
  address() {
    if (this.options.noServer) {
      throw new Error('The server is operating in "noServer" mode');
    }

    return this._server ? this._server.address() : null;
  }

  /**
   * Counts the connections of this server.
   *
   * @return {Object} See doc/api.md
   */
  metrics() {
    return {
      connections: this._tally.server.toJSON(),
      errors: this._tally.errorsByCode()
    };
  }

  /**
   * Has connections that come from now on see other certificates.
   *
   * @param {Object} options As for `tls.Server.prototype.setSecureContext()`
   * @throws {Error} If they are wrong, or the server does no TLS
   */
  setSecureContext(options) {
    requireTls(this, 'setSecureContext').setSecureContext(options);
  }

  /**
   * Has those who ask for a certain host name see other certificates.
   *
   * @param {String} hostname The name; `*` stands for a label or part of it
   * @param {Object} context A `tls.SecureContext`, or options for one
   * @throws {Error} If that cannot be, or the server does no TLS
   */
  addContext(hostname, context) {
    requireTls(this, 'addContext').addContext(hostname, context);
  }

  /**
   * Sends a message to all subscribers of a topic.
   *
   * @param {String} topic The topic
   * @param {*} data The message: a string, a number or bytes
   * @param {(Object|Boolean)} [options] Options, or whether it is binary
   * @param {Boolean} [options.binary] Whether it is binary; a string is not
   * @param {Boolean} [options.compress=true] Whether to compress it where that
   *     was negotiated
   * @param {Number} [options.maxBackpressure] Leaves out subscribers for whom
   *     more bytes wait already; 0 for none
   * @param {Boolean} [compress=true] As the option, if `options` is a boolean
   * @return {Boolean} Whether there are any
   * @throws {TypeError} If `topic` is no string or `data` cannot be sent
   */
  publish(topic, data, options, compress) {
    checkTopic(topic);
    return this._publish(topic, data, options, compress, null);
  }

  /**
   * Does so for a subscriber.
   *
   * @param {String} topic The topic
   * @param {*} data The message
   * @param {(Object|Boolean)} [options] As for `publish()`
   * @param {Boolean} [compress] Likewise
   * @param {(WebSocket|null)} sender Who does not get it
   * @return {Boolean} Whether anybody does
   */
  _publish(topic, data, options, compress, sender) {
    if (typeof options === 'boolean') options = { binary: options, compress };
    return this._topics.publish(
      topic,
      data,
      { maxBackpressure: MAX_BACKPRESSURE, ...options },
      sender
    );
  }

  /**
   * @param {String} topic A topic
   * @return {Number} How many connections are subscribed to it
   * @throws {TypeError} If `topic` is no string
   */
  numSubscribers(topic) {
    checkTopic(topic);
    return this._topics.count(topic);
  }

  /**
   * Stops the server. Connections stay.
   *
   * @param {Function} [cb] Called when it is closed
   */
  close(cb) {
    if (this._state === CLOSED) {
      if (cb) {
        this.once('close', () => {
          cb(new Error('The server is not running'));
        });
      }

      process.nextTick(emitClose, this);
      return;
    }

    if (cb) this.once('close', cb);
    if (this._state === CLOSING) return;

    this._state = CLOSING;

    const server = this._server;

    if (server) {
      this._removeListeners();
      this._removeListeners = this._server = null;
    }

    if (!this.options.noServer && !this.options.server) {
      // Its 'close' comes when all of its connections are gone.
      server.close(() => emitClose(this));
    } else if (this.clients && this.clients.size > 0) {
      this._shouldEmitClose = true;
    } else {
      process.nextTick(emitClose, this);
    }
  }

  /**
   * Whether a request is for this server.
   *
   * @param {http.IncomingMessage} req The request
   * @return {Boolean} `true` if its path is the one of the options, if any
   */
  shouldHandle(req) {
    if (!this.options.path) return true;

    const query = req.url.indexOf('?');

    return (
      (query === -1 ? req.url : req.url.slice(0, query)) === this.options.path
    );
  }

  /**
   * Handles a request to upgrade.
   *
   * @param {http.IncomingMessage} req The request
   * @param {stream.Duplex} socket The connection
   * @param {Buffer} head What came behind the request
   * @param {Function} cb Called with the WebSocket and the request
   */
  handleUpgrade(req, socket, head, cb) {
    socket.on('error', socketOnError);

    const refusal = checkRequest(req);

    if (refusal !== null) {
      refuseUpgrade(this, req, socket, refusal);
      return;
    }
    if (!this.shouldHandle(req)) {
      abortHandshake(socket, 400);
      return;
    }

    const protocols = this._readProtocols(req, socket);
    const extensions = protocols && this._readExtensions(req, socket);

    if (!extensions) return;

    const key = req.headers['sec-websocket-key'];
    const complete = () =>
      this.completeUpgrade(extensions, key, protocols, req, socket, head, cb);
    const { verifyClient } = this.options;

    if (!verifyClient) {
      complete();
      return;
    }

    const isOld = +req.headers['sec-websocket-version'] === 8;
    const info = {
      origin: req.headers[isOld ? 'sec-websocket-origin' : 'origin'],
      secure: !!(req.socket.authorized || req.socket.encrypted),
      req
    };

    if (verifyClient.length === 2) {
      this.options.verifyClient(info, (verified, code, message, headers) => {
        if (verified) complete();
        else abortHandshake(socket, code || 401, message, headers);
      });
    } else if (this.options.verifyClient(info)) {
      complete();
    } else {
      abortHandshake(socket, 401);
    }
  }

  /**
   * Reads the subprotocols that a client offers.
   *
   * @param {http.IncomingMessage} req The request
   * @param {stream.Duplex} socket The connection
   * @return {(Set|null)} The subprotocols; `null` if the client was refused
   */
  _readProtocols(req, socket) {
    const header = req.headers['sec-websocket-protocol'];

    if (header === undefined) return new Set();

    try {
      return subprotocol.parse(header);
    } catch {
      refuseUpgrade(this, req, socket, {
        code: 400,
        message: 'Invalid Sec-WebSocket-Protocol header'
      });
      return null;
    }
  }

  /**
   * Chooses among the extensions that a client offers.
   *
   * @param {http.IncomingMessage} req The request
   * @param {stream.Duplex} socket The connection
   * @return {(Object|null)} Those accepted; `null` if the client was refused
   */
  _readExtensions(req, socket) {
    const header = req.headers['sec-websocket-extensions'];
    const name = PerMessageDeflate.extensionName;

    if (!this.options.perMessageDeflate || header === undefined) return {};

    // Not the client's fault if options throw.
    const deflate = new PerMessageDeflate({
      ...this.options.perMessageDeflate,
      isServer: true,
      maxPayload: this.options.maxPayload
    });

    try {
      const offers = extension.parse(header);

      if (!offers[name]) return {};

      deflate.accept(offers[name]);
      return { [name]: deflate };
    } catch {
      refuseUpgrade(this, req, socket, {
        code: 400,
        message: 'Invalid or unacceptable Sec-WebSocket-Extensions header'
      });
      return null;
    }
  }

  /**
   * Answers a request to upgrade.
   *
   * @param {Object} extensions The accepted extensions, by name
   * @param {String} key The client's key
   * @param {Set} protocols The subprotocols that the client offers
   * @param {http.IncomingMessage} req The request
   * @param {stream.Duplex} socket The connection
   * @param {Buffer} head What came behind the request
   * @param {Function} cb Called with the WebSocket and the request
   * @throws {Error} If the socket has a WebSocket already
   */
  completeUpgrade(extensions, key, protocols, req, socket, head, cb) {
    // The client is gone already.
    if (!socket.readable || !socket.writable) {
      socket.destroy();
      return;
    }
    if (socket[kWebSocket]) {
      throw new Error(
        'server.handleUpgrade() was called more than once with the same ' +
          'socket, possibly due to a misconfiguration'
      );
    }
    if (this._state > RUNNING) {
      abortHandshake(socket, 503);
      return;
    }

    const accept = createHash('sha1')
      .update(key + GUID)
      .digest('base64');
    const headers = [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${accept}`
    ];
    const ws = new this.options.WebSocket(null, undefined, this.options);

    if (protocols.size > 0) {
      const protocol = this.options.handleProtocols
        ? this.options.handleProtocols(protocols, req)
        : protocols.values().next().value;

      if (protocol) {
        headers.push(`Sec-WebSocket-Protocol: ${protocol}`);
        ws._protocol = protocol;
      }
    }

    const name = PerMessageDeflate.extensionName;

    if (extensions[name]) {
      const value = extension.format({ [name]: [extensions[name].params] });

      headers.push(`Sec-WebSocket-Extensions: ${value}`);
      ws._extensions = extensions;
    }

    ws._owner = this;
    this.emit('headers', headers, req);

    socket.write(`${headers.join('\r\n')}\r\n\r\n`);
    socket.removeListener('error', socketOnError);

    ws.setSocket(socket, head, {
      allowSynchronousEvents: this.options.allowSynchronousEvents,
      ioThread: this.options.ioThread,
      ioThreads: this.options.ioThreads,
      maxBufferedChunks: this.options.maxBufferedChunks,
      maxFragments: this.options.maxFragments,
      maxPayload: this.options.maxPayload,
      request: req,
      skipUTF8Validation: this.options.skipUTF8Validation
    });
    this._track(ws);
    cb(ws, req);
  }

  /**
   * Keeps a WebSocket in `clients` as long as it lives.
   *
   * @param {WebSocket} ws The WebSocket
   */
  _track(ws) {
    if (!this.clients) return;

    this.clients.add(ws);
    ws.on('close', () => {
      this.clients.delete(ws);
      if (this._shouldEmitClose && this.clients.size === 0) {
        process.nextTick(emitClose, this);
      }
    });
  }
}

/**
 * Checks how many I/O threads are wanted: no more than can run at once.
 *
 * @param {Object} options The options of a server
 * @throws {(TypeError|RangeError)} If there cannot be so many
 */
function checkThreads({ ioThread, ioThreads }) {
  const max = os.availableParallelism();

  if (!Number.isInteger(ioThreads)) {
    throw new TypeError('The "ioThreads" option must be an integer');
  }
  if (ioThreads < 1 || ioThreads > max) {
    throw new RangeError(
      `The "ioThreads" option must be from 1 to ${max}, the number of ` +
        'processors that there are'
    );
  }
  if (ioThreads > 1 && ioThread === false) {
    throw new TypeError(
      'The "ioThreads" option and "ioThread: false" cannot go together'
    );
  }
}

/**
 * Whether the I/O thread is to accept the connections.
 *
 * @param {Object} options The options of a server with a port
 * @return {Boolean} `true` if so
 * @throws {TypeError} If the options contradict each other
 */
function isNative(options) {
  if ((options.tls || options.native) && !isAvailable) {
    throw new Error(
      'The "native" option needs the I/O thread, which is not in this build'
    );
  }
  if (options.tls) {
    if (options.ioThread && options.native !== false) return true;
    throw new TypeError(
      'The "tls" option is for native listeners; use an https server and ' +
        'the "server" option otherwise'
    );
  }
  if (options.native === undefined) {
    return NATIVE && options.ioThread && isAvailable;
  }
  if (options.native && options.ioThread === false) {
    throw new TypeError(
      'The "native" option and "ioThread: false" cannot go together'
    );
  }
  return !!options.native;
}

/**
 * The server below that does TLS: ours, or an `https.Server`.
 *
 * @param {WebSocketServer} server The server above it
 * @param {String} method What it must have
 * @return {Object} It
 * @throws {Error} If there is none
 */
function requireTls(server, method) {
  if (typeof server._server?.[method] !== 'function') {
    throw Object.assign(new Error('The server does no TLS'), {
      code: 'ERR_BEASTWS_TLS'
    });
  }
  return server._server;
}

/**
 * Adds listeners.
 *
 * @param {http.Server} server Where to
 * @param {Object} listeners The listeners, by event
 * @return {Function} Removes them
 */
function addListeners(server, listeners) {
  const entries = Object.entries(listeners);

  for (const [event, listener] of entries) server.on(event, listener);

  return () => {
    for (const [event, listener] of entries) {
      server.removeListener(event, listener);
    }
  };
}

/**
 * Emits 'close'.
 *
 * @param {WebSocketServer} server The server
 */
function emitClose(server) {
  server._state = CLOSED;
  server.emit('close');
}

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
 * Checks what RFC 6455 (section 4.2.1) asks of a request.
 *
 * @param {http.IncomingMessage} req The request
 * @return {(Object|null)} Why it is refused: `code`, `message`, `headers`
 */
function checkRequest(req) {
  const { headers } = req;
  const upgrade = headers.upgrade;
  const key = headers['sec-websocket-key'];
  const version = +headers['sec-websocket-version'];

  if (req.method !== 'GET') {
    return { code: 405, message: 'Invalid HTTP method' };
  }
  if (upgrade === undefined || upgrade.toLowerCase() !== 'websocket') {
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
 * Closes a connection that fails during its handshake.
 *
 * @this stream.Duplex
 */
function socketOnError() {
  this.destroy();
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

module.exports = WebSocketServer;
