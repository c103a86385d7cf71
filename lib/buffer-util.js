'use strict';

/**
 * Turns what a user sends into bytes.
 *
 * @param {*} data Anything but a string or a Blob
 * @return {Buffer} A view of `data` where that is possible, else a copy
 * @throws {TypeError} If it is nothing that `Buffer.from()` takes
 */
function toBuffer(data) {
  if (Buffer.isBuffer(data)) return data;
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  if (ArrayBuffer.isView(data)) {
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  }

  return Buffer.from(data);
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

module.exports = { toArrayBuffer, toBuffer, toFragments, toMessage };
