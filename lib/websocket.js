'use strict';

const {
  types: { isUint8Array }
} = require('node:util');

const captureContext = require('./async-context');
const { toBuffer, toMessage } = require('./buffer-util');
const { abortHandshake, startHandshake } = require('./client-handshake');
const {
  BINARY_TYPES,
  CLOSE_TIMEOUT,
  EMPTY_BUFFER,
  kForOnEventAttribute,
  kLink,
  kListener,
  kStatusCode,
  kWebSocket
} = require('./constants');
const {
  EventTarget: { addEventListener, removeEventListener }
} = require('./event-target');
const Emitter = require('./emitter');
const idleTimeout = require('./idle-timeout');
const InlineLink = require('./inline-link');
const { isWanted } = require('./io-thread');
const monitor = require('./monitor');
const NativeLink = require('./native-link');
const NativeReceiver = require('./native-receiver');
const PerMessageDeflate = require('./permessage-deflate');
const Receiver = require('./receiver');
const { SendLimit } = require('./send-limit');
const Sender = require('./sender');
const { attachSocketListeners } = require('./socket-listeners');
const { canMove } = require('./socket-shell');
const StartingLink = require('./starting-link');
const { checkTopic, settle } = require('./topics');
const { isBlob } = require('./validation');

const READY_STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'];
const [CONNECTING, OPEN, CLOSING, CLOSED] = READY_STATES.keys();

const CLOSED_TOO_EARLY =
  'WebSocket was closed before the connection was established';

/**
 * A WebSocket: a client's, or a server's end of a connection. Emits 'open',
 * 'message', 'ping', 'pong', 'close' and 'error'; a client's also 'upgrade',
 * 'redirect' and 'unexpected-response'.
 */
class WebSocket extends Emitter {
  /**
   * Connects to a server, unless `address` is `null`.
   *
   * @param {(String|URL|null)} address Where to connect to; `null` for a
   *     server's end, which gets its connection by `setSocket()`
   * @param {(String|String[])} [protocols] The subprotocols to offer
   * @param {Object} [options] Options, see doc/api.md
   * @throws {(SyntaxError|RangeError)} If the address, the subprotocols or the
   *     options cannot be used
   */
  constructor(address, protocols, options) {
    super();

    this._link = null;
    this._readyState = CONNECTING;
    this._reader = null;
    this._sender = null;
    this._socket = null;
    this._owner = null;

    if (address === null) {
      // In the list of its server's connections.
      this._next = null;
      this._previous = null;
    } else {
      this._bufferedAmount = 0;
      this._extensions = {};
      this._isServer = false;
      this._redirects = 0;
      this._context = captureContext();
      [protocols, options] = readProtocols(protocols, options);
      options = startHandshake(this, address, protocols, options);
    }

    if (!options.autoPong) this._autoPong = false;

    const maxPendingAutoPongs = options.maxPendingAutoPongs | 0;

    if (maxPendingAutoPongs !== this._maxPendingAutoPongs) {
      this._maxPendingAutoPongs = maxPendingAutoPongs;
    }
    if (options.closeTimeout !== this._closeTimeout) {
      this._closeTimeout = options.closeTimeout;
    }
    if (options.maxBackpressure > 0) this._sendLimit = SendLimit.from(options);
    if (options.idleTimeout > 0) {
      this._idleTimeout = idleTimeout.idleTimeoutOf(options);
    }
    if (!options.autoPing) this._autoPing = false;
  }

  /**
   * The type in which binary messages are emitted.
   *
   * @type {String}
   */
  get binaryType() {
    return this._binaryType;
  }

  set binaryType(type) {
    if (!BINARY_TYPES.includes(type)) return;

    this._binaryType = type;
    if (this._reader !== null) this._reader._binaryType = type;
    if (this._facade !== null) this._facade._binaryType = type;
  }

  /**
   * Bytes that were sent but are not with the operating system yet.
   *
   * @type {Number}
   */
  get bufferedAmount() {
    if (this._socket === null) return this._bufferedAmount;

    return this._link.bufferedBytes + this._sender._bufferedBytes;
  }

