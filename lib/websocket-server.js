'use strict';

const crypto = require('node:crypto');
const EventEmitter = require('node:events');
const http = require('node:http');

const Clients = require('./clients');
const { GUID, kWebSocket } = require('./constants');
const extension = require('./extension');
const { checkIdleTimeout } = require('./idle-timeout');
const monitor = require('./monitor');
const NativeServer = require('./native-server');
const PerMessageDeflate = require('./permessage-deflate');
const { checkSendLimit } = require('./send-limit');
const {
  abortHandshake,
  checkRequest,
  readFields,
  refuseRequest,
  refuseUpgrade
} = require('./server-handshake');
const { guardHandshake } = require('./socket-listeners');
const { DEFAULTS, checkThreads, isNative } = require('./server-options');
const subprotocol = require('./subprotocol');
const { checkTopic, Topics } = require('./topics');
const WebSocket = require('./websocket');

/** What may wait for a subscriber before it is left out, in bytes. */
const MAX_BACKPRESSURE = 16 * 1024 * 1024;

/** The property of that name. */
const CLIENTS = {
  configurable: true,
  enumerable: true,
  get() {
    return this._clients.toSet();
  },
  set(value) {
    Object.defineProperty(this, 'clients', { value, writable: true });
  }
};

const RUNNING = 0;
const CLOSING = 1;
const CLOSED = 2;

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

    options = { ...DEFAULTS, WebSocket, ...options };

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
      this._clients = new Clients();
      Object.defineProperty(this, 'clients', CLIENTS);
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
    } else if (this._clients && this._clients.size > 0) {
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
    guardHandshake(socket, true);

    let fields = readFields(req);
    const refusal = checkRequest(req.method, fields);

    if (refusal !== null) {
      refuseUpgrade(this, req, socket, refusal);
      return;
    }
    if (!this.shouldHandle(req)) {
      abortHandshake(socket, 400);
      return;
    }

    // Programs can have changed them.
    if (req._isShown !== false) fields = readFields(req);

    const { key, version } = fields;
    const protocols = this._readProtocols(req, socket, fields.protocol);
    const extensions =
      protocols && this._readExtensions(req, socket, fields.extensions);

    if (!extensions) return;

    const complete = () =>
      this.completeUpgrade(extensions, key, protocols, req, socket, head, cb);
    const { verifyClient } = this.options;

    if (!verifyClient) {
      complete();
      return;
    }

    const isOld = +version === 8;
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
   * @param {(String|undefined)} header What it says
   * @return {(Set|null)} The subprotocols; `null` if the client was refused
   */
  _readProtocols(req, socket, header) {
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
   * @param {(String|undefined)} header What it says
   * @return {(Object|null)} Those accepted; `null` if the client was refused
   */
  _readExtensions(req, socket, header) {
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

    const headers = [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${acceptOf(key)}`
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
    guardHandshake(socket, false);

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
    if (!this._clients) return;

    this._clients.add(ws);
    ws.on('close', onConnectionClose);
  }
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
 * A connection is closed.
 *
 * @this WebSocket
 */
function onConnectionClose() {
  const server = this._owner;

  server._clients.delete(this);
  if (server._shouldEmitClose && server._clients.size === 0) {
    process.nextTick(emitClose, server);
  }
}

/**
 * What a client's key is answered with.
 *
 * @param {String} key The key
 * @return {String} The value of Sec-WebSocket-Accept
 */
function acceptOf(key) {
  // The first one takes half the time, but older versions do not have it.
  return crypto.hash === undefined
    ? crypto
        .createHash('sha1')
        .update(key + GUID)
        .digest('base64')
    : crypto.hash('sha1', key + GUID, 'base64');
}

module.exports = WebSocketServer;
