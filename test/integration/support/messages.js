'use strict';

const { createHash } = require('crypto');

/**
 * Bytes without a pattern, the same ones for the same length and seed.
 *
 * @param {number} length How many bytes
 * @param {number} [seed] Other bytes for another seed
 * @returns {Buffer} The bytes
 */
function noise(length, seed = 1) {
  const words = new Uint32Array(Math.ceil(length / 4));
  let x = (seed * 2654435761) >>> 0 || 1;

  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return Buffer.from(words.buffer, 0, length);
}

/**
 * Text with characters of one to four bytes, the same for the same arguments.
 *
 * @param {number} bytes The length of its UTF-8 form in bytes
 * @returns {string} The text
 */
function text(bytes) {
  const pattern = 'The quick brown fox – größer, 速い, 🦊. ';
  const size = Buffer.byteLength(pattern);
  const whole = pattern.repeat(Math.floor(bytes / size));

  return whole + '.'.repeat(bytes % size);
}

/**
 * The SHA-1 of some bytes.
 *
 * @param {(Buffer|String)} data The bytes
 * @returns {string} In hexadecimal
 */
function hash(data) {
  return createHash('sha1').update(data).digest('hex');
}

/**
 * Receive a number of messages.
 *
 * @param {WebSocket} ws The receiver
 * @param {number} count How many
 * @returns {Promise<Object[]>} `{ data, isBinary }` for each
 */
function receive(ws, count) {
  return new Promise((resolve, reject) => {
    const messages = [];

    /**
     * Keep a message.
     *
     * @param {*} data The data
     * @param {boolean} isBinary Whether it was a binary message
     */
    function onMessage(data, isBinary) {
      messages.push({ data, isBinary });
      if (messages.length === count) finish();
    }

    /**
     * Fail, because there will be no more.
     *
     * @param {number} code The code of 'close'
     */
    function onClose(code) {
      finish(new Error(`closed (${code}) after ${messages.length} messages`));
    }

    /**
     * Stop listening.
     *
     * @param {Error} [err] What went wrong
     */
    function finish(err) {
      ws.off('message', onMessage);
      ws.off('close', onClose);
      ws.off('error', finish);
      if (err) reject(err);
      else resolve(messages);
    }

    ws.on('message', onMessage);
    ws.on('close', onClose);
    ws.on('error', finish);
  });
}

/**
 * Send and wait for the callback.
 *
 * @param {WebSocket} ws The sender
 * @param {*} data The data
 * @param {Object} [options] Options of `send()`
 * @returns {Promise} Fulfilled when it was sent
 */
function send(ws, data, options = {}) {
  return new Promise((resolve, reject) => {
    ws.send(data, options, (err) => (err ? reject(err) : resolve()));
  });
}

module.exports = { hash, noise, receive, send, text };
