'use strict';

const { spawn } = require('child_process');
const { once } = require('events');
const path = require('path');

const PROGRAM = path.join(__dirname, '../../../bin/beastws.js');

/**
 * What a stream has said so far, for those who wait for something in it.
 */
class Output {
  /**
   * @param {Readable} stream The stream
   */
  constructor(stream) {
    this.text = '';
    this._isOver = false;
    this._waiting = new Set();
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      this.text += text;
      this._look();
    });
    stream.on('close', () => {
      this._isOver = true;
      this._look();
    });
  }

  /** Look again for what is waited for. */
  _look() {
    for (const look of this._waiting) look();
  }

  /**
   * Wait until something has been said.
   *
   * @param {(RegExp|Function)} what A pattern, or a function that looks at the
   *     text and returns something that is true
   * @returns {Promise<*>} The match, or what the function returned
   * @throws {Error} If the stream ends without it
   */
  until(what) {
    const find = typeof what === 'function' ? what : (text) => what.exec(text);

    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find(this.text);

        if (!found && !this._isOver) return;
        this._waiting.delete(look);
        if (found) resolve(found);
        else reject(new Error(`No ${what} in: ${JSON.stringify(this.text)}`));
      };

      this._waiting.add(look);
      look();
    });
  }
}

/**
 * A process of the command line's program.
 */
class CliProcess {
  /**
   * @param {string[]} args Its arguments
   * @param {Object} [options] Options
   * @param {(string|Buffer|null)} [options.input=''] Its whole input; `null`
   *     leaves the input open
   * @param {Object} [options.env] More environment variables
   */
  constructor(args, { input = '', env = {} } = {}) {
    this.child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { ...process.env, ...env },
      stdio: 'pipe'
    });
    this.stdin = this.child.stdin;
    // It may end before it has read everything.
    this.stdin.on('error', () => {});
    this.stdout = new Output(this.child.stdout);
    this.stderr = new Output(this.child.stderr);
    this._closed = once(this.child, 'close');
    if (input !== null) this.stdin.end(input);
  }

  /**
   * Wait for its end.
   *
   * @returns {Promise<Object>} `code`, `signal`, `stdout` and `stderr`
   */
  async end() {
    const [code, signal] = await this._closed;

    return {
      code,
      signal,
      stdout: this.stdout.text,
      stderr: this.stderr.text
    };
  }

  /**
   * Wait until a server says where it listens.
   *
   * @returns {Promise<number>} Its port
   */
  async port() {
    const [, port] = await this.stderr.until(/Listening on wss?:\S+:(\d+)\//);

    return Number(port);
  }

  /**
   * End it, and wait until it has ended.
   *
   * @param {string} [signal] By which signal
   * @returns {Promise<Object>} As of `end()`
   */
  stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    return this.end();
  }
}

module.exports = { CliProcess, Output, PROGRAM };
