'use strict';

/**
 * A small DEFLATE decoder for what the module under test compresses. zlib would
 * accept streams that RFC 7692 forbids: distances beyond the negotiated window
 * and payloads whose tail was not removed. This one does not.
 */

const LENGTHS = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67,
  83, 99, 115, 131, 163, 195, 227, 258
];
const LENGTH_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5,
  5, 5, 0
];
const DISTANCES = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769,
  1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577
];
const DISTANCE_BITS = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11,
  11, 12, 12, 13, 13
];
const ORDER = [
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
];
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/**
 * Builds a canonical Huffman decoding table.
 *
 * @param {Number[]} lengths The code length of each symbol
 * @return {Object} How many codes there are of each length, and the symbols
 */
function table(lengths) {
  const counts = new Array(16).fill(0);
  for (const length of lengths) counts[length]++;
  counts[0] = 0;

  const offsets = [0, 0];
  for (let i = 1; i < 15; i++) offsets[i + 1] = offsets[i] + counts[i];

  const symbols = [];
  lengths.forEach((length, symbol) => {
    if (length !== 0) symbols[offsets[length]++] = symbol;
  });

  return { counts, symbols };
}

const FIXED_LITERALS = table([
  ...new Array(144).fill(8),
  ...new Array(112).fill(9),
  ...new Array(24).fill(7),
  ...new Array(8).fill(8)
]);
const FIXED_DISTANCES = table(new Array(30).fill(5));

/** Decodes the messages of one direction of one connection. */
class Inflater {
  /**
   * @param {Number} bits The base-2 logarithm of the window the sender may use
   * @param {Boolean} takeover Whether the sender may refer to earlier messages
   */
  constructor(bits, takeover) {
    this.limit = 2 ** bits;
    this.takeover = takeover;
    this.output = Buffer.alloc(0);
    this.used = 0;
  }

  /**
   * Decodes one message.
   *
   * @param {Buffer} payload The joined payloads of the message's frames
   * @return {Buffer} The message
   * @throws {Error} If the payload is not what RFC 7692 7.2.1 produces
   */
  message(payload) {
    const history = this.takeover
      ? Buffer.from(
          this.output.subarray(Math.max(0, this.used - this.limit), this.used)
        )
      : Buffer.alloc(0);

    this.input = Buffer.concat([payload, TAIL]);
    this.position = 0;
    this.output = Buffer.alloc(Math.max(4096, history.length * 2));
    this.used = history.copy(this.output);

    let type;
    do {
      this.bits(1);
      type = this.block();
    } while (this.position <= (this.input.length - 1) * 8);

    if (type !== 0) throw new Error('the tail 00 00 ff ff was not removed');

    return Buffer.from(this.output.subarray(history.length, this.used));
  }

  /**
   * Reads a number, least significant bit first.
   *
   * @param {Number} count The number of bits
   * @return {Number} The value
   * @throws {Error} If the input ends
   */
  bits(count) {
    let value = 0;

    for (let i = 0; i < count; i++, this.position++) {
      if (this.position >= this.input.length * 8) {
        throw new Error('the DEFLATE stream ends inside a block');
      }
      value |=
        ((this.input[this.position >> 3] >> (this.position & 7)) & 1) << i;
    }

    return value;
  }

  /**
   * Reads one Huffman symbol.
   *
   * @param {Object} codes A table
   * @return {Number} The symbol
   * @throws {Error} If there is no such code
   */
  symbol({ counts, symbols }) {
    let code = 0;
    let first = 0;
    let index = 0;

    for (let length = 1; length <= 15; length++) {
      code |= this.bits(1);
      if (code - counts[length] < first) return symbols[index + code - first];
      index += counts[length];
      first = (first + counts[length]) << 1;
      code <<= 1;
    }

    throw new Error('an invalid Huffman code');
  }

  /**
   * Decodes one block after its BFINAL bit.
   *
   * @return {Number} The block type
   */
  block() {
    const type = this.bits(2);

    if (type === 0) this.stored();
    else if (type === 1) this.codes(FIXED_LITERALS, FIXED_DISTANCES);
    else if (type === 2) this.codes(...this.dynamicTables());
    else throw new Error('an invalid block type');

    return type;
  }

  /** Decodes a block without compression. */
  stored() {
    this.position = (this.position + 7) & ~7;
    const length = this.bits(16);

    if ((length ^ 0xffff) !== this.bits(16)) {
      throw new Error('the lengths of a stored block do not match');
    }
    for (let i = 0; i < length; i++) this.put(this.bits(8));
  }

  /**
   * Reads the tables of a block with dynamic Huffman codes.
   *
   * @return {Object[]} The tables of literals and distances
   */
  dynamicTables() {
    const literals = this.bits(5) + 257;
    const distances = this.bits(5) + 1;
    const lengths = new Array(19).fill(0);
    const count = this.bits(4) + 4;
    const all = [];

    for (let i = 0; i < count; i++) lengths[ORDER[i]] = this.bits(3);
    const codes = table(lengths);

    while (all.length < literals + distances) {
      const symbol = this.symbol(codes);

      if (symbol < 16) all.push(symbol);
      else if (symbol === 16) {
        const last = all[all.length - 1];
        for (let n = 3 + this.bits(2); n > 0; n--) all.push(last);
      } else {
        let n = symbol === 17 ? 3 + this.bits(3) : 11 + this.bits(7);
        for (; n > 0; n--) all.push(0);
      }
    }

    return [table(all.slice(0, literals)), table(all.slice(literals))];
  }

  /**
   * Decodes the body of a block with Huffman codes.
   *
   * @param {Object} literals The table of literals and lengths
   * @param {Object} distances The table of distances
   * @throws {Error} If a distance leaves the negotiated window
   */
  codes(literals, distances) {
    for (;;) {
      const symbol = this.symbol(literals);

      if (symbol === 256) return;
      if (symbol < 256) {
        this.put(symbol);
        continue;
      }

      const i = symbol - 257;
      const length = LENGTHS[i] + this.bits(LENGTH_BITS[i]);
      const j = this.symbol(distances);
      const distance = DISTANCES[j] + this.bits(DISTANCE_BITS[j]);

      if (distance > this.limit || distance > this.used) {
        throw new Error(`a distance of ${distance} leaves the window`);
      }
      for (let n = 0; n < length; n++) {
        this.put(this.output[this.used - distance]);
      }
    }
  }

  /**
   * Appends a byte to the output.
   *
   * @param {Number} byte The byte
   */
  put(byte) {
    if (this.used === this.output.length) {
      this.output = Buffer.concat([this.output], this.output.length * 2);
    }
    this.output[this.used++] = byte;
  }
}

module.exports = { DISTANCES, DISTANCE_BITS, Inflater, LENGTHS, LENGTH_BITS };
