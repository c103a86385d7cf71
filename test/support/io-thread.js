'use strict';

// What the addon under test has, and what the environment lets it use.

const path = require('path');

const modulePath = path.resolve(
  process.env.BEASTWS_MODULE || path.join(__dirname, '../..')
);

/**
 * Whether there is an I/O thread: where there is none, there are no native
 * listeners either.
 *
 * @returns {boolean} `true` if so
 */
function find() {
  try {
    return require(path.join(modulePath, 'lib/binding')).IoThread !== undefined;
  } catch (err) {
    // Another package (ws, to check the tests) has no such file.
    if (err.code !== 'MODULE_NOT_FOUND') throw err;
    return false;
  }
}

const hasIoThread = find();

/** Whether connections live on it that do not ask for anything else. */
const usesIoThread = hasIoThread && !process.env.BEASTWS_NO_IO_THREAD;

module.exports = { hasIoThread, usesIoThread };
