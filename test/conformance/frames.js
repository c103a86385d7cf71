'use strict';

/**
 * The words of the case tables: frames as plain objects, and how they become
 * bytes. A frame made here may break every rule; nothing is checked.
 */

const { createHash } = require('crypto');
const { isUtf8 } = require('buffer');

const NAMES = {
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong'
};

/** The bits of the `rsv` property of a frame. */
const RSV1 = 4;
const RSV2 = 2;
const RSV3 = 1;

/**
 * Describes one frame.
 *
 * @param {Number} opcode The opcode, 0 to 15
 * @param {(Buffer|String)} [payload] The payload before masking
 * @param {Object} [extra] What differs from an ordinary frame
 * @param {Boolean} [extra.fin=true] The FIN bit
 * @param {Number} [extra.rsv=0] RSV1, RSV2, RSV3 or a sum of them
 * @param {String} [extra.mask] `'wrong'` turns the mask bit around
 * @param {Buffer} [extra.key] The masking key
 * @param {Number} [extra.lengthAs] 7, 16 or 64: the form of the length field
 * @param {(Number|BigInt)} [extra.declared] The length field, if it lies
 * @param {(Number|String)} [extra.only] How many bytes of the frame are sent,
 *     or `'header'`
 * @return {Object} The frame
 */
function frame(opcode, payload = '', extra = {}) {
  return { opcode, payload: Buffer.from(payload), fin: true, rsv: 0, ...extra };
}

const cont = (payload, extra) => frame(0, payload, extra);
const text = (payload, extra) => frame(1, payload, extra);
const binary = (payload, extra) => frame(2, payload, extra);
const ping = (payload, extra) => frame(9, payload, extra);
const pong = (payload, extra) => frame(10, payload, extra);

/**
 * Describes a close frame.
 *
 * @param {Number} [code] The status code; none makes an empty close frame
 * @param {(Buffer|String)} [reason] The reason
 * @param {Object} [extra] As in `frame()`
 * @return {Object} The frame
 */
function close(code, reason = '', extra = {}) {
  if (code === undefined) return frame(8, '', extra);

  const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)]);
  payload.writeUInt16BE(code);
  return frame(8, payload, extra);
}

/**
 * Describes bytes that are sent as they are.
 *
 * @param {(Buffer|String)} bytes A Buffer, or hex digits with optional spaces
 * @return {Object} The frame
 */
function raw(bytes) {
  return {
    raw: Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.replace(/\s/g, ''), 'hex')
  };
}

/**
 * Describes a message as several frames.
 *
 * @param {Number} opcode The opcode of the first frame
 * @param {Array} parts The payload of each frame
 * @param {Object} [first] What differs in the first frame
 * @return {Object[]} The frames
 */
function fragments(opcode, parts, first) {
  return parts.map((part, i) =>
    frame(i === 0 ? opcode : 0, part, {
      ...(i === 0 ? first : undefined),
      fin: i === parts.length - 1
    })
  );
}

/**
 * Cuts a payload into parts of one size.
 *
 * @param {(Buffer|String)} payload The payload
 * @param {Number} size The bytes of a part
 * @return {Buffer[]} The parts
 */
function chop(payload, size) {
  const bytes = Buffer.from(payload);
  const parts = [];

  for (let i = 0; i < bytes.length; i += size) {
    parts.push(bytes.subarray(i, i + size));
  }

  return parts;
}

/**
 * Applies a masking key.
 *
 * @param {Buffer} payload The payload
 * @param {Buffer} key The four bytes of the key
 * @return {Buffer} The masked or unmasked copy
 */
function applyMask(payload, key) {
  const bytes = Buffer.from(payload);
  for (let i = 0; i < bytes.length; i++) bytes[i] ^= key[i & 3];
  return bytes;
}

/**
 * Encodes a length field.
 *
 * @param {BigInt} length The value
 * @param {Number} form 7, 16 or 64
 * @return {Buffer} The second header byte without mask bit, and what follows
 */
function encodeLength(length, form) {
  if (form === 7) return Buffer.from([Number(length)]);

  const field = Buffer.alloc(9);
  field.writeBigUInt64BE(length, 1);

  if (form === 64) {
    field[0] = 127;
    return field;
  }

  return Buffer.concat([Buffer.from([126]), field.subarray(7)]);
}

/**
 * Encodes a frame.
 *
 * @param {Object} description The frame
 * @param {Boolean} masked Whether frames of this direction are masked
 * @param {Buffer} key The masking key when the frame has none of its own
 * @return {Buffer} The bytes
 */
function encode(description, masked, key) {
  if (description.raw) return description.raw;

  const { opcode, payload, fin, rsv, declared, lengthAs, only } = description;
  const length = BigInt(declared === undefined ? payload.length : declared);
  const form = lengthAs || (length < 126n ? 7 : length < 65536n ? 16 : 64);
  const field = encodeLength(length, form);
  const maskBit = description.mask === 'wrong' ? !masked : masked;
  const maskKey = description.key || key;

  if (maskBit) field[0] |= 0x80;

  const header = Buffer.concat([
    Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode]),
    field,
    maskBit ? maskKey : Buffer.alloc(0)
  ]);
  if (only === 'header') return header;

  const bytes = Buffer.concat([
    header,
    maskBit ? applyMask(payload, maskKey) : payload
  ]);
  return only === undefined ? bytes : bytes.subarray(0, only);
}

/**
 * Renders bytes for a failure message.
 *
 * @param {Buffer} bytes The bytes
 * @param {Boolean} isText Whether they are meant to be text
 * @return {String} The text in quotes, hex digits, or a digest of long ones
 */
function show(bytes, isText) {
  if (bytes.length > 64) {
    return `sha1 ${createHash('sha1').update(bytes).digest('hex').slice(0, 16)}`;
  }

  return isText && isUtf8(bytes)
    ? JSON.stringify(bytes.toString())
    : `<${bytes.toString('hex')}>`;
}

/**
 * Renders a frame, a message or a control event. What was observed and what is
 * expected are compared in this form.
 *
 * @param {Object} description The frame; `inflated` is the number of frames of
 *     a compressed message whose payload is given inflated
 * @return {String} One line
 */
function describe({ opcode, payload, fin, rsv, inflated }) {
  const name = NAMES[opcode] || `opcode ${opcode}`;
  const marks =
    (rsv ? ` rsv ${rsv}` : '') +
    (fin ? '' : ' (more)') +
    (inflated ? ` compressed in ${inflated}` : '');

  if (opcode === 8) {
    if (payload.length === 0) return `close${marks} empty`;

    return payload.length === 1
      ? `close${marks} ${show(payload)}`
      : `close${marks} ${payload.readUInt16BE()} ` +
          show(payload.subarray(2), true);
  }

  return `${name}${marks} (${payload.length}) ${show(payload, opcode !== 2)}`;
}

module.exports = {
  NAMES,
  RSV1,
  RSV2,
  RSV3,
  applyMask,
  binary,
  chop,
  close,
  cont,
  describe,
  encode,
  fragments,
  frame,
  ping,
  pong,
  raw,
  show,
  text
};
