'use strict';

/**
 * Payloads that the I/O thread reads where they are. They are kept here, so
 * that they are not collected, until it gives them back.
 */

const lent = new Map();
let lastLoan = 0;

/**
 * Keeps a payload.
 *
 * @param {Uint8Array} payload The payload
 * @return {Number} The number of the loan, never 0
 */
function lend(payload) {
  do {
    lastLoan = (lastLoan + 1) >>> 0;
  } while (lastLoan === 0 || lent.has(lastLoan));

  lent.set(lastLoan, payload);
  return lastLoan;
}

/**
 * Forgets a payload.
 *
 * @param {Number} loan The number of the loan, as a 32-bit integer
 */
function giveBack(loan) {
  lent.delete(loan >>> 0);
}

module.exports = { giveBack, lend };
