'use strict';

const { fieldError, skipSpace, skipToken } = require('./validation');

/**
 * Parses the value of a `Sec-WebSocket-Protocol` header: tokens separated by
 * commas, with optional white space around the commas.
 *
 * @param {String} header The field value
 * @return {Set<String>} The names of the subprotocols, in their order
 * @throws {SyntaxError} If the value is malformed or names a subprotocol twice
 */
function parse(header) {
  const names = new Set();
  let index = 0;

  for (;;) {
    const nameEnd = skipToken(header, index);
    if (nameEnd === index) throw fieldError(header, index);

    const commaIndex = skipSpace(header, nameEnd);
    const isLast = nameEnd === header.length;
    if (!isLast && header[commaIndex] !== ',') {
      throw fieldError(header, commaIndex);
    }

    const name = header.slice(index, nameEnd);
    if (names.has(name)) {
      throw new SyntaxError(`The "${name}" subprotocol is duplicated`);
    }

    names.add(name);
    if (isLast) return names;

    index = skipSpace(header, commaIndex + 1);
  }
}

module.exports = { parse };