  /**
   * The names of the negotiated extensions.
   *
   * @type {String}
   */
  get extensions() {
    return Object.keys(this._extensions).join();
  }

  /**
   * Whether `pause()` was called last.
   *
   * @type {Boolean}
   */
  get isPaused() {
    return this._paused;
  }

  /**
   * The negotiated subprotocol.
   *
   * @type {String}
   */
  get protocol() {
    return this._protocol;
  }

  /**
   * The state of the connection: 0 to 3.
   *
   * @type {Number}
   */
  get readyState() {
    return this._readyState;
  }

  /**
   * The address of a client's server.
   *
   * @type {(String|undefined)}
   */
  get url() {
    return this._url;
  }

  /**
   * What reads frames: a Writable on JavaScript's thread, else an object that
   * looks enough like it.
   *
   * @type {(Receiver|NativeReceiver|null)}
   */
  get _receiver() {
    if (this._reader === null && this._link !== null) {
      this._facade ??= new NativeReceiver(this);
      return this._facade;
    }
    // From now on its listeners may be others.
    if (this._reader !== null) this._reader.isDirect = false;

    return this._reader;
  }

  /**
   * Takes over a connection whose handshake is done.
   *
   * @param {stream.Duplex} socket The connection
   * @param {Buffer} head What the peer sent behind its handshake
   * @param {Object} options Options
   * @param {Boolean} [options.allowSynchronousEvents=true] Whether several
   *     events may be emitted in one tick
   * @param {Function} [options.generateMask] Fills a mask of 4 bytes
   * @param {Boolean} [options.ioThread=true] Whether the I/O thread may take
   *     the connection
   * @param {Number} [options.maxBufferedChunks=0] Limit of reads for one frame
   * @param {Number} [options.maxFragments=0] Limit of frames in a message
   * @param {Number} [options.maxPayload=0] Limit of a message in bytes
   * @param {(http.IncomingMessage|http.ClientRequest)} [options.request] The
   *     request of the handshake
   * @param {Boolean} [options.skipUTF8Validation=false] Whether text may be
   *     anything
   */
  setSocket(socket, head, options) {
    if (socket.setTimeout) socket.setTimeout(0);
    if (socket.setNoDelay) socket.setNoDelay();

    this._socket = socket;
    socket[kWebSocket] = this;
    this._sender = new Sender(socket, this._extensions, options.generateMask);
    this._sender[kWebSocket] = this;
    this._sender.onerror = senderOnError;
    attachSocketListeners(socket);

    const mayMove = options.ioThread !== false && isWanted && canMove(socket);

    // The listeners that are about to run may show that the socket must stay
    // as it is, by listening to its data for example. (Scheduled before the
    // stream schedules anything.)
    options = { ...options };
    if (mayMove) process.nextTick(chooseLink, this, options);
    if (head.length > 0) socket.unshift(head);
    if (mayMove) this._link = new StartingLink(this, socket, options);
    else this._connectInline(options);

    this._readyState = OPEN;
    if (this._idleTimeout > 0) idleTimeout.watch(this);
    monitor.opened(this, options.request);
    this.emit('open');
  }

  /**
   * Has JavaScript's thread do the I/O.
   *
   * @param {Object} options As for `setSocket()`
   */
  _connectInline(options) {
    this._reader = new Receiver({
      ...options,
      binaryType: this.binaryType,
      extensions: this._extensions,
      isServer: this._isServer
    });
    this._reader[kWebSocket] = this;
    this._link = new InlineLink(this, this._socket, this._reader);
    if (this._facade !== null) {
      this._facade.moveListeners(this._reader);
      this._reader.isDirect = false;
    }
    if (this._socket[kLink] !== undefined) this._socket[kLink].readRaw();
  }

  /**
   * Has the I/O thread do the I/O, if that is possible.
   *
   * @param {Object} options As for `setSocket()`
   * @return {Boolean} Whether it was
   */
  _connectNatively(options) {
    const socket = this._socket;

    // Reading what there is would emit it, too.
    if (socket._isAwake !== false) {
      socket.removeListener('data', InlineLink.onData);
    }
    if (!canMove(socket)) return false;

    const link = socket[kLink] ?? new NativeLink(this, socket);

    link.websocket = this;
    if (!link.attach(options)) return false;

    this._link = this._sender._link = link;
    monitor.moved(this);
    settle(this);
    link.emitEarly(options);
    return true;
  }

