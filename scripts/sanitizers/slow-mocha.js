'use strict';

// Loaded by mocha with --require where everything is slower: each time limit of
// the tests, wherever it is set, counts for more.

const { Runnable } = require('mocha');

const { slowness } = require('../../test/support/sanitized');

const { timeout } = Runnable.prototype;

/**
 * Get or set the time limit of a test or hook. Suites, which hand theirs down,
 * have a method of their own, so that nothing is multiplied twice.
 *
 * @param {...(number|string)} args The limit, if it is to be set
 * @returns {(number|Runnable)} The milliseconds to wait, or the runnable
 */
Runnable.prototype.timeout = function (...args) {
  const result = timeout.apply(this, args);

  return args.length === 0 ? result * slowness : result;
};
