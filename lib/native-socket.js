'use strict';

const { getDefaultHighWaterMark } = require('node:stream');

const backlog = require('./backlog');
const { kLink, kWebSocket } = require('./constants');
const { LazyDuplex } = require('./lazy-duplex');
const {
  attachSocketListeners,
  onHandshakeError
} = require('./socket-listeners');

/** From here on `write()` of a stream says that it has enough. */
const HIGH_WATER_MARK = 16 * 1024;

/**
 * A connection that the I/O thread has accepted, with the members of a
 * `net.Socket` that programs use.
 */
class NativeSocket extends LazyDuplex {
  /**
   * @param {(NativeServer|null)} server The server that it came to, if any
   * @param {AcceptedLink} link The connection on the I/O thread
   * @param {Object} peer `address` and `port` of the other end
   * @param {Object} local `address`, `port` and `family` of this end
   */
  constructor(server, link, peer, local) {
    super();

    this.server = server;
    this._setPeer(peer);
    this._local = local;
    this[kLink] = link;
    // The WebSocket above it, if there is one.
    this[kWebSocket] = undefined;
    link.socket = this;
  }

  /**
   * Notes who is at the other end.
   *
   * @param {Object} peer `address` and `port`, as for the constructor
   */
  _setPeer({ address, port }) {
    this._peerAddress = address;
    this._peerPort = port;
  }

  // --- What it is until somebody looks: an open stream, and below a WebSocket
  // one that flows ---

  /** Catches up on what a stream would have gone through by now. */
  _onAwake() {
    const link = this[kLink];
    const websocket = this[kWebSocket];

    if (this._isGuarded) super.on('error', onHandshakeError);
    if (websocket === undefined) return;

    attachSocketListeners(this);
    if (!link.begun) {
      websocket._link?.onSocketAwake(this);
    } else if (!link.paused) {
      super.resume();
      super.read(0);
    }
  }

  /** @type {Boolean} */
  get destroyed() {
    return this._isAwake && super.destroyed;
  }

  set destroyed(value) {
    super.destroyed = value;
  }

  /** @type {Boolean} */
  get readable() {
    return !this._isAwake || super.readable;
  }

  set readable(value) {
    super.readable = value;
  }

  /** @type {Number} */
  get readableHighWaterMark() {
    return this._isAwake
      ? super.readableHighWaterMark
      : getDefaultHighWaterMark(false);
  }

  /** @type {Number} */
  get readableLength() {
    return this._isAwake ? super.readableLength : 0;
  }

  /** @type {Boolean} */
  get writable() {
    return !this._isAwake || super.writable;
  }

  set writable(value) {
    super.writable = value;
  }

  /** @type {Boolean} */
  get writableEnded() {
    return this._isAwake && super.writableEnded;
  }

  /**
   * Whether it was paused last.
   *
   * @return {Boolean} `true` if so
   */
  isPaused() {
    return this._isAwake && super.isPaused();
  }

  /**
   * Counts listeners.
   *
   * @param {(String|Symbol)} event Of which event
   * @param {...*} args As of an EventEmitter
   * @return {Number} How many there are
   */
  listenerCount(event, ...args) {
    return !this._isAwake && event === 'drain'
      ? 0
      : super.listenerCount(event, ...args);
  }

  // --- What a stream is made of ---

  /** Has bytes read. */
  _read() {
    this[kLink].onRead();
  }

  /**
   * @param {Buffer} data Bytes that have come
   */
  takeData(data) {
    this._unrefTimer();
    if (!this.destroyed && !this.push(data)) this[kLink].pause();
  }

  /**
   * Writes raw bytes between frames.
   *
   * @param {...*} args As `Writable.prototype.write()` takes them
   * @return {Boolean} Whether more may be written before 'drain'
   */
  write(...args) {
    const link = this[kLink];
    const [text] = args;

    // The answer to a handshake, as a rule.
    if (
      !this._isAwake &&
      args.length === 1 &&
      typeof text === 'string' &&
      text.length < HIGH_WATER_MARK / 4 &&
      link.sentPlain === 0
    ) {
      this._unrefTimer();
      link.sendText(text);
      return true;
    }
    return backlog.afterWrite(this, link, super.write(...args));
  }