  /**
   * Emits 'close'.
   */
  emitClose() {
    const wasOpen = this._socket !== null;

    if (wasOpen) {
      const deflate = this._extensions[PerMessageDeflate.extensionName];

      if (deflate) deflate.cleanup();
      if (this._reader !== null) this._reader.removeAllListeners();
    }

    this._readyState = CLOSED;
    if (this._idleTimeout > 0) idleTimeout.unwatch(this);
    if (wasOpen) monitor.closed(this);
    this.emit('close', this._closeCode, this._closeMessage);
  }

  /**
   * Starts the closing handshake, or goes on with it.
   *
   * @param {Number} [code] The status code
   * @param {(String|Buffer)} [data] The reason, up to 123 bytes
   * @throws {(TypeError|RangeError)} If the arguments make no close frame
   */
  close(code, data) {
    if (this._readyState === CLOSED) return;
    if (this._readyState === CONNECTING) {
      abortHandshake(this, this._req, CLOSED_TOO_EARLY);
      return;
    }
    if (this._readyState === CLOSING) {
      this._endIfComplete();
      return;
    }

    this._unsubscribeAll();
    this._sender.close(code, data, !this._isServer, (err) => {
      if (err) return;

      this._closeFrameSent = true;
      this._endIfComplete();
    });
    this._readyState = CLOSING;
    this._setCloseTimer();
  }

  /**
   * Ends the connection once the closing handshake is through.
   */
  _endIfComplete() {
    if (
      this._closeFrameSent &&
      (this._closeFrameReceived || this._receiveFailed)
    ) {
      this._socket.end();
    }
  }

  /**
   * Bounds the time that the closing handshake may take.
   */
  _setCloseTimer() {
    this._closeTimer = setTimeout(
      () => this._socket.destroy(),
      this._closeTimeout
    );
  }

  /**
   * Stops reading.
   */
  pause() {
    if (this._readyState === CONNECTING || this._readyState === CLOSED) return;

    this._paused = true;
    this._socket.pause();
  }

  /**
   * Goes on reading.
   */
  resume() {
    if (this._readyState === CONNECTING || this._readyState === CLOSED) return;

    this._paused = false;
    if (!this._link.needsDrain) this._socket.resume();
  }

  /**
   * Sends a ping.
   *
   * @param {*} [data] The payload, up to 125 bytes
   * @param {Boolean} [mask] Whether it is masked; a client's are
   * @param {Function} [cb] Called when it is written
   * @throws {(Error|RangeError)} If there is no connection yet, or the payload
   *     is too long
   */
  ping(data, mask, cb) {
    this._sendControl('ping', data, mask, cb);
  }

  /**
   * Sends a pong.
   *
   * @param {*} [data] The payload, up to 125 bytes
   * @param {Boolean} [mask] Whether it is masked; a client's are
   * @param {Function} [cb] Called when it is written
   * @throws {(Error|RangeError)} If there is no connection yet, or the payload
   *     is too long
   */
  pong(data, mask, cb) {
    this._sendControl('pong', data, mask, cb);
  }

  /**
   * Sends a ping or a pong.
   *
   * @param {String} type 'ping' or 'pong'
   * @param {*} [data] The payload
   * @param {Boolean} [mask] Whether it is masked
   * @param {Function} [cb] Called when it is written
   */
  _sendControl(type, data, mask, cb) {
    this._assertConnected();

    if (typeof data === 'function') {
      cb = data;
      data = mask = undefined;
    } else if (typeof mask === 'function') {
      cb = mask;
      mask = undefined;
    }
    if (typeof data === 'number') data = data.toString();

    if (this._readyState !== OPEN) {
      this._refuse(data, cb);
      return;
    }

    this._sender[type](
      data || EMPTY_BUFFER,
      mask === undefined ? !this._isServer : mask,
      cb
    );
  }

