'use strict';

const { fieldError, skipSpace, skipToken } = require('./validation');

/**
 * Reads a `Sec-WebSocket-Extensions` field value piece by piece.
 */
class FieldReader {
  /**
   * @param {String} field The field value
   */
  constructor(field) {
    this.field = field;
    this.index = 0;
  }

  /**
   * Reads a token.
   *
   * @return {String} The token, one character at least
   * @throws {SyntaxError} If there is none
   */
  readToken() {
    const start = this.index;

    this.index = skipToken(this.field, start);
    if (this.index === start) throw fieldError(this.field, start);

    return this.field.slice(start, this.index);
  }

  /**
   * Reads a parameter value: a token, or a token between double quotes in which
   * any character may have a backslash in front of it (RFC 6455, section 9.1).
   *
   * @return {String} The value without quotes and backslashes
   * @throws {SyntaxError} If there is none
   */
  readValue() {
    if (!this.skip('"')) return this.readToken();

    let value = '';

    do {
      this.skip('\\');
      value += this.readToken();
    } while (!this.skip('"'));

    return value;
  }

  /**
   * Reads what follows a name or a value: a delimiter with optional white space
   * around it, or the end.
   *
   * @return {String} ',' or ';', or an empty string at the end
   * @throws {SyntaxError} If something else follows
   */
  readDelimiter() {
    if (this.index === this.field.length) return '';

    this.index = skipSpace(this.field, this.index);
    const char = this.field[this.index];

    if (char !== ',' && char !== ';') throw fieldError(this.field, this.index);

    this.index = skipSpace(this.field, this.index + 1);
    return char;
  }

  /**
   * Skips a character.
   *
   * @param {String} char The character
   * @return {Boolean} Whether it was there
   */
  skip(char) {
    if (this.field[this.index] !== char) return false;

    this.index++;
    return true;
  }
}

/**
 * Adds a value to the list that an object keeps under a key.
 *
 * @param {Object} lists The object
 * @param {String} key The key
 * @param {*} value The value
 */
function append(lists, key, value) {
  (lists[key] ??= []).push(value);
}

/**
 * Parses the value of a `Sec-WebSocket-Extensions` header.
 *
 * @param {String} header The field value
 * @return {Object} An object without prototype that has, for each extension, the
 *     list of its offers. Each offer is such an object too and has, for each
 *     parameter, the list of its values: strings, or `true` where the parameter
 *     has no value
 * @throws {SyntaxError} If the value is malformed
 */
function parse(header) {
  const reader = new FieldReader(header);
  const extensions = Object.create(null);
  let delimiter;

  do {
    const name = reader.readToken();
    const params = Object.create(null);

    delimiter = reader.readDelimiter();

    while (delimiter === ';') {
      const key = reader.readToken();

      append(params, key, reader.skip('=') ? reader.readValue() : true);
      delimiter = reader.readDelimiter();
    }

    append(extensions, name, params);
  } while (delimiter === ',');

  return extensions;
}

/**
 * Writes one offer of an extension.
 *
 * @param {String} name The name of the extension
 * @param {Object} params The parameters of the offer
 * @return {String} The offer as it appears in the header
 */
function formatOffer(name, params) {
  const parts = [name];

  for (const [key, values] of Object.entries(params)) {
    for (const value of [values].flat()) {
      parts.push(value === true ? key : `${key}=${value}`);
    }
  }

  return parts.join('; ');
}

/**
 * Builds the value of a `Sec-WebSocket-Extensions` header.
 *
 * @param {Object} extensions For each extension one offer or a list of them, as
 *     `parse()` returns them; a parameter may be a single value in place of a
 *     list
 * @return {String} The field value
 */
function format(extensions) {
  return Object.entries(extensions)
    .flatMap(([name, offers]) =>
      [offers].flat().map((params) => formatOffer(name, params))
    )
    .join(', ');
}

module.exports = { format, parse };
