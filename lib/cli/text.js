'use strict';

/**
 * What must not reach a terminal: control characters (a terminal obeys them),
 * characters that change the direction of what is around them, invisible ones,
 * and separators that some terminals take for a line feed. Line feeds and tabs
 * are left to those who print.
 */
const UNSAFE =
  // eslint-disable-next-line no-control-regex
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/**
 * Writes a character in letters and digits.
 *
 * @param {String} character The character
 * @return {String} Its escape sequence, as in JavaScript
 */
function escapeCharacter(character) {
  const code = character.codePointAt(0);

  if (character === '\r') return '\\r';
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u{${code.toString(16)}}`;
}

/**
 * Makes a text of somebody else harmless for a terminal.
 *
 * @param {String} text The text
 * @return {String} One line that can be printed
 */
function escape(text) {
  return escapeLines(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

/**
 * Makes a text of somebody else harmless for a terminal, but leaves its lines
 * and tabs.
 *
 * @param {String} text The text
 * @return {String} Lines that can be printed
 */
function escapeLines(text) {
  return text.replace(UNSAFE, escapeCharacter);
}

/**
 * Indents all lines but the first one, so that no line of a message can be taken
 * for something that the program says.
 *
 * @param {String} text The lines
 * @param {Number} width By how many columns
 * @return {String} The lines
 */
function indentLines(text, width) {
  return text.replaceAll('\n', `\n${' '.repeat(width)}`);
}

module.exports = { escape, escapeLines, indentLines };
