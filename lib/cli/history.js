'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { escape } = require('./text');

const MAX_LINES = 1000;

/**
 * Where the file is: in the user's directory for what programs remember.
 *
 * @return {String} Its path
 */
function historyFile() {
  const { HOME, XDG_STATE_HOME } = process.env;
  // Relative paths there are invalid, says the specification.
  const base = path.isAbsolute(XDG_STATE_HOME ?? '')
    ? XDG_STATE_HOME
    : path.join(HOME || os.homedir(), '.local', 'state');

  return path.join(base, 'beastws', 'history');
}

/**
 * The lines that were typed in other sessions, in a file.
 */
class History {
  /**
   * @param {String} [file] Where they are
   */
  constructor(file = historyFile()) {
    this._file = file;
  }

  /**
   * Reads the lines, and cuts a file that has become long.
   *
   * @return {String[]} The lines, the last one first
   * @throws {Error} If there is a file that cannot be read
   */
  load() {
    let text;

    try {
      text = fs.readFileSync(this._file, 'utf8');
    } catch (err) {
      if (err.code === 'ENOENT') return [];
      throw err;
    }

    const lines = text.split('\n').filter((line) => line !== '');

    if (lines.length > 2 * MAX_LINES) {
      lines.splice(0, lines.length - MAX_LINES);
      fs.writeFileSync(this._file, `${lines.join('\n')}\n`, { mode: 0o600 });
    }
    return lines.slice(-MAX_LINES).reverse().map(escape);
  }

  /**
   * Adds a line, unless it is empty or begins with a blank.
   *
   * @param {String} line The line
   * @throws {Error} If it cannot be written
   */
  add(line) {
    if (line === '' || line.startsWith(' ')) return;

    fs.mkdirSync(path.dirname(this._file), { recursive: true, mode: 0o700 });
    fs.appendFileSync(this._file, `${line}\n`, { mode: 0o600 });
  }
}

module.exports = { History, MAX_LINES };
