'use strict';

const { isUtf8 } = require('node:buffer');

const { hasBlob } = require('./constants');

/**
 * Tells for each ASCII code whether the character may be part of an HTTP token
 * (RFC 9110, section 5.6.2): 1 if it may, else 0. An index above 127 yields
 * `undefined`.
 *
 * @type {Uint8Array}
 */
const tokenChars = Uint8Array.from({ length: 128 }, (_, code) =>
  /[\w!#$%&'*+\-.^`|~]/.test(String.fromCharCode(code)) ? 1 : 0
);

/** Codes of the range 1000 to 1014 that must not be sent in a close frame. */
const RESERVED_STATUS_CODES = new Set([1004, 1005, 1006]);

/**
 * Tells whether a status code may be used in a close frame.
 *
 * @param {Number} code The status code
 * @return {Boolean} `true` if the code is registered for use on the wire
 *     (1000 to 1014 without the reserved ones) or free for libraries and
 *     applications (3000 to 4999), else `false`
 */
function isValidStatusCode(code) {
  if (code >= 1000 && code <= 1014) return !RESERVED_STATUS_CODES.has(code);

  return code >= 3000 && code <= 4999;
}

/**
 * Tells whether some bytes are well-formed UTF-8. No byte at all is.
 *
 * @param {(Buffer|Uint8Array|ArrayBuffer)} bytes The bytes to check
 * @return {Boolean} `true` if the bytes are well-formed UTF-8, else `false`
 * @throws {Error} If the memory of the bytes is detached
 */
function isValidUTF8(bytes) {
  return isUtf8(bytes);
}

/**
 * Tells whether a value is a `Blob` or a `File`, of this runtime or of a
 * package that implements the same interface.
 *
 * @param {*} value The value to look at
 * @return {Boolean} `true` if the value can be used as a `Blob`, else `false`
 */
function isBlob(value) {
  if (!hasBlob || value === null || typeof value !== 'object') return false;

  const tag = value[Symbol.toStringTag];

  return (
    (tag === 'Blob' || tag === 'File') &&
    typeof value.type === 'string' &&
    typeof value.arrayBuffer === 'function' &&
    typeof value.stream === 'function'
  );
}

/**
 * Finds the end of a token in a header field value.
 *
 * @param {String} field The field value
 * @param {Number} index Where the token starts
 * @return {Number} The index of the first character after the token; `index`
 *     itself if there is no token
 */
function skipToken(field, index) {
  while (tokenChars[field.charCodeAt(index)] === 1) index++;
  return index;
}

/**
 * Finds the end of optional white space in a header field value.
 *
 * @param {String} field The field value
 * @param {Number} index Where the white space may start
 * @return {Number} The index of the first character that is neither a space nor
 *     a tab
 */
function skipSpace(field, index) {
  while (field[index] === ' ' || field[index] === '\t') index++;
  return index;
}

/**
 * Makes the error for a header field value that breaks its grammar.
 *
 * @param {String} field The field value
 * @param {Number} index The index of the first character that does not fit, or
 *     the length of the value if something is missing at its end
 * @return {SyntaxError} The error
 */
function fieldError(field, index) {
  return new SyntaxError(
    index < field.length
      ? `Unexpected character at index ${index}`
      : 'Unexpected end of input'
  );
}

module.exports = {
  fieldError,
  isBlob,
  isValidStatusCode,
  isValidUTF8,
  skipSpace,
  skipToken,
  tokenChars
};
