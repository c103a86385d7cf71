'use strict';

const { hexDump, spacedHex } = require('./hex');
const { escapeLines } = require('./text');

const PREVIEW = 24;

/**
 * Writes a message for a terminal.
 *
 * @param {Buffer} data The message
 * @param {Boolean} isBinary Whether it is binary
 * @param {Boolean} dump Whether all bytes of binary messages are wanted
 * @return {String} Lines that are harmless
 */
function forTerminal(data, isBinary, dump) {
  if (!isBinary) return escapeLines(data.toString());

  const head = `(binary, ${data.length} byte${data.length === 1 ? '' : 's'})`;

  if (data.length === 0) return head;
  if (dump) return `${head}\n${hexDump(data)}`;

  const rest = data.length > PREVIEW ? ' ...' : '';

  return `${head} ${spacedHex(data.subarray(0, PREVIEW))}${rest}`;
}

/**
 * Writes a message for another program: text as it is, binary messages in
 * hexadecimal.
 *
 * @param {Buffer} data The message
 * @param {Boolean} isBinary Whether it is binary
 * @param {Boolean} dump Whether binary messages are wanted in columns
 * @return {(Buffer|String)} The text
 */
function forPipe(data, isBinary, dump) {
  if (!isBinary) return data;
  return dump ? hexDump(data) : data.toString('hex');
}

module.exports = { forPipe, forTerminal };
