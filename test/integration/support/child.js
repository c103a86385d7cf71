'use strict';

const { spawn } = require('child_process');
const path = require('path');

const { slowness } = require('../../support/sanitized');

/**
 * Run a script in a process of its own until it ends.
 *
 * @param {string} script Its absolute path
 * @param {Array} [args] Its arguments
 * @param {Object} [options]
 * @param {string[]} [options.execArgv] Arguments of Node
 * @param {number} [options.timeout] Milliseconds until it is killed
 * @returns {Promise<Object>} `{ code, signal, stdout, stderr }`
 */
function run(script, args = [], options = {}) {
  const { execArgv = [], timeout = 20000 } = options;

  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [...execArgv, path.resolve(script), ...args.map(String)],
      { stdio: ['ignore', 'pipe', 'pipe'] }
    );
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout * slowness);
    let stdout = '';
    let stderr = '';

    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/**
 * Run a script that writes a JSON text and ends by itself.
 *
 * @param {string} script Its absolute path
 * @param {Array} [args] Its arguments
 * @param {Object} [options] As for `run()`
 * @returns {Promise<*>} What it wrote
 * @throws {Error} When it failed, with all it wrote
 */
async function runJson(script, args, options) {
  const { code, signal, stdout, stderr } = await run(script, args, options);

  if (code !== 0) {
    throw new Error(
      `${path.basename(script)} ${args} ended with ${signal || code}\n` +
        `${stdout}\n${stderr}`
    );
  }
  return JSON.parse(stdout);
}

module.exports = { run, runJson };
