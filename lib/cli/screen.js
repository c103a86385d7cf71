'use strict';

const readline = require('node:readline');

const { MAX_LINES } = require('./history');

const STYLES = { dim: 2, red: 31, green: 32, cyan: 36 };

/**
 * What a command prints, and the line that is being typed below it. Messages go
 * to the standard output. Notes, about what happens, go to the terminal if
 * somebody types there, else to the standard error.
 */
class Screen {
  /**
   * @param {Object} [options] Options
   * @param {Boolean} [options.color=true] Whether colours are wanted
   */
  constructor({ color = true } = {}) {
    const { stdin, stdout, stderr } = process;

    this._terminal = stdout.isTTY ? stdout : stderr;
    this._readline = null;
    this._waiting = '';
    this._paused = new Set();
    this._isDumb = process.env.TERM === 'dumb';
    this._hasColor =
      color && !process.env.NO_COLOR && !this._isDumb && this._terminal.isTTY;

    /** Whether there is somebody who types, and a terminal to show it. */
    this.isInteractive = !!stdin.isTTY && !!this._terminal.isTTY;

    /** Whether messages go to a terminal. */
    this.showsMessages = !!stdout.isTTY;
  }

  /**
   * Lets lines be typed.
   *
   * @param {Object} handlers What to call
   * @param {Function} handlers.onLine Gets each line
   * @param {Function} handlers.onInterrupt Called for ctrl-c on an empty line
   * @param {Function} handlers.onEnd Called for ctrl-d
   * @param {String[]} [history=[]] Lines of former sessions, the last one first
   */
  open({ onLine, onInterrupt, onEnd }, history = []) {
    const rl = readline.createInterface({
      input: process.stdin,
      output: this._terminal,
      prompt: '> ',
      history,
      historySize: MAX_LINES,
      removeHistoryDuplicates: true,
      tabSize: 4
    });

    this._readline = rl;
    rl.on('line', (line) => {
      onLine(line);
      this.flush();
      if (this._readline === rl) rl.prompt();
    });
    rl.on('SIGINT', () => {
      if (rl.line === '') onInterrupt();
      else this._dropLine();
    });
    rl.on('close', () => {
      if (this._readline !== rl) return;
      this._readline = null;
      this._terminal.write('\n');
      onEnd();
    });
    rl.prompt();
  }

  /** Lets nothing be typed any more, and removes the prompt. */
  close() {
    const rl = this._readline;

    this.flush();
    if (rl === null) return;
    this._terminal.write(this._aboveLine());
    this._readline = null;
    rl.close();
  }

  /**
   * Prints a message.
   *
   * @param {(String|Buffer)} message The message, harmless if
   *     `showsMessages` is set
   * @param {String} head What comes in front of it
   * @param {WebSocket} from Where it came from; it is paused until the output
   *     takes more
   */
  message(message, head, from) {
    if (this.showsMessages) {
      this._show(`${this._paint(head, 'cyan')}${message}\n`);
    } else {
      const { stdout } = process;

      if (head !== '') stdout.write(head);
      stdout.write(message);
      if (!stdout.write('\n')) this._pause(from);
    }
  }

  /**
   * Reads nothing more from somebody until the output takes more.
   *
   * @param {WebSocket} ws Who
   * @private
   */
  _pause(ws) {
    ws.pause();
    this._paused.add(ws);
    if (this._paused.size > 1) return;
    process.stdout.once('drain', () => {
      for (const paused of this._paused) paused.resume();
      this._paused.clear();
    });
  }

  /**
   * @param {WebSocket} ws Who
   * @return {Boolean} Whether he has to wait for the output
   */
  holds(ws) {
    return this._paused.has(ws);
  }

  /**
   * Tells what happens.
   *
   * @param {String} text The text, harmless
   * @param {String} [style='dim'] How it looks on a terminal
   */
  note(text, style = 'dim') {
    if (this.isInteractive) this._show(`${this._paint(text, style)}\n`);
    else process.stderr.write(`${text}\n`);
  }

  /**
   * Makes a text look different where that is wanted.
   *
   * @param {String} text The text
   * @param {String} style One of `dim`, `red`, `green` and `cyan`
   * @return {String} The text with escape sequences around it
   * @private
   */
  _paint(text, style) {
    return this._hasColor ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
  }

  /**
   * Prints above the line that is being typed. What is printed in one turn of
   * the event loop is written at once.
   *
   * @param {String} text Whole lines
   * @private
   */
  _show(text) {
    if (this._readline === null) {
      this._terminal.write(text);
      return;
    }
    if (this._waiting === '') setImmediate(() => this.flush());
    this._waiting += text;
  }

  /** Writes what has been printed. */
  flush() {
    const text = this._waiting;

    this._waiting = '';
    if (text === '') return;
    if (this._readline === null) {
      this._terminal.write(text);
      return;
    }
    this._terminal.write(this._aboveLine() + text);
    // The line is drawn anew, and begins where the cursor is now.
    this._readline.prevRows = 0;
    this._readline.prompt(true);
  }

  /**
   * How to remove the line that is being typed from the terminal.
   *
   * @return {String} An escape sequence
   * @private
   */
  _aboveLine() {
    if (this._isDumb) return '\n';

    const { rows } = this._readline.getCursorPos();

    return `${rows > 0 ? `\x1b[${rows}A` : ''}\r\x1b[J`;
  }

  /**
   * Leaves the line that is being typed where it is and begins a new one.
   *
   * @private
   */
  _dropLine() {
    const rl = this._readline;

    rl.write(null, { ctrl: true, name: 'e' });
    this._terminal.write('^C\n');
    rl.line = '';
    rl.cursor = 0;
    rl.prevRows = 0;
    rl.prompt();
  }
}

module.exports = Screen;
