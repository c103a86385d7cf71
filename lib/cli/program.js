'use strict';

const { isUtf8 } = require('node:buffer');
const { spawn } = require('node:child_process');

const LineSplitter = require('./line-splitter');
const ProcessGroup = require('./process-group');
const { escape } = require('./text');

/** From how many bytes on that wait to be sent the program is not read. */
const HIGH_WATER = 1024 * 1024;

const UNSUPPORTED = 1003;
const FAILED = 1011;

/** How many characters of a line on the standard error are kept together. */
const MAX_ERROR_LINE = 16 * 1024;

/**
 * A process whose input and output are a websocket.
 */
class Program {
  /**
   * @param {WebSocket} ws The websocket, just opened
   * @param {Object} options Options
   * @param {String} options.command The program
   * @param {String[]} options.args Its arguments
   * @param {Object} options.env Its environment
   * @param {Boolean} options.binary Whether bytes are carried, not lines
   * @param {Number} options.maxLine How many bytes a line may have
   * @param {Number} options.grace How long it may take to end, in milliseconds
   * @param {Function} options.log Gets lines for the log
   */
  constructor(ws, options) {
    this._ws = ws;
    this._options = options;
    this._lines = options.binary ? null : new LineSplitter(options.maxLine);
    this._isOver = false;
    this._isCorked = false;
    this._hasFailed = false;
    this._hadTime = false;
    this._timer = null;
    this._onSent = () => this._resumeOutput();

    /** Fulfilled when nothing of the process is left. */
    this.ended = new Promise((resolve) => {
      this._resolve = resolve;
    });

    /** The process, `null` if it could not be made. */
    this.child = this._spawn();
  }

  /**
   * Starts the process.
   *
   * @return {(ChildProcess|null)} The process
   */
  _spawn() {
    const { args, command, env } = this._options;
    let child;

    try {
      child = spawn(command, args, { detached: true, env, stdio: 'pipe' });
    } catch (err) {
      // Arguments and environment are too large, for example.
      this._failToStart(err);
      return null;
    }
    if (child.pid === undefined) {
      child.once('error', (err) => this._failToStart(err));
      return null;
    }

    this._group = new ProcessGroup(child.pid);
    this._connect(child);
    return child;
  }

  /**
   * Connects a process and the websocket.
   *
   * @param {ChildProcess} child The process
   */
  _connect(child) {
    const ws = this._ws;

    child.on('error', (err) => this._log(err.message));
    child.on('exit', () => this._onExit());
    child.on('close', (code, signal) => this._onClose(code, signal));
    child.stdout.on('data', (chunk) => this._onOutput(chunk));
    child.stderr.on('data', (chunk) => this._onErrors(chunk));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('error', (err) => this._log(err.message));
    }
    // It may close its input whenever it likes; what still comes is dropped.
    child.stdin.on('error', () => ws.resume());
    child.stdin.on('close', () => ws.resume());
    child.stdin.on('drain', () => ws.resume());

