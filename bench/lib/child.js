'use strict';

const { spawn } = require('child_process');
const readline = require('readline');

const STDERR_KEPT = 2000;
const EXIT_LIMIT = 3000;

/** All children that run, to end them whatever happens. */
const running = new Set();

/** A process that speaks lines of JSON. */
class Child {
  /**
   * Starts a process.
   *
   * @param {String} name What to call it in errors
   * @param {String} command The program
   * @param {String[]} args Its arguments
   * @param {Object} [options] For `spawn()`
   */
  constructor(name, command, args, options) {
    this.name = name;
    this.lines = [];
    this.waiting = null;
    this.failure = null;
    this.stderr = '';
    this.process = spawn(command, args, { ...options, stdio: 'pipe' });
    this.pid = this.process.pid;
    running.add(this);

    this.exited = new Promise((resolve) => {
      const over = (reason) => {
        running.delete(this);
        this.fail(reason);
        resolve();
      };
      this.process.on('error', (err) => over(err.message));
      // 'close', not 'exit': the last lines and errors have been read then.
      this.process.on('close', (code, signal) =>
        over(`ended with ${signal || `code ${code}`}`)
      );
    });
    this.process.stdin.on('error', () => {});
    this.process.stderr.setEncoding('utf8');
    this.process.stderr.on('data', (chunk) => {
      this.stderr = (this.stderr + chunk).slice(-STDERR_KEPT);
    });
    readline
      .createInterface({ input: this.process.stdout })
      .on('line', (line) => this.take(line));
  }

  /**
   * Sends a command.
   *
   * @param {String} command The command
   */
  send(command) {
    this.process.stdin.write(`${command}\n`);
  }

  /**
   * Waits for a line with a certain member, or with a certain `event`. Lines
   * that nobody waited for are kept.
   *
   * @param {String} what The member or event
   * @param {Number} limit How long to wait, in seconds
   * @returns {Promise<Object>} The line; rejected at the limit, and if the
   *     process ends or reports an error
   */
  expect(what, limit) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting = null;
        reject(this.explain(`said no '${what}' in ${limit} s`));
      }, limit * 1000);
      this.waiting = {
        what,
        settle: (err, line) => {
          clearTimeout(timer);
          this.waiting = null;
          if (err) reject(err);
          else resolve(line);
        }
      };
      this.match();
    });
  }

  /** Ends the process: its input first, then by force. */
  async stop() {
    if (!running.has(this)) return;
    this.process.stdin.end();
    const timer = setTimeout(() => this.process.kill('SIGKILL'), EXIT_LIMIT);
    await this.exited;
    clearTimeout(timer);
  }

  /**
   * Takes a line of output.
   *
   * @param {String} text The line
   */
  take(text) {
    let line;
    try {
      line = JSON.parse(text);
    } catch {
      return; // a package that prints something of its own
    }
    if (line.event === 'error') this.fail(line.message);
    else this.lines.push(line);
    this.match();
  }

  /**
   * Notes why nothing more is to be expected. The first reason stays.
   *
   * @param {String} reason The reason
   */
  fail(reason) {
    this.failure ??= this.explain(reason);
    this.match();
  }

  /** Gives a line or the failure to who waits for it. */
  match() {
    const { waiting } = this;
    if (waiting === null) return;
    const index = this.lines.findIndex(
      (line) => line.event === waiting.what || waiting.what in line
    );
    if (index !== -1) waiting.settle(null, this.lines.splice(index, 1)[0]);
    else if (this.failure) waiting.settle(this.failure);
  }

  /**
   * Makes an error of what happened and what the process wrote.
   *
   * @param {String} reason What happened
   * @returns {Error} The error
   */
  explain(reason) {
    const detail = this.stderr.trim();
    return new Error(`${this.name}: ${reason}${detail && `\n${detail}`}`);
  }
}

/** Ends all children at once, for the runner's own end. */
function killAll() {
  for (const child of running) child.process.kill('SIGKILL');
}

/** Makes sure that no child outlives the runner. */
function guardChildren() {
  process.on('exit', killAll);
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1]
  ]) {
    process.on(signal, () => process.exit(128 + number));
  }
}

module.exports = { Child, guardChildren };
