'use strict';

const { spawn } = require('child_process');
const { once } = require('events');

const { Output, PROGRAM } = require('./cli-process');
const Display = require('./display');

/** The keys that have no character of their own. */
const KEYS = {
  ctrlC: '\x03',
  ctrlD: '\x04',
  ctrlU: '\x15',
  down: '\x1b[B',
  enter: '\r',
  left: '\x1b[D',
  up: '\x1b[A'
};

/**
 * Quotes a word for the shell.
 *
 * @param {string} word The word
 * @returns {string} The word in quotes
 */
function quote(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * The program in a terminal of its own, which `script` makes (in Debian it is in
 * bsdutils, which is always there), and what its screen shows.
 */
class Pty {
  /**
   * @param {string[]} args The arguments of the program
   * @param {Object} [options] Options
   * @param {number} [options.columns=80] The width of the terminal
   * @param {Object} [options.env] More environment variables
   * @param {string} [options.redirect=''] What follows the program in the shell
   */
  constructor(args, { columns = 80, env = {}, redirect = '' } = {}) {
    const command = [process.execPath, PROGRAM, ...args].map(quote).join(' ');

    this.display = new Display(columns);
    this.child = spawn(
      'script',
      [
        '-qefc',
        `stty cols ${columns} rows 50; exec ${command} ${redirect}`,
        '/dev/null'
      ],
      {
        env: { ...process.env, SHELL: '/bin/sh', TERM: 'xterm', ...env },
        stdio: ['pipe', 'pipe', 'inherit']
      }
    );
    this.child.on('error', (err) => {
      throw new Error('these tests need `script` of util-linux', {
        cause: err
      });
    });
    this.child.stdin.on('error', () => {});
    this.output = new Output(this.child.stdout);
    this._shown = 0;
    this._closed = once(this.child, 'close');
  }

  /**
   * Press keys.
   *
   * @param {...string} keys Texts, and keys of `KEYS`
   */
  type(...keys) {
    this.child.stdin.write(keys.join(''));
  }

  /**
   * @returns {string[]} The lines on the screen, without blanks at their ends
   *     and without empty lines at the end
   */
  lines() {
    this.display.write(this.output.text.slice(this._shown));
    this._shown = this.output.text.length;
    return this.display.lines();
  }

  /**
   * Wait until the screen shows something.
   *
   * @param {(string[]|RegExp)} what Its last lines, or a pattern for all of it
   * @returns {Promise<string[]>} The lines
   * @throws {Error} If the program ends before that
   */
  async shows(what) {
    await this.output
      .until(() => {
        const lines = this.lines();

        return what instanceof RegExp
          ? what.test(lines.join('\n'))
          : lines.slice(-what.length).join('\n') === what.join('\n');
      })
      .catch((err) => {
        throw new Error(`not ${what} but ${this.lines().join('\n')}`, {
          cause: err
        });
      });
    return this.lines();
  }

  /**
   * Wait for the end of the program.
   *
   * @returns {Promise<number>} Its exit code
   */
  async end() {
    const [code] = await this._closed;

    return code;
  }

  /** End it. */
  async stop() {
    this.child.kill('SIGKILL');
    this.child.stdin.destroy();
    await this._closed;
  }
}

module.exports = { KEYS, Pty };
