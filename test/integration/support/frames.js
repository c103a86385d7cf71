'use strict';

const CONTINUATION = 0x0;
const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/**
 * XOR a payload with a masking key.
 *
 * @param {Buffer} payload The payload
 * @param {Buffer} mask The four bytes of the key
 * @returns {Buffer} A masked copy
 */
function applyMask(payload, mask) {
  const out = Buffer.from(payload);

  for (let i = 0; i < out.length; i++) out[i] ^= mask[i & 3];
  return out;
}

/**
 * Build one frame, right or wrong.
 *
 * @param {number} opcode The opcode, 0 to 15
 * @param {(Buffer|String)} [payload] The payload
 * @param {Object} [options]
 * @param {boolean} [options.fin=true] The FIN bit
 * @param {boolean} [options.mask=false] Whether to mask, as clients must
 * @param {number} [options.rsv=0] The RSV bits: 4 is RSV1, 2 RSV2, 1 RSV3
 * @param {(Number|BigInt)} [options.length] The declared length in bytes
 * @param {number} [options.form] The length form: 7, 16 or 64 bits
 * @returns {Buffer} The bytes
 */
function frame(opcode, payload = '', options = {}) {
  const data = Buffer.from(payload);
  const length = options.length === undefined ? data.length : options.length;
  const form = options.form || (length < 126 ? 7 : length < 0x10000 ? 16 : 64);
  const size = { 7: 0, 16: 2, 64: 8 }[form];
  const header = Buffer.alloc(2 + size);

  header[0] =
    (options.fin === false ? 0 : 0x80) | ((options.rsv || 0) << 4) | opcode;
  header[1] =
    (options.mask ? 0x80 : 0) | { 7: Number(length), 16: 126, 64: 127 }[form];
  if (form === 16) header.writeUInt16BE(Number(length), 2);
  if (form === 64) header.writeBigUInt64BE(BigInt(length), 2);

  return options.mask
    ? Buffer.concat([header, MASK, applyMask(data, MASK)])
    : Buffer.concat([header, data]);
}

/**
 * Build a close frame.
 *
 * @param {number} [code] The status code; none for an empty frame
 * @param {string} [reason] The reason
 * @param {Object} [options] As for `frame()`
 * @returns {Buffer} The bytes
 */
function closeFrame(code, reason = '', options = {}) {
  if (code === undefined) return frame(CLOSE, '', options);

  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));

  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return frame(CLOSE, payload, options);
}

/**
 * Take the complete frames off the beginning of some bytes.
 *
 * @param {Buffer} bytes The bytes
 * @returns {Object} `{ frames, rest }`; a frame is
 *     `{ fin, rsv, opcode, masked, payload }`, its payload unmasked
 */
function parseFrames(bytes) {
  const frames = [];
  let at = 0;

  for (;;) {
    if (bytes.length < at + 2) break;

    const masked = (bytes[at + 1] & 0x80) !== 0;
    let length = bytes[at + 1] & 0x7f;
    let offset = at + 2;

    if (length === 126) {
      if (bytes.length < offset + 2) break;
      length = bytes.readUInt16BE(offset);
      offset += 2;
    } else if (length === 127) {
      if (bytes.length < offset + 8) break;
      length = Number(bytes.readBigUInt64BE(offset));
      offset += 8;
    }

    const mask = masked ? bytes.subarray(offset, offset + 4) : null;

    if (masked) offset += 4;
    if (bytes.length < offset + length) break;

    const payload = bytes.subarray(offset, offset + length);

    frames.push({
      fin: (bytes[at] & 0x80) !== 0,
      rsv: (bytes[at] >> 4) & 7,
      opcode: bytes[at] & 0xf,
      masked,
      payload: masked ? applyMask(payload, mask) : Buffer.from(payload)
    });
    at = offset + length;
  }

  return { frames, rest: bytes.subarray(at) };
}

module.exports = {
  applyMask,
  BINARY,
  CLOSE,
  closeFrame,
  CONTINUATION,
  frame,
  parseFrames,
  PING,
  PONG,
  TEXT
};