  /**
   * Sends a message, or a fragment of one.
   *
   * @param {*} data The message
   * @param {Object} [options] Options
   * @param {Boolean} [options.binary] Whether it is binary; a string is not
   * @param {Boolean} [options.compress=true] Whether to compress it, if that
   *     was negotiated
   * @param {Boolean} [options.fin=true] Whether this ends the message
   * @param {Boolean} [options.mask] Whether it is masked; a client's are
   * @param {Function} [cb] Called when it is written
   * @throws {(Error|TypeError)} If there is no connection yet, or `data` cannot
   *     be sent
   */
  send(data, options, cb) {
    this._assertConnected();

    if (typeof options === 'function') {
      cb = options;
      options = undefined;
    }
    if (typeof data === 'number') data = data.toString();

    if (this._readyState !== OPEN) {
      this._refuse(data, cb);
      return;
    }

    if (this._sendLimit?.refuses(this, data, options, cb)) return;
    if (this._sendWhole(data, options, cb)) return;

    const all = {
      binary: typeof data !== 'string',
      mask: !this._isServer,
      compress: true,
      fin: true
    };

    if (options) Object.assign(all, options);
    this._sender.send(data || EMPTY_BUFFER, all, cb);
  }

  /**
   * Sends a message in the usual way, without the detours that the others need:
   * bytes or a string in one frame.
   *
   * @param {*} data The message
   * @param {Object} [options] As for `send()`
   * @param {Function} [cb] Called when it is written
   * @return {Boolean} `false` if it is not that simple
   */
  _sendWhole(data, options, cb) {
    const isString = typeof data === 'string';
    let binary = !isString;
    let compress = true;

    if (!isString && !(Buffer.isBuffer(data) && isUint8Array(data))) {
      return false;
    }
    if (options) {
      if (typeof options !== 'object') return false;
      // A property that is there counts, even if it is undefined.
      if ('fin' in options || 'mask' in options) return false;
      if ('binary' in options) binary = options.binary;
      if ('compress' in options) compress = options.compress;
    }

    const mask = !this._isServer;

    // The options have been read, which runs code of the user's: once is enough.
    if (!this._sender.sendWhole(data, !binary, compress, mask, cb)) {
      this._sender.send(data, { binary, compress, fin: true, mask }, cb);
    }
    return true;
  }

  /**
   * Gets what is published under a topic of its server from now on.
   *
   * @param {String} topic The topic
   * @return {Boolean} `false` if the connection is not open
   * @throws {(Error|TypeError)} If there is no server, or `topic` is no string
   */
  subscribe(topic) {
    const topics = this._topicsOf(topic);

    if (this._readyState !== OPEN) return false;
    topics.subscribe(this, topic);
    return true;
  }

  /**
   * Does not get it any more.
   *
   * @param {String} topic The topic
   * @return {Boolean} Whether it was subscribed
   * @throws {(Error|TypeError)} If there is no server, or `topic` is no string
   */
  unsubscribe(topic) {
    return this._topicsOf(topic).unsubscribe(this, topic);
  }

  /**
   * @param {String} topic A topic
   * @return {Boolean} Whether the connection is subscribed to it
   */
  isSubscribed(topic) {
    return this.getTopics().includes(topic);
  }

  /**
   * @return {String[]} All topics that the connection is subscribed to
   */
  getTopics() {
    return this._subscriptions?.topics.map(({ name }) => name) ?? [];
  }

  /**
   * Sends a message to all subscribers of a topic but this one.
   *
   * @param {String} topic The topic
   * @param {*} data The message
   * @param {(Object|Boolean)} [options] As for `publish()` of the server
   * @param {Boolean} [compress] Likewise
   * @return {Boolean} Whether there are any
   * @throws {(Error|TypeError)} If there is no server, `topic` is no string, or
   *     `data` cannot be sent
   */
  publish(topic, data, options, compress) {
    this._topicsOf(topic);
    return this._owner._publish(topic, data, options, compress, this);
  }

