'use strict';

/**
 * Makes the error for a parameter with a value that it cannot have.
 *
 * @param {String} key The name of the parameter
 * @param {*} value The value
 * @return {TypeError} The error
 */
function invalidValue(key, value) {
  return new TypeError(`Invalid value for parameter "${key}": ${value}`);
}

/**
 * Reads the value of a parameter that has none.
 *
 * @param {String} key The name of the parameter
 * @param {(Boolean|String)} value The value as parsed
 * @return {Boolean} `true`
 * @throws {TypeError} If there is a value
 */
function readFlag(key, value) {
  if (value !== true) throw invalidValue(key, value);
  return true;
}

/**
 * Reads the value of a parameter that is the size of a window.
 *
 * @param {String} key The name of the parameter
 * @param {(Boolean|String)} value The value as parsed
 * @return {Number} The base-2 logarithm of the size in bytes, 8 to 15
 * @throws {TypeError} If the value is not such a number
 */
function readWindowBits(key, value) {
  const bits = Number(value);

  if (!Number.isInteger(bits) || bits < 8 || bits > 15) {
    throw invalidValue(key, value);
  }

  return bits;
}

/** For each parameter the function that reads its value. */
const paramReaders = {
  __proto__: null,
  client_max_window_bits: readWindowBits,
  client_no_context_takeover: readFlag,
  server_max_window_bits: readWindowBits,
  server_no_context_takeover: readFlag
};

module.exports = paramReaders;
