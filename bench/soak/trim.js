'use strict';

const { execFileSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

/**
 * Compiles trim.c, where there is a C compiler and the GNU C library.
 *
 * @returns {Object} `env` for the processes of a soak, and `remove()`
 */
function trimming() {
  if (!process.report.getReport().header.glibcVersionRuntime) return untrimmed;

  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-soak-'));
  const library = path.join(dir, 'trim.so');
  const remove = () => fs.rmSync(dir, { recursive: true, force: true });
  const source = path.join(__dirname, 'trim.c');

  try {
    execFileSync('cc', [
      ...['-O1', '-shared', '-fPIC', source, '-o', library, '-pthread']
    ]);
  } catch {
    remove();
    return untrimmed;
  }
  const preload = [process.env.LD_PRELOAD, library].filter(Boolean).join(':');
  return { env: { ...process.env, LD_PRELOAD: preload }, remove };
}

/** What there is instead. */
const untrimmed = { env: process.env, remove() {} };

module.exports = { trimming };
