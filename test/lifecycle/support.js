'use strict';

const { spawn } = require('child_process');
const { once } = require('events');
const path = require('path');

/**
 * A process that answers questions over its IPC channel, see
 * `children/answer.js`.
 */
class Helper {
  /**
   * @param {string} script The name of the script in `children`, or its path
   * @param {Array} args Its arguments
   * @param {number} [limit] The limit of open files; all it may have
   *     if 0, as Node sees to it
   */
  constructor(script, args, limit = 0) {
    // Not by a shell: with ThreadSanitizer's runtime loaded none starts.
    const command = [
      ...(limit ? ['prlimit', `--nofile=${limit}`] : []),
      process.execPath,
      '--expose-gc',
      path.resolve(__dirname, 'children', script),
      ...args.map(String)
    ];

    this.child = spawn(command[0], command.slice(1), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    });
    this.next = 0;
    this.waiting = new Map();
    this.ended = once(this.child, 'exit');
    this.child.on('message', ({ id, result, error }) => {
      const { resolve, reject } = this.waiting.get(id);

      this.waiting.delete(id);
      if (error) reject(new Error(error));
      else resolve(result);
    });
    this.child.on('exit', (code, signal) => {
      for (const { reject } of this.waiting.values()) {
        reject(new Error(`${script} ended with ${signal || code}`));
      }
    });
  }

  /**
   * Ask the process to do something.
   *
   * @param {string} name What
   * @param {...*} args Arguments that JSON can express
   * @returns {Promise<*>} The result
   */
  ask(name, ...args) {
    const id = this.next++;

    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, name, args });
    });
  }

  /**
   * Let the process end by itself.
   *
   * @returns {Promise<number>} Its exit code
   */
  async end() {
    if (this.child.connected) this.child.disconnect();

    const [code, signal] = await this.ended;

    return signal || code;
  }

  /**
   * Make the process end, whatever it does.
   *
   * @returns {Promise} Fulfilled when it is gone
   */
  kill() {
    this.child.kill('SIGKILL');
    return this.ended;
  }
}

module.exports = { Helper };