  /**
   * @param {Buffer} chunk What to write
   * @param {String} encoding Not used
   * @param {Function} callback Called when there is room for more
   */
  _write(chunk, encoding, callback) {
    const link = this[kLink];

    this._unrefTimer();
    if (link.raw) {
      // All that is sent comes this way: it may wait for the kernel.
      sendAndWait(link, chunk, callback);
    } else if (link.bufferedBytes === 0) {
      // At once, if possible: nothing that a WebSocket sends may overtake it.
      link.sendRaw(chunk);
      callback();
    } else {
      link.sendRaw(chunk, callback);
    }
  }

  /**
   * @param {Object[]} chunks What to write
   * @param {Function} callback Called when there is room for more
   */
  _writev(chunks, callback) {
    this._write(
      Buffer.concat(chunks.map(({ chunk }) => chunk)),
      'buffer',
      callback
    );
  }

  /**
   * @param {Function} callback Called when everything and a FIN are sent
   */
  _final(callback) {
    const link = this[kLink];

    link.shutdown(() => {
      callback();
      // Somebody has to see that the peer leaves as well.
      if (!link.begun) link.readRaw();
    });
  }

  /**
   * @param {(Error|null)} err Why
   * @param {Function} callback Called when it is said
   */
  _destroy(err, callback) {
    if (this._timer !== null) {
      clearTimeout(this._timer);
      this._timer = null;
    }
    this[kLink].destroy(this._resetting, () => {
      this.emit('close', err !== null && err !== undefined);
    });
    callback(err);
    if (this.server !== null) this.server.onSocketGone();
  }

  /**
   * Stops reading.
   *
   * @return {NativeSocket} The socket
   */
  pause() {
    this[kLink].pause();
    return super.pause();
  }

  /**
   * Goes on reading.
   *
   * @return {NativeSocket} The socket
   */
  resume() {
    const link = this[kLink];

    if (link.begun || link.raw) link.resume();
    return link.begun && !this._isAwake ? this : super.resume();
  }

  /**
   * Adds a listener. One of 'data' sees what is read from now on, also below a
   * WebSocket.
   *
   * @param {(String|Symbol)} event The event
   * @param {Function} listener The listener
   * @return {NativeSocket} The socket
   */
  on(event, listener) {
    const link = this[kLink];

    if (event === 'data' && link?.begun) link.tap();
    else if (event === 'drain' && link) backlog.expectDrain(link);
    return super.on(event, listener);
  }

  // --- What a net.Socket has on top ---

  /** @type {(String|undefined)} */
  get remoteAddress() {
    return this._peerAddress;
  }

  /** @type {(Number|undefined)} */
  get remotePort() {
    return this._peerPort;
  }

  /** @type {(String|undefined)} */
  get remoteFamily() {
    const address = this._peerAddress;

    if (address === undefined) return undefined;
    return address.includes(':') ? 'IPv6' : 'IPv4';
  }

  /** @type {(String|undefined)} */
  get localAddress() {
    return this._local.address;
  }

  /** @type {(Number|undefined)} */
  get localPort() {
    return this._local.port;
  }

  /** @type {(String|undefined)} */
  get localFamily() {
    return this._local.family;
  }

  /**
   * The address of this end.
   *
   * @return {Object} `address`, `port` and `family`
   */
  address() {
    return { ...this._local };
  }

  /** @type {Number} */
  get bytesRead() {
    return this[kLink].bytesRead;
  }

  /** @type {Number} */
  get bytesWritten() {
    return this[kLink].bytesWritten;
  }

  /** @type {Number} */
  get writableLength() {
    return this._isAwake
      ? backlog.pendingBytes(this, this[kLink])
      : this[kLink].bufferedBytes;
  }

  /** @type {Boolean} */
  get writableNeedDrain() {
    return super.writableNeedDrain || backlog.isFull(this, this[kLink]);
  }

  /** @type {Number} */
  get bufferSize() {
    return this.writableLength;
  }

  /** @type {Boolean} */
  get connecting() {
    return false;
  }

  /** @type {Boolean} */
  get pending() {
    return false;
  }