  /**
   * @param {String} topic A topic
   * @return {Topics} The topics of the server
   * @throws {(Error|TypeError)} If there is no server, or `topic` is no string
   */
  _topicsOf(topic) {
    if (this._owner === null) {
      throw new Error('Only connections of a server have topics');
    }
    checkTopic(topic);
    return this._owner._topics;
  }

  /** Ends all subscriptions. */
  _unsubscribeAll() {
    if (this._subscriptions !== null) this._owner._topics.unsubscribeAll(this);
  }

  /**
   * Ends the connection at once.
   */
  terminate() {
    if (this._readyState === CLOSED) return;
    if (this._readyState === CONNECTING) {
      abortHandshake(this, this._req, CLOSED_TOO_EARLY);
      return;
    }
    if (this._socket !== null) {
      this._readyState = CLOSING;
      this._unsubscribeAll();
      this._socket.destroy();
    }
  }

  /**
   * @throws {Error} If there is no connection yet
   */
  _assertConnected() {
    if (this._readyState === CONNECTING) {
      throw new Error('WebSocket is not open: readyState 0 (CONNECTING)');
    }
  }

  /**
   * Counts what was sent too late, and says so.
   *
   * @param {*} data What was sent
   * @param {Function} [cb] Called with the error
   */
  _refuse(data, cb) {
    if (data) {
      const length = isBlob(data) ? data.size : toBuffer(data).length;

      if (this._socket !== null) this._sender._bufferedBytes += length;
      else this._bufferedAmount += length;
    }
    if (cb) {
      const state = this._readyState;

      process.nextTick(
        cb,
        new Error(
          `WebSocket is not open: readyState ${state} (${READY_STATES[state]})`
        )
      );
    }
  }

  // --- What the link reports ---

  /**
   * @param {Buffer} data A message
   * @param {Boolean} isBinary Whether it is binary
   * @param {(Uint32Array|null)} fragments The sizes of its frames, if several
   */
  _onMessage(data, isBinary, fragments) {
    const message = toMessage(data, isBinary, fragments, this._binaryType);

    // Programs can have listeners of the receiver's removed.
    if (this._facade === null) this.emit('message', message, isBinary);
    else this._facade.emit('message', message, isBinary);
  }

  /**
   * @param {*} message A message, in the type that was asked for
   * @param {Boolean} isBinary Whether it is binary
   */
  _emitMessage(message, isBinary) {
    this.emit('message', message, isBinary);
  }

  /**
   * @param {Buffer} data The payload of a ping
   */
  _onPing(data) {
    if (this._autoPong && this._readyState === OPEN) {
      if (
        this._maxPendingAutoPongs > 0 &&
        this._pendingAutoPongs >= this._maxPendingAutoPongs
      ) {
        this.terminate();
      } else {
        this._pendingAutoPongs++;
        this._autoPongComplete ??= () => {
          this._pendingAutoPongs--;
        };
        this.pong(data, !this._isServer, this._autoPongComplete);
      }
    }

    this.emit('ping', data);
  }

  /**
   * @param {Buffer} data The payload of a pong
   */
  _onPong(data) {
    this.emit('pong', data);
  }

  /**
   * @param {Number} code The status code of the peer's close frame, or 1005
   * @param {Buffer} reason Its reason
   */
  _onCloseFrame(code, reason) {
    this._closeFrameReceived = true;
    this._closeCode = code;
    this._closeMessage = reason.length === 0 ? EMPTY_BUFFER : reason;

    if (this._socket[kWebSocket] === undefined) return;

    this._link.ignoreData();
    if (code === 1005) this.close();
    else this.close(code, reason);
  }

  /**
   * @param {Error} err What is wrong with what the peer sent
   */
  _onReceiveError(err) {
    this._receiveFailed = true;

    if (this._socket[kWebSocket] !== undefined) {
      this._link.ignoreData();
      this.close(err[kStatusCode]);
    }

    this._emitError(err);
  }

  /**
   * Emits 'error', once.
   *
   * @param {Error} err The error
   */
  _emitError(err) {
    if (this._errorEmitted) return;

    this._errorEmitted = true;
    monitor.failed(this, err);
    this.emit('error', err);
  }
}

