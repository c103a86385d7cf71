'use strict';

const {
  types: { isUint8Array }
} = require('node:util');

const FastBuffer = Buffer[Symbol.species];

// As a property it could be anything: of a Proxy, or of a class of the user's.
const { get: getLength } = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  'length'
);

/**
 * Turns what a user sends into bytes.
 *
 * @param {*} data Anything but a string or a Blob
 * @return {Buffer} A view of `data` where that is possible, else a copy
 * @throws {(TypeError|RangeError)} If it is nothing that `Buffer.from()` takes
 */
function toBuffer(data) {
  // What only looks like one is copied.
  if (Buffer.isBuffer(data)) {
    return isUint8Array(data) ? data : Buffer.from(data);
  }
  if (data instanceof ArrayBuffer) return new FastBuffer(data);
  if (ArrayBuffer.isView(data)) {
    return new FastBuffer(data.buffer, data.byteOffset, data.byteLength);
  }

  return Buffer.from(data);
}

/**
 * The length of bytes as it is now, whatever their property `length` says.
 * Memory can shrink, or be gone, while bytes wait to be sent.
 *
 * @param {Uint8Array} bytes The bytes
 * @return {Number} Their number
 */
function lengthOf(bytes) {
  return getLength.call(bytes);
}

/**
 * An ArrayBuffer that holds just the bytes of a Buffer.
 *
 * @param {Buffer} buffer The bytes
 * @return {ArrayBuffer} The memory of `buffer` if it is nothing else's
 */
function toArrayBuffer(buffer) {
  const { buffer: memory, byteOffset, byteLength } = buffer;

  return byteLength === memory.byteLength
    ? memory
    : memory.slice(byteOffset, byteOffset + byteLength);
}

/**
 * Cuts a message into its fragments.
 *
 * @param {Buffer} data The message
 * @param {(Uint32Array|null)} sizes Their sizes, or `null` for at most one
 * @return {Buffer[]} The fragments that are not empty
 */
function toFragments(data, sizes) {
  if (sizes === null) return data.length === 0 ? [] : [data];

  const fragments = [];
  let offset = 0;

  for (const size of sizes) {
    fragments.push(data.subarray(offset, offset + size));
    offset += size;
  }

  return fragments;
}

/**
 * Gives a message the type that a user asked for.
 *
 * @param {Buffer} data The message
 * @param {Boolean} isBinary Whether it is binary; text is always a Buffer
 * @param {(Uint32Array|null)} fragments The sizes of its frames, if several
 * @param {String} binaryType The type
 * @return {(Buffer|ArrayBuffer|Buffer[]|Blob)} The message
 */
function toMessage(data, isBinary, fragments, binaryType) {
  if (!isBinary || binaryType === 'nodebuffer') return data;
  if (binaryType === 'arraybuffer') return toArrayBuffer(data);
  if (binaryType === 'blob') return new Blob([data]);
  return toFragments(data, fragments);
}

module.exports = {
  lengthOf,
  toArrayBuffer,
  toBuffer,
  toFragments,
  toMessage
};
