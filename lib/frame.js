'use strict';

const { randomFillSync } = require('node:crypto');

/** Masking keys are drawn from here; empty at first. */
const pool = Buffer.alloc(4 * 1024);
let drawn = pool.length;

/**
 * Draws an unpredictable masking key.
 *
 * @param {Buffer} key Where it goes
 */
function randomMask(key) {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }

  pool.copy(key, 0, drawn, drawn + 4);
  drawn += 4;
}

/**
 * Frames a payload without a connection, for those who prepare a frame once
 * and send it to many (`Sender.frame()`).
 *
 * @param {(Buffer|String)} data The payload
 * @param {Object} options Options
 * @param {Boolean} options.fin Whether it ends its message
 * @param {Number} options.opcode The opcode
 * @param {Boolean} [options.mask=false] Whether it is masked
 * @param {Function} [options.generateMask] Fills a mask of 4 bytes
 * @param {Buffer} [options.maskBuffer] Where the mask is generated
 * @param {Boolean} [options.readOnly=false] Whether `data` must not be changed
 * @param {Boolean} [options.rsv1=false] Whether the payload is compressed
 * @return {Buffer[]} What to write, one or two pieces
 */
function frame(data, options) {
  const key = options.mask ? options.maskBuffer || Buffer.alloc(4) : null;

  if (key !== null) (options.generateMask || randomMask)(key);

  const masks = key !== null && key.some((byte) => byte !== 0);

  if (typeof data === 'string') data = Buffer.from(data);

  const { length } = data;
  const extra = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const headerSize = 2 + extra + (key === null ? 0 : 4);
  const copies = masks && options.readOnly;
  const header = Buffer.allocUnsafe(headerSize + (copies ? length : 0));

  header[0] =
    (options.fin ? 0x80 : 0) | (options.rsv1 ? 0x40 : 0) | options.opcode;
  header[1] =
    (key === null ? 0 : 0x80) |
    (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) {
    header.writeUInt16BE(length, 2);
  } else if (extra === 8) {
    header.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    header.writeUInt32BE(length >>> 0, 6);
  }
  if (key !== null) key.copy(header, headerSize - 4);

  if (length === 0) return [header];
  if (!masks) return [header, data];

  const target = copies ? header : data;
  const offset = copies ? headerSize : 0;

  for (let i = 0; i < length; i++) target[offset + i] = data[i] ^ key[i & 3];
  return copies ? [header] : [header, data];
}

module.exports = frame;
