'use strict';

/**
 * What is wrong with a command line. Its message is one line, for the user.
 */
class UsageError extends Error {
  get name() {
    return 'UsageError';
  }
}

module.exports = UsageError;
