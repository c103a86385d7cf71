'use strict';

const { decodeMulti, encode } = require('@msgpack/msgpack');

const SEPARATOR = '\x1e';

const INVOCATION = 1;
const STREAM_ITEM = 2;
const COMPLETION = 3;
const STREAM_INVOCATION = 4;
const CANCEL_INVOCATION = 5;
const PING = 6;
const CLOSE = 7;

/** The protocol of text frames. */
const json = {
  binary: false,

  /**
   * @param {Buffer} data A frame's payload
   * @returns {Object[]} The messages in it
   */
  parse: (data) =>
    String(data)
      .split(SEPARATOR)
      .filter(Boolean)
      .map((text) => JSON.parse(text)),

  /**
   * @param {Object} message A message
   * @returns {string} A frame's payload
   */
  write: (message) => JSON.stringify(message) + SEPARATOR
};

/** The protocol of binary frames: messages behind their lengths. */
const messagepack = {
  binary: true,

  /**
   * @param {Buffer} data A frame's payload
   * @returns {Object[]} The messages in it
   */
  parse(data) {
    const messages = [];
    let offset = 0;

    while (offset < data.length) {
      let length = 0;
      let shift = 0;
      let byte;

      do {
        byte = data[offset++];
        length += (byte & 0x7f) * 2 ** shift;
        shift += 7;
      } while (byte & 0x80);

      const [array] = decodeMulti(data.subarray(offset, offset + length));
      messages.push(fromArray(array));
      offset += length;
    }

    return messages;
  },

  /**
   * @param {Object} message A message
   * @returns {Buffer} A frame's payload
   */
  write(message) {
    const body = encode(toArray(message));
    const prefix = [];
    let { length } = body;

    do {
      prefix.push((length & 0x7f) | (length > 0x7f ? 0x80 : 0));
      length >>>= 7;
    } while (length > 0);

    return Buffer.concat([Buffer.from(prefix), body]);
  }
};

/**
 * @param {Array} array A message as MessagePack has it
 * @returns {Object} The message as JSON has it
 */
function fromArray([type, , id, ...rest]) {
  switch (type) {
    case INVOCATION:
    case STREAM_INVOCATION:
      return {
        type,
        invocationId: id,
        target: rest[0],
        arguments: rest[1],
        streamIds: rest[2]
      };
    case STREAM_ITEM:
      return { type, invocationId: id, item: rest[0] };
    case COMPLETION:
      return { type, invocationId: id, result: rest[1] };
    default:
      return { type, invocationId: id };
  }
}

/**
 * @param {Object} message A message as JSON has it
 * @returns {Array} The message as MessagePack has it
 */
function toArray(message) {
  const { type, invocationId: id } = message;

  switch (type) {
    case INVOCATION:
      return [type, {}, id || null, message.target, message.arguments, []];
    case STREAM_ITEM:
      return [type, {}, id, message.item];
    case COMPLETION:
      if (message.error) return [type, {}, id, 1, message.error];
      if (message.result === undefined) return [type, {}, id, 2];
      return [type, {}, id, 3, message.result];
    case CLOSE:
      return [type, message.error || null, message.allowReconnect || false];
    default:
      return [type];
  }
}

module.exports = {
  CANCEL_INVOCATION,
  CLOSE,
  COMPLETION,
  INVOCATION,
  PING,
  SEPARATOR,
  STREAM_INVOCATION,
  STREAM_ITEM,
  protocols: { json, messagepack }
};