  /** @type {String} */
  get readyState() {
    if (this.readable && this.writable) return 'open';
    if (this.readable) return 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /**
   * Keeps the event loop alive as long as the connection.
   *
   * @return {NativeSocket} The socket
   */
  ref() {
    if (!this.destroyed) this[kLink].setReferenced(true);
    return this;
  }

  /**
   * Does not keep the event loop alive.
   *
   * @return {NativeSocket} The socket
   */
  unref() {
    this[kLink].setReferenced(false);
    return this;
  }

  /**
   * @param {Boolean} [on=true] Whether small segments are sent at once, as they
   *     are from the beginning
   * @return {NativeSocket} The socket
   */
  setNoDelay(on = true) {
    const link = this[kLink];

    if (link.noDelay !== !!on) {
      link.noDelay = !!on;
      link.setNoDelay(!!on);
    }
    return this;
  }

  /**
   * @param {Boolean} [on=false] Whether probes are sent
   * @param {Number} [delay=0] The idle time before the first one in ms
   * @return {NativeSocket} The socket
   */
  setKeepAlive(on = false, delay = 0) {
    this[kLink].setKeepAlive(!!on, Math.floor(delay / 1000));
    return this;
  }

  /**
   * Has 'timeout' emitted when nothing is sent or received for a while.
   *
   * @param {Number} milliseconds How long, 0 for never
   * @param {Function} [callback] A listener, once
   * @return {NativeSocket} The socket
   * @throws {(TypeError|RangeError)} If that is no time
   */
  setTimeout(milliseconds, callback) {
    if (typeof milliseconds !== 'number') {
      throw Object.assign(
        new TypeError('The "msecs" argument must be of type number'),
        { code: 'ERR_INVALID_ARG_TYPE' }
      );
    }
    if (!(milliseconds >= 0 && milliseconds < Infinity)) {
      throw Object.assign(
        new RangeError(
          'The value of "msecs" is out of range. It must be a non-negative ' +
            `finite number. Received ${milliseconds}`
        ),
        { code: 'ERR_OUT_OF_RANGE' }
      );
    }
    if (this.destroyed) return this;

    if (this.timeout !== milliseconds) this.timeout = milliseconds;
    if (this._timer !== null) {
      clearTimeout(this._timer);
      this._timer = null;
    }
    if (milliseconds > 0) this._startTimer();
    if (typeof callback === 'function') {
      if (milliseconds > 0) this.once('timeout', callback);
      else this.removeListener('timeout', callback);
    }
    return this;
  }

  /** Measures the time from now on. */
  _startTimer() {
    this._lastBytes = this.bytesRead + this.bytesWritten;
    this._timer = setTimeout(onTimeout, this.timeout, this);
    this._timer.unref();
  }

  /** Something was sent or received. (The name is that of a net.Socket.) */
  _unrefTimer() {
    if (this._timer !== null) this._timer.refresh();
  }

  /**
   * Ends the connection, and destroys it when everything is written.
   */
  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  /**
   * Closes the connection with a RST.
   *
   * @return {NativeSocket} The socket
   */
  resetAndDestroy() {
    this._resetting = true;
    return this.destroy();
  }
}

// In the prototype what most sockets have takes no memory of theirs.
Object.assign(NativeSocket.prototype, {
  timeout: 0,
  _isGuarded: false,
  _lastBytes: 0,
  _resetting: false,
  _timer: null
});

/**
 * Writes bytes. As of a `net.Socket`, small ones are done with at once.
 *
 * @param {AcceptedLink} link The connection
 * @param {Buffer} chunk The bytes
 * @param {Function} callback Called when the kernel has them
 */
function sendAndWait(link, chunk, callback) {
  let isWaiting = true;
  const done = (err) => {
    if (!isWaiting) return;
    isWaiting = false;
    callback(err);
  };

  link.sendRaw(chunk, done);
  if (link.bufferedBytes === 0) done();
}

/**
 * A time is over: perhaps without an event that JavaScript saw.
 *
 * @param {NativeSocket} socket The socket
 */
function onTimeout(socket) {
  if (socket.bytesRead + socket.bytesWritten !== socket._lastBytes) {
    socket._startTimer();
    return;
  }

  socket._timer = null;
  socket.emit('timeout');
}

module.exports = NativeSocket;