// What most WebSockets have for most of the time: in the prototype it takes no
// memory of theirs.
Object.assign(WebSocket.prototype, {
  _autoPing: true,
  _autoPong: true,
  _autoPongComplete: null,
  _binaryType: BINARY_TYPES[0],
  _closeCode: 1006,
  _closeFrameReceived: false,
  _closeFrameSent: false,
  _closeMessage: EMPTY_BUFFER,
  _closeTimeout: CLOSE_TIMEOUT,
  _closeTimer: null,
  // A client's listeners run in the async context of its constructor, those of
  // a server's end in none.
  _context: null,
  _errorEmitted: false,
  _extensions: Object.freeze({}),
  _facade: null,
  _idleTimeout: 0,
  _isServer: true,
  _maxPendingAutoPongs: 60,
  _paused: false,
  _pendingAutoPongs: 0,
  _protocol: '',
  _receiveFailed: false,
  _sendLimit: null,
  // What it gets of what is published by its server.
  _subscriptions: null
});

READY_STATES.forEach((name, value) => {
  const descriptor = { enumerable: true, value };

  Object.defineProperty(WebSocket, name, descriptor);
  Object.defineProperty(WebSocket.prototype, name, descriptor);
});

for (const name of [
  'binaryType',
  'bufferedAmount',
  'extensions',
  'isPaused',
  'protocol',
  'readyState',
  'url'
]) {
  Object.defineProperty(WebSocket.prototype, name, { enumerable: true });
}

for (const type of ['open', 'error', 'close', 'message']) {
  Object.defineProperty(WebSocket.prototype, `on${type}`, {
    configurable: true,
    enumerable: true,
    get() {
      return attributeListener(this, type)?.[kListener] ?? null;
    },
    set(handler) {
      const previous = attributeListener(this, type);

      if (previous !== undefined) this.removeListener(type, previous);
      if (typeof handler !== 'function') return;

      this.addEventListener(type, handler, { [kForOnEventAttribute]: true });
    }
  });
}

WebSocket.prototype.addEventListener = addEventListener;
WebSocket.prototype.removeEventListener = removeEventListener;

/**
 * Decides where a connection lives, after the listeners of its first tick.
 *
 * @param {WebSocket} websocket The WebSocket
 * @param {Object} options As for `setSocket()`
 */
function chooseLink(websocket, options) {
  const socket = websocket._socket;

  // Closed meanwhile.
  if (socket[kWebSocket] !== websocket || socket.destroyed) return;
  // So early that the data was there before.
  if (websocket._reader !== null) return;
  if (!websocket._connectNatively(options)) websocket._connectInline(options);
}

/**
 * Finds the listener that an `on<event>` attribute added.
 *
 * @param {WebSocket} websocket The WebSocket
 * @param {String} type The event
 * @return {(Function|undefined)} The listener
 */
function attributeListener(websocket, type) {
  return websocket
    .listeners(type)
    .find((listener) => listener[kForOnEventAttribute]);
}

/**
 * Sorts out the constructor's arguments: the options can come second, and the
 * subprotocols can be among them.
 *
 * @param {*} protocols The second argument
 * @param {Object} [options] The third one
 * @return {Array} The subprotocols as an array, and the options
 */
function readProtocols(protocols, options) {
  if (
    typeof protocols === 'object' &&
    protocols !== null &&
    !Array.isArray(protocols)
  ) {
    options = protocols;
    protocols = undefined;
  }
  if (protocols === undefined) {
    if (!options || options.protocols === undefined) return [[], options];
    protocols = options.protocols;
  }

  return [Array.isArray(protocols) ? protocols : [protocols], options];
}

/**
 * A Blob could not be read: the message that was begun cannot be ended.
 *
 * @param {Error} err What went wrong
 * @this Sender
 */
function senderOnError(err) {
  const websocket = this[kWebSocket];

  if (websocket._readyState === CLOSED) return;
  if (websocket._readyState === OPEN) {
    websocket._readyState = CLOSING;
    websocket._unsubscribeAll();
    websocket._setCloseTimer();
  }

  this._socket.end();
  websocket._emitError(err);
}

module.exports = WebSocket;
