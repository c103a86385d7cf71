'use strict';

const { kWebSocket } = require('./constants');
const { flushFor } = require('./frame-pool');

/** All of them; weak, because a stream that nobody has need not be closed. */
const all = new Set();

/**
 * A connection on JavaScript's thread: passes what the socket reads to a
 * receiver, and what that finds to the WebSocket.
 */
class InlineLink {
  /**
   * @param {WebSocket} websocket Who is told of events
   * @param {stream.Duplex} socket The connection
   * @param {Receiver} receiver What reads frames
   */
  constructor(websocket, socket, receiver) {
    this.websocket = websocket;
    this.socket = socket;
    this.receiver = receiver;
    // Changes whenever something comes.
    this.heard = 0;
    this.reference = new WeakRef(this);
    all.add(this.reference);

    receiver.isDirect = receiver._allowSynchronousEvents;
    receiver.on('conclude', onConclude);
    receiver.on('drain', onDrain);
    receiver.on('error', onError);
    receiver.on('message', onMessage);
    receiver.on('ping', onPing);
    receiver.on('pong', onPong);
    // A starting link listens already.
    if (!socket.listeners('data').includes(onData)) socket.on('data', onData);
  }

  /**
   * What streams have not taken yet of all that was sent.
   *
   * @return {Number} The bytes of all connections
   */
  static pendingBytes() {
    let bytes = 0;

    for (const reference of all) {
      const link = reference.deref();

      if (link === undefined) all.delete(reference);
      else bytes += link.bufferedBytes;
    }

    return bytes;
  }

  /**
   * Bytes in the socket's queue.
   *
   * @type {Number}
   */
  get bufferedBytes() {
    flushFor(this.socket);
    return this.socket.writableLength;
  }

  /**
   * Whether the socket is paused because the receiver is behind.
   *
   * @type {Boolean}
   */
  get needsDrain() {
    return this.receiver._writableState.needDrain;
  }

  /**
   * Nothing that the peer may still send counts, but its end does.
   */
  ignoreData() {
    this.socket.removeListener('data', onData);
    process.nextTick(resume, this.socket);
  }

  /**
   * The socket has ended.
   */
  onSocketEnd() {
    this.receiver.end();
  }

  /**
   * The socket is closed. What it had read while it was paused is emitted, then
   * 'close'.
   *
   * @param {Function} detach Separates the socket and the WebSocket
   */
  onSocketClose(detach) {
    const { receiver, socket, websocket } = this;
    const readable = socket._readableState;

    all.delete(this.reference);
    socket.removeListener('data', onData);
    if (
      !readable.endEmitted &&
      !websocket._closeFrameReceived &&
      !websocket._receiveFailed &&
      readable.length !== 0
    ) {
      receiver.write(socket.read(readable.length));
    }

    receiver.end();
    detach();

    if (
      receiver._writableState.finished ||
      receiver._writableState.errorEmitted
    ) {
      websocket.emitClose();
    } else {
      receiver.on('error', onFinish);
      receiver.on('finish', onFinish);
    }
  }
}

/**
 * @param {Number} code The status code of the peer's close frame
 * @param {Buffer} reason Its reason
 * @this Receiver
 */
function onConclude(code, reason) {
  // The reason is kept for long: not as a view of what was read with it.
  this[kWebSocket]._onCloseFrame(code, Buffer.from(reason));
}

/**
 * @this Receiver
 */
function onDrain() {
  const websocket = this[kWebSocket];

  if (!websocket.isPaused) websocket._socket.resume();
}

/**
 * @param {Error} err What is wrong with what the peer sent
 * @this Receiver
 */
function onError(err) {
  this[kWebSocket]._onReceiveError(err);
}

/**
 * @this Receiver
 */
function onFinish() {
  this[kWebSocket].emitClose();
}

/**
 * @param {*} data A message, in the type that was asked for
 * @param {Boolean} isBinary Whether it is binary
 * @this Receiver
 */
function onMessage(data, isBinary) {
  this[kWebSocket].emit('message', data, isBinary);
}

/**
 * @param {Buffer} data The payload of a ping
 * @this Receiver
 */
function onPing(data) {
  this[kWebSocket]._onPing(data);
}

/**
 * @param {Buffer} data The payload of a pong
 * @this Receiver
 */
function onPong(data) {
  this[kWebSocket]._onPong(data);
}

/**
 * @param {Buffer} chunk What the socket has read
 * @this stream.Duplex
 */
function onData(chunk) {
  const websocket = this[kWebSocket];

  if (websocket._reader === null) {
    websocket._connectInline(websocket._link.options);
  }
  websocket._link.heard++;

  const reader = websocket._reader;
  // Streams can have an encoding, or emit what they like.
  const more =
    reader.isIdle && Buffer.isBuffer(chunk)
      ? reader.readFor(websocket, chunk)
      : reader.write(chunk);

  if (!more) this.pause();
}

/**
 * @param {stream.Duplex} socket A socket
 */
function resume(socket) {
  socket.resume();
}

module.exports = Object.assign(InlineLink, { onData });
