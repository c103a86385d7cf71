'use strict';

const { createHmac } = require('crypto');
const { Builder, ByteBuffer } = require('flatbuffers');
const { crc32 } = require('zlib');

const HEADER = 8;

/**
 * The fields of HumbleNet's tables, in their order, with their types: numbers,
 * strings, bytes, or vectors of a table (a list with its name).
 */
const TABLES = {
  Attribute: { key: 'string', value: 'string' },
  ICEServer: {
    type: 'ubyte',
    server: 'string',
    username: 'string',
    password: 'string'
  },
  HelloServer: {
    version: 'uint',
    flags: 'ubyte',
    gameToken: 'string',
    gameSignature: 'string',
    authToken: 'string',
    reconnectToken: 'string',
    attributes: ['Attribute']
  },
  HelloClient: {
    peerId: 'uint',
    reconnectToken: 'string',
    iceServers: ['ICEServer']
  },
  P2POffer: { peerId: 'uint', flags: 'ubyte', offer: 'string' },
  P2PAnswer: { peerId: 'uint', offer: 'string' },
  P2PReject: { peerId: 'uint', reason: 'ubyte' },
  P2PRelayData: { peerId: 'uint', data: 'bytes' }
};

/** The tables that are messages, by their number in the union. */
const MESSAGES = new Map([
  [1, 'HelloServer'],
  [2, 'HelloClient'],
  [12, 'P2POffer'],
  [13, 'P2PAnswer'],
  [14, 'P2PReject'],
  [16, 'P2PRelayData']
]);

/** Numbers that are left out of a table; 0 if it is not here. */
const DEFAULTS = { type: 1, reason: 1 };

/**
 * Write what a field refers to.
 *
 * @param {Builder} builder Where to
 * @param {(string|string[])} type The type of the field
 * @param {*} value Its value
 * @returns {number} Its place
 */
function writeReferred(builder, type, value) {
  if (type === 'string') return builder.createString(value);
  if (type === 'bytes') return builder.createByteVector(value);

  const places = value.map((item) => writeTable(builder, type[0], item));

  builder.startVector(4, places.length, 4);
  for (const place of places.reverse()) builder.addOffset(place);
  return builder.endVector();
}

/**
 * Write a table.
 *
 * @param {Builder} builder Where to
 * @param {string} name Its name
 * @param {Object} values Its fields; those that are missing are left out
 * @returns {number} Its place
 */
function writeTable(builder, name, values) {
  const fields = Object.entries(TABLES[name]);
  const places = fields.map(([field, type]) =>
    type === 'uint' || type === 'ubyte' || values[field] === undefined
      ? 0
      : writeReferred(builder, type, values[field])
  );

  builder.startObject(fields.length);
  for (const [slot, [field, type]] of fields.entries()) {
    const normal = DEFAULTS[field] ?? 0;
    const value = values[field] ?? normal;

    if (type === 'uint') builder.addFieldInt32(slot, value, normal);
    else if (type === 'ubyte') builder.addFieldInt8(slot, value, normal);
    else builder.addFieldOffset(slot, places[slot], 0);
  }
  return builder.endObject();
}

/**
 * Read a field of a table.
 *
 * @param {ByteBuffer} buffer Where from
 * @param {number} place The place of the field
 * @param {(string|string[])} type Its type
 * @returns {*} Its value
 */
function readField(buffer, place, type) {
  if (type === 'uint') return buffer.readUint32(place);
  if (type === 'ubyte') return buffer.readUint8(place);
  if (type === 'string') return buffer.__string(place);

  const length = buffer.__vector_len(place);
  const start = buffer.__vector(place);

  if (type === 'bytes') {
    return Buffer.from(buffer.bytes().subarray(start, start + length));
  }
  return Array.from({ length }, (_, index) =>
    readTable(buffer, buffer.__indirect(start + 4 * index), type[0])
  );
}

/**
 * Read a table.
 *
 * @param {ByteBuffer} buffer Where from
 * @param {number} place Its place
 * @param {string} name Its name
 * @returns {Object} Its fields; references that are missing are left out
 */
function readTable(buffer, place, name) {
  const values = {};

  for (const [slot, [field, type]] of Object.entries(TABLES[name]).entries()) {
    const offset = buffer.__offset(place, 4 + 2 * slot);

    if (offset !== 0) {
      values[field] = readField(buffer, place + offset, type);
    } else if (type === 'uint' || type === 'ubyte') {
      values[field] = DEFAULTS[field] ?? 0;
    }
  }
  return values;
}

/**
 * Write a message as a flatbuffer.
 *
 * @param {string} name Its name
 * @param {Object} values Its fields
 * @returns {Uint8Array} The flatbuffer
 */
function writeMessage(name, values) {
  const [[number]] = [...MESSAGES].filter((entry) => entry[1] === name);
  const builder = new Builder(512);
  const place = writeTable(builder, name, values);

  builder.startObject(2);
  builder.addFieldInt8(0, number, 0);
  builder.addFieldOffset(1, place, 0);
  builder.finish(builder.endObject());
  return builder.asUint8Array();
}

/**
 * Read a message from a flatbuffer.
 *
 * @param {Uint8Array} bytes The flatbuffer
 * @returns {Object} Its `name` and its `values`
 */
function readMessage(bytes) {
  const buffer = new ByteBuffer(bytes);
  const root = buffer.readInt32(0);
  const name = MESSAGES.get(buffer.readUint8(root + buffer.__offset(root, 4)));
  const place = buffer.__indirect(root + buffer.__offset(root, 6));

  return { name, values: readTable(buffer, place, name) };
}

/**
 * Make a frame as HumbleNet's peers do.
 *
 * @param {Uint8Array} body The flatbuffer
 * @returns {Buffer} Its size, its CRC-32 and itself
 */
function makeFrame(body) {
  const header = Buffer.alloc(HEADER);

  header.writeUInt32LE(body.length, 0);
  header.writeUInt32LE(crc32(body), 4);
  return Buffer.concat([header, body]);
}

/**
 * Say whether a frame is whole.
 *
 * @param {Buffer} frame The frame
 * @returns {boolean} Whether its size and its CRC-32 are right
 */
function isRight(frame) {
  const body = frame.subarray(HEADER);

  return (
    frame.readUInt32LE(0) === body.length &&
    frame.readUInt32LE(4) === crc32(body)
  );
}

/**
 * Sign the first message of a client.
 *
 * @param {string} secret What the game and the server know
 * @param {Object} hello The fields of the HelloServer
 * @returns {string} The signature
 */
function sign(
  secret,
  { attributes = [], authToken = '', reconnectToken = '' }
) {
  const hmac = createHmac('sha1', secret);

  hmac.update(authToken).update(reconnectToken);
  for (const { key, value } of attributes) hmac.update(key).update(value);
  return hmac.digest('hex');
}

module.exports = {
  HEADER,
  isRight,
  makeFrame,
  readMessage,
  sign,
  writeMessage
};
