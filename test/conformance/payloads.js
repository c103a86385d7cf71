'use strict';

/** Payloads that are the same in every run and differ at every offset. */

/**
 * @param {Number} size The number of bytes
 * @param {Number} [seed] Another seed makes other bytes
 * @return {Buffer} Bytes of all values, which do not compress
 */
function bytes(size, seed = 1) {
  const buffer = Buffer.alloc(size);
  let state = seed;

  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    buffer[i] = state >>> 24;
  }

  return buffer;
}

/**
 * @param {Number} size The number of bytes
 * @return {String} ASCII text whose lines are numbered, so that it compresses
 *     and a missing or repeated part shows
 */
function letters(size) {
  const lines = [];

  for (let i = 0, length = 0; length < size; i++) {
    const line = `line ${i} of some text, `;
    lines.push(line);
    length += line.length;
  }

  return lines.join('').slice(0, size);
}

module.exports = { bytes, letters };
