'use strict';

const { tell } = require('./native-receiver');
const PerMessageDeflate = require('./permessage-deflate');
const Receiver = require('./receiver');

/**
 * Frames that came together with the handshake are emitted on the tick behind
 * it, as ws does, while the connection is on its way to the I/O thread already.
 */

/** Opcodes of frames that need nothing but to be emitted. */
const SIMPLE = new Set([0, 1, 2, 9, 10]);

/**
 * Finds where the last whole message ends.
 *
 * @param {Buffer} data Bytes from the start of a frame on
 * @return {Number} The offset in bytes; what is behind it is cut off, or not
 *     simple, or wrong
 */
function endOfWholeMessages(data) {
  let end = 0;
  let at = 0;

  while (at + 2 <= data.length) {
    const opcode = data[at] & 0x0f;
    const fin = (data[at] & 0x80) !== 0;
    const masked = (data[at + 1] & 0x80) !== 0;
    let length = data[at + 1] & 0x7f;
    let size = 2 + (masked ? 4 : 0);

    if (!SIMPLE.has(opcode)) break;
    if (length === 126) {
      size += 2;
      if (at + 4 > data.length) break;
      length = data.readUInt16BE(at + 2);
    } else if (length === 127) {
      break;
    }

    at += size + length;
    if (at > data.length) break;
    // A control frame can be in the middle of a message.
    if (fin && opcode < 8) end = at;
    else if (opcode >= 8 && isBetweenMessages(data, end, at)) end = at;
  }

  return end;
}

/**
 * Whether all frames in a range are control frames.
 *
 * @param {Buffer} data The bytes
 * @param {Number} start Where the first frame begins
 * @param {Number} end Where the last one ends
 * @return {Boolean} `true` if so
 */
function isBetweenMessages(data, start, end) {
  for (let at = start; at < end;) {
    if ((data[at] & 0x0f) < 8) return false;
    at += 2 + (data[at + 1] & 0x80 ? 4 : 0) + (data[at + 1] & 0x7f);
  }

  return true;
}

/**
 * Counts what can be emitted before the I/O thread goes on.
 *
 * @param {WebSocket} websocket The WebSocket
 * @param {Buffer} data What came behind the handshake
 * @param {Object} options As for `WebSocket.prototype.setSocket()`
 * @return {Number} The length of the messages in bytes
 */
function countEarlyBytes(websocket, data, options) {
  // A window to remember, or a wait between events, must not be split.
  return websocket._extensions[PerMessageDeflate.extensionName] ||
    options.allowSynchronousEvents === false
    ? 0
    : endOfWholeMessages(data);
}

/**
 * Emits messages.
 *
 * @param {WebSocket} websocket The WebSocket
 * @param {Buffer} data The messages, and nothing else
 * @param {Object} options As for `WebSocket.prototype.setSocket()`
 */
function emitEarlyFrames(websocket, data, options) {
  const receiver = new Receiver({ ...options, isServer: websocket._isServer });

  receiver.on('message', (message, isBinary) =>
    tell(websocket, 'message', message, isBinary)
  );
  receiver.on('ping', (payload) => tell(websocket, 'ping', payload));
  receiver.on('pong', (payload) => tell(websocket, 'pong', payload));
  receiver.on('error', (err) => websocket._onReceiveError(err));
  // Listeners may change it from one message to the next.
  Object.defineProperty(receiver, '_binaryType', {
    get: () => websocket._binaryType
  });
  receiver.write(data);
}

module.exports = { countEarlyBytes, emitEarlyFrames };
