'use strict';

const { spawn } = require('child_process');
const { once } = require('events');
const path = require('path');

const EXAMPLES = path.join(__dirname, '..', '..', 'examples');

/**
 * An example that runs in a process of its own.
 */
class ExampleProcess {
  /**
   * @param {string} name The file below `examples`, without `.js`
   * @param {Object} [options] Options
   * @param {string[]} [options.args] Its arguments
   * @param {Object} [options.env] More environment variables
   */
  constructor(name, { args = [], env = {} } = {}) {
    this._output = '';
    this._waiting = new Set();
    this._child = spawn(
      process.execPath,
      [path.join(EXAMPLES, `${name}.js`), ...args],
      {
        env: { ...process.env, PORT: '0', ...env },
        stdio: ['ignore', 'pipe', 'pipe']
      }
    );
    this._closed = once(this._child, 'close');

    for (const stream of [this._child.stdout, this._child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        this._output += text;
        for (const check of this._waiting) check();
      });
    }

    this._child.on('close', () => {
      for (const check of this._waiting) check(true);
    });
  }

  /**
   * Wait until the output matches. What was matched does not match again.
   *
   * @param {RegExp} pattern What to look for
   * @returns {Promise<RegExpExecArray>} The match
   * @throws {Error} If the process ends without it
   */
  output(pattern) {
    return new Promise((resolve, reject) => {
      const check = (isOver = false) => {
        const match = pattern.exec(this._output);

        if (match === null && !isOver) return;

        this._waiting.delete(check);

        if (match === null) {
          reject(new Error(`No ${pattern} in: ${this._output}`));
        } else {
          this._output = this._output.slice(match.index + match[0].length);
          resolve(match);
        }
      };

      this._waiting.add(check);
      check(this._child.exitCode !== null && this._child.stdout.destroyed);
    });
  }

  /**
   * @returns {Promise<number>} The port that the example says it listens on
   */
  async port() {
    return Number((await this.output(/(?:ws|http)s?:\/\/\S+:(\d+)/))[1]);
  }

  /**
   * @param {string} [signal] What to send
   */
  kill(signal = 'SIGTERM') {
    this._child.kill(signal);
  }

  /**
   * Wait for the end of the process.
   *
   * @returns {Promise<{code: (number|null), output: string}>} Its exit code and
   *     what of its output was not matched
   */
  async end() {
    const [code] = await this._closed;

    return { code, output: this._output };
  }

  /**
   * End the process, whatever it does.
   */
  async stop() {
    this._child.kill('SIGKILL');
    await this._closed;
  }
}

module.exports = ExampleProcess;
