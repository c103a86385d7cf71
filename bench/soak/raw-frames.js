'use strict';

/**
 * Makes a masked frame.
 *
 * @param {Number} opcode The opcode
 * @param {Buffer|String} payload The payload
 * @param {Random} random Where the key comes from
 * @param {Object} [options]
 * @param {Boolean} [options.fin=true] Whether it is the last of its message
 * @returns {Buffer} The bytes
 */
function writeFrame(opcode, payload, random, { fin = true } = {}) {
  const data = Buffer.from(payload);
  const { length } = data;
  const extra = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const out = Buffer.allocUnsafe(6 + extra + length);

  out[0] = (fin ? 0x80 : 0) | opcode;
  out[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) out.writeUInt16BE(length, 2);
  if (extra === 8) out.writeBigUInt64BE(BigInt(length), 2);
  const mask = out.subarray(2 + extra, 6 + extra);
  mask.writeUInt32LE(random.next());
  const body = out.subarray(6 + extra);
  for (let i = 0; i < length; i++) body[i] = data[i] ^ mask[i & 3];
  return out;
}

/** Reads frames from bytes that come in pieces. */
class FrameReader {
  /**
   * @param {Function} take Called with each frame,
   *     `{ fin, rsv, opcode, masked, payload }`; masks are not removed
   */
  constructor(take) {
    this.take = take;
    this.chunks = [];
    this.length = 0;
    this.need = 2;
  }

  /**
   * Adds bytes.
   *
   * @param {Buffer} chunk The bytes
   */
  push(chunk) {
    this.chunks.push(chunk);
    this.length += chunk.length;
    if (this.length < this.need) return;

    let bytes = Buffer.concat(this.chunks);
    for (;;) {
      const { header, length } = FrameReader.measure(bytes);
      this.need = header + length;
      if (bytes.length < this.need) break;
      this.take({
        fin: (bytes[0] & 0x80) !== 0,
        rsv: (bytes[0] >> 4) & 7,
        opcode: bytes[0] & 15,
        masked: (bytes[1] & 0x80) !== 0,
        payload: bytes.subarray(header, this.need)
      });
      bytes = bytes.subarray(this.need);
    }
    this.chunks = [bytes];
    this.length = bytes.length;
  }

  /**
   * Says how long a frame is.
   *
   * @param {Buffer} bytes Its beginning, as far as it is there
   * @returns {Object} `{ header, length }` in bytes, as far as they are known
   */
  static measure(bytes) {
    if (bytes.length < 2) return { header: 2, length: 0 };
    const short = bytes[1] & 0x7f;
    if (short < 126) return { header: 2, length: short };
    const header = short === 126 ? 4 : 10;
    if (bytes.length < header) return { header, length: 0 };
    const length =
      short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    return { header, length };
  }
}

module.exports = { FrameReader, writeFrame };
