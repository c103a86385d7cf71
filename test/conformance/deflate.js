'use strict';

/**
 * Compressed payloads for the case tables: hand-made DEFLATE blocks, where the
 * kind of each block and each distance matter, and zlib's where they do not.
 */

const zlib = require('zlib');

const { DISTANCES, DISTANCE_BITS, LENGTHS, LENGTH_BITS } = require('./inflate');

/** Collects bits, least significant first. */
class BitWriter {
  constructor() {
    this.bytes = [];
    this.free = 0;
  }

  /**
   * Appends a number, least significant bit first.
   *
   * @param {Number} value The number
   * @param {Number} count The number of bits
   */
  bits(value, count) {
    for (let i = 0; i < count; i++) {
      if (this.free === 0) {
        this.bytes.push(0);
        this.free = 8;
      }
      this.bytes[this.bytes.length - 1] |=
        ((value >> i) & 1) << (8 - this.free);
      this.free--;
    }
  }

  /**
   * Appends a Huffman code, most significant bit first.
   *
   * @param {Number} code The code
   * @param {Number} count Its length in bits
   */
  code(code, count) {
    for (let i = count - 1; i >= 0; i--) this.bits((code >> i) & 1, 1);
  }

  /** Fills the last byte with zeros. */
  align() {
    this.free = 0;
  }
}

/**
 * Appends a symbol of the fixed literal and length alphabet.
 *
 * @param {BitWriter} writer The writer
 * @param {Number} symbol The symbol, 0 to 287
 */
function fixedSymbol(writer, symbol) {
  if (symbol < 144) writer.code(0x30 + symbol, 8);
  else if (symbol < 256) writer.code(0x190 + symbol - 144, 9);
  else if (symbol < 280) writer.code(symbol - 256, 7);
  else writer.code(0xc0 + symbol - 280, 8);
}

/**
 * Appends a number as code with extra bits.
 *
 * @param {Number[]} bases The smallest value of each code
 * @param {Number[]} extra The number of extra bits of each code
 * @param {Number} value The value
 * @return {Object} `code`, and the `value` and `count` of its extra bits
 */
function split(bases, extra, value) {
  let code = bases.length - 1;
  while (bases[code] > value) code--;
  return { code, value: value - bases[code], count: extra[code] };
}

/**
 * A block with the fixed Huffman codes.
 *
 * @param {...(String|Buffer|Object)} tokens Literals, or `{ length, distance }`
 * @return {Function} What `compressed()` takes
 */
function fixed(...tokens) {
  return (writer, final) => {
    writer.bits(final ? 1 : 0, 1);
    writer.bits(1, 2);

    for (const token of tokens) {
      if (typeof token === 'string' || Buffer.isBuffer(token)) {
        for (const byte of Buffer.from(token)) fixedSymbol(writer, byte);
        continue;
      }

      const length = split(LENGTHS, LENGTH_BITS, token.length);
      const distance = split(DISTANCES, DISTANCE_BITS, token.distance);

      fixedSymbol(writer, 257 + length.code);
      writer.bits(length.value, length.count);
      writer.code(distance.code, 5);
      writer.bits(distance.value, distance.count);
    }

    fixedSymbol(writer, 256);
  };
}

/**
 * A block without compression.
 *
 * @param {(String|Buffer)} data The bytes, at most 65535
 * @param {Number} [check] The second length field when it is to be wrong
 * @return {Function} What `compressed()` takes
 */
function stored(data, check) {
  const bytes = Buffer.from(data);

  return (writer, final) => {
    writer.bits(final ? 1 : 0, 1);
    writer.bits(0, 2);
    writer.align();
    writer.bits(bytes.length, 16);
    writer.bits(check === undefined ? bytes.length ^ 0xffff : check, 16);
    for (const byte of bytes) writer.bits(byte, 8);
  };
}

/**
 * Marks a block as the last of its stream (BFINAL).
 *
 * @param {Function} block The block
 * @return {Function} What `compressed()` takes
 */
function final(block) {
  return (writer) => {
    block(writer, true);
    writer.align();
  };
}

/**
 * Bits that are no block at all.
 *
 * @param {Number} value The bits
 * @param {Number} count How many
 * @return {Function} What `compressed()` takes
 */
function bits(value, count) {
  return (writer) => writer.bits(value, count);
}

/**
 * The payload of a compressed message (RFC 7692 7.2.1): the blocks, then an
 * empty stored block without its last four bytes.
 *
 * @param {...Function} blocks The blocks
 * @return {Buffer} The payload
 */
function compressed(...blocks) {
  const writer = new BitWriter();

  for (const block of blocks) block(writer, false);
  writer.bits(0, 3);
  return Buffer.from(writer.bytes);
}

/** Compresses the messages of one direction with zlib. */
class Deflater {
  /**
   * @param {Object} [options] The negotiated parameters
   * @param {Number} [options.bits=15] The window, 9 to 15
   * @param {Boolean} [options.takeover=true] Whether the window is kept
   */
  constructor({ bits: windowBits = 15, takeover = true } = {}) {
    this.windowBits = windowBits;
    this.takeover = takeover;
    this.history = Buffer.alloc(0);
  }

  /**
   * Compresses one message.
   *
   * @param {(String|Buffer)} data The message
   * @param {Object} [options] Options of zlib
   * @return {Buffer} The payload
   */
  message(data, options) {
    const bytes = Buffer.from(data);
    const output = zlib.deflateRawSync(bytes, {
      ...options,
      windowBits: this.windowBits,
      dictionary: this.history.length > 0 ? this.history : undefined,
      finishFlush: zlib.constants.Z_SYNC_FLUSH
    });

    if (this.takeover) {
      this.history = Buffer.concat([this.history, bytes]).subarray(
        -(2 ** this.windowBits)
      );
    }

    // zlib adds no marker when it has nothing to flush.
    return bytes.length === 0 ? Buffer.from([0]) : output.subarray(0, -4);
  }
}

/**
 * Compresses a message that refers to no other.
 *
 * @param {(String|Buffer)} data The message
 * @param {Object} [options] Options of zlib
 * @return {Buffer} The payload
 */
function deflate(data, options) {
  return new Deflater().message(data, options);
}

module.exports = { Deflater, bits, compressed, deflate, final, fixed, stored };
