'use strict';

const assert = require('assert');
const fs = require('fs');
const { createRequire } = require('module');
const path = require('path');

const ROOT = path.join(__dirname, '..', '..', '..');

/**
 * Assert that what a package gets by `require('ws')` is this project, so that
 * no test can pass on another WebSocket implementation.
 *
 * @param {string} name The package's name, or a path inside it
 * @throws {AssertionError} If it is something else
 */
function assertRunsOnOurs(name) {
  const require = createRequire(fs.realpathSync(resolve(name)));

  assert.strictEqual(
    fs.realpathSync(require.resolve('ws')),
    fs.realpathSync(path.join(ROOT, 'index.js')),
    name
  );
}

/**
 * Find a file of an installed package, whatever its `exports` allow.
 *
 * @param {string} name The package's name, or a path inside it
 * @returns {string} A path inside its folder
 */
function resolve(name) {
  const folder = path.join(__dirname, '..', 'node_modules', name);
  return fs.statSync(folder).isDirectory()
    ? path.join(folder, 'package.json')
    : folder;
}

module.exports = { ROOT, assertRunsOnOurs };
