'use strict';

const path = require('path');

/**
 * Says whether the command line names a part of the tests.
 *
 * @param {string} arg An argument of mocha
 * @returns {boolean} True for what is in test/, or is a pattern for it
 */
function isTest(arg) {
  const first = path.relative(__dirname, path.resolve(arg)).split(path.sep)[0];

  return first === 'test';
}

module.exports = {
  extension: ['test.js'],
  recursive: true,
  'check-leaks': true,
  'forbid-only': true,
  'forbid-pending': true,
  timeout: 10000,
  'node-option': ['throw-deprecation'],
  // A `spec` would be added to what the command line names. Without one, mocha
  // would look through all of test/, and what test/ecosystem has installed has
  // links that lead back to here.
  ...(process.argv.slice(2).some(isTest)
    ? {}
    : {
        spec: [
          'test/*.test.js',
          'test/!(browser|ecosystem|endurance|install)/**/*.test.js'
        ]
      })
};