    ws.on('message', (data, isBinary) => this._onMessage(data, isBinary));
    ws.on('error', (err) => this._log(err.message));
    ws.on('close', () => this.end());
  }

  /** Asks the process to end: its client is gone, or the server ends. */
  end() {
    if (this.child === null || this._isOver) return;
    this.child.stdin.end();
    // What it still says is read and dropped, so that nothing holds it up.
    this.child.stdout.resume();
    if (this._hadTime) this._drop();
    else this._endGroup();
  }

  /** Ends the process at once. */
  kill() {
    if (this.child === null || this._isOver) return;
    this._group.kill();
    this._drop();
  }

  /** Ends all processes, and then what else may hold the output open. */
  _endGroup() {
    if (this._timer !== null) return;
    this._group.end(this._options.grace);
    this._timer = setTimeout(() => {
      this._hadTime = true;
      // For a slow client what was printed is still to be read.
      if (!this.child.stdout.isPaused()) this._drop();
    }, this._options.grace);
  }

  /**
   * Takes a message of the client.
   *
   * @param {Buffer} data The message
   * @param {Boolean} isBinary Whether it is binary
   */
  _onMessage(data, isBinary) {
    const { stdin } = this.child;

    if (isBinary && this._lines !== null) {
      this._ws.close(UNSUPPORTED, 'binary messages are not accepted');
      return;
    }
    if (!stdin.writable) return;

    // All messages of a turn of the event loop are written at once.
    if (!this._isCorked) {
      this._isCorked = true;
      stdin.cork();
      process.nextTick(() => {
        this._isCorked = false;
        stdin.uncork();
      });
    }
    stdin.write(data);
    if (this._lines !== null) stdin.write('\n');
    if (stdin.writableNeedDrain) this._ws.pause();
  }

  /**
   * Takes what the process prints.
   *
   * @param {Buffer} chunk The bytes
   */
  _onOutput(chunk) {
    const ws = this._ws;

    if (ws.readyState !== ws.OPEN || this._hasFailed) return;

    if (this._lines === null) {
      ws.send(chunk, this._onSent);
    } else {
      try {
        for (const line of this._lines.push(chunk)) this._sendLine(line);
      } catch (err) {
        this._fail(err.message);
        return;
      }
    }
    if (ws.bufferedAmount > HIGH_WATER) this.child.stdout.pause();
  }

  /**
   * Sends a line.
   *
   * @param {Buffer} line The line
   */
  _sendLine(line) {
    // A peer ends a connection whose text is not UTF-8.
    const text = isUtf8(line) ? line : line.toString();

    this._ws.send(text, { binary: false }, this._onSent);
  }

  /** Reads on when enough has been sent. */
  _resumeOutput() {
    const { stdout } = this.child;

    if (stdout.isPaused() && this._ws.bufferedAmount < HIGH_WATER / 2) {
      stdout.resume();
    }
  }

  /**
   * Logs what the process prints on its standard error.
   *
   * @param {Buffer} chunk The bytes
   */
  _onErrors(chunk) {
    this._errors = (this._errors ?? '') + chunk.toString('latin1');

    const lines = this._errors.split('\n');

    this._errors = lines.pop();
    for (const line of lines) this._logErrors(line);
    if (this._errors.length > MAX_ERROR_LINE) {
      this._logErrors(this._errors);
      this._errors = '';
    }
  }

  /**
   * Logs a line of the standard error.
   *
   * @param {String} line Its bytes, as characters
   */
  _logErrors(line) {
    const text = Buffer.from(line, 'latin1').toString();

    this._log(text.replace(/\r$/, ''), this.child.pid);
  }

  /** The process has ended; others of its group, or its output, may be left. */
  _onExit() {
    // A client that is not read would not be seen to answer the close frame.
    this._ws.resume();
    this._endGroup();
  }

  /**
   * All that was printed has been read.
   *
   * @param {(Number|null)} code The exit code
   * @param {(String|null)} signal The signal that ended the process
   */
  _onClose(code, signal) {
    const ws = this._ws;
    const last = this._lines?.end() ?? null;

    if (this._errors) this._logErrors(this._errors);
    if (!this._hasFailed && ws.readyState === ws.OPEN) {
      if (last !== null) this._sendLine(last);
      if (code === 0) ws.close(1000);
      else ws.close(FAILED, signal ? `signal ${signal}` : `exit code ${code}`);
    }
    clearTimeout(this._timer);
    this._group.gone.then(() => {
      this._isOver = true;
      this._resolve();
    });
  }

  /** Waits no longer for what holds the output without being in the group. */
  _drop() {
    this.child.stdout.destroy();
    this.child.stderr.destroy();
  }

  /**
   * Gives up.
   *
   * @param {String} reason Why
   */
  _fail(reason) {
    this._hasFailed = true;
    this._log(reason);
    this._ws.close(FAILED, reason);
    this.end();
  }

  /**
   * Tells that the process cannot be started.
   *
   * @param {Error} err Why
   */
  _failToStart(err) {
    this._log(`cannot start ${this._options.command}: ${err.message}`);
    this._ws.on('error', () => {});
    this._ws.close(FAILED, 'cannot start the program');
  }

  /**
   * Writes to the log.
   *
   * @param {String} text The text
   * @param {Number} [pid] Which process said it
   */
  _log(text, pid) {
    this._options.log(`${pid === undefined ? '' : `[${pid}] `}${escape(text)}`);
  }
}

module.exports = Program;
