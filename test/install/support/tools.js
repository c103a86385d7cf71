'use strict';

const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const ROOT = path.join(__dirname, '..', '..', '..');
const DIR = path.join(__dirname, '..');

/**
 * Finds a tool that test/install/package.json asks for.
 *
 * @param {string} name Path of a file below node_modules
 * @returns {string} Its full path
 */
function tool(name) {
  return path.join(DIR, 'node_modules', name);
}

/**
 * Lists the versions of Node.js that were installed for the tests.
 *
 * @returns {{name: string, file: string}[]} Name and executable of each
 */
function nodes() {
  const { optionalDependencies } = require('../package.json');

  return Object.keys(optionalDependencies)
    .map((name) => ({ name, file: tool(`${name}/bin/node`) }))
    .filter(({ file }) => fs.existsSync(file));
}

// npm writes a copy of the lock file when it has installed everything in it.
const lock = path.join(DIR, 'package-lock.json');
const installed = tool('.package-lock.json');

if (
  !fs.existsSync(installed) ||
  fs.statSync(installed).mtimeMs < fs.statSync(lock).mtimeMs
) {
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: DIR,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'inherit']
  });
}

module.exports = { ROOT, nodes, tool };
