'use strict';

const COLUMNS = 16;

/**
 * Reads bytes in hexadecimal. Blanks, colons, commas and `0x` are ignored.
 *
 * @param {String} text The bytes
 * @return {Buffer} The bytes
 * @throws {Error} If there is something else, or half a byte
 */
function parseHex(text) {
  const digits = text.replace(/0x|[\s:,]/gi, '');

  if (!/^([\da-f]{2})*$/i.test(digits)) {
    throw new Error('not bytes in hexadecimal, as in "de ad be ef"');
  }
  return Buffer.from(digits, 'hex');
}

/**
 * Writes bytes with a blank between each two.
 *
 * @param {Buffer} bytes The bytes
 * @return {String} The text
 */
function spacedHex(bytes) {
  return bytes.toString('hex').replace(/..(?!$)/g, '$& ');
}

/**
 * Writes bytes in lines: their offset, the bytes, and their ASCII characters.
 *
 * @param {Buffer} bytes The bytes
 * @return {String} The lines, without a line feed at the end
 */
function hexDump(bytes) {
  const lines = [];

  for (let offset = 0; offset < bytes.length; offset += COLUMNS) {
    const row = bytes.subarray(offset, offset + COLUMNS);
    const hex = spacedHex(row).padEnd(COLUMNS * 3 - 1);
    const ascii = row.toString('latin1').replace(/[^ -~]/g, '.');

    lines.push(
      `${offset.toString(16).padStart(8, '0')}  ` +
        `${hex.slice(0, 23)}  ${hex.slice(24)}  |${ascii}|`
    );
  }
  return lines.join('\n');
}

module.exports = { hexDump, parseHex, spacedHex };
