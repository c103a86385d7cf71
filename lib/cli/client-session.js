'use strict';

const { connectWith } = require('./client-options');
const { parseHex } = require('./hex');
const { History } = require('./history');
const { forPipe, forTerminal } = require('./messages');
const readPipedLines = require('./piped-lines');
const Screen = require('./screen');
const onSignals = require('./signals');
const { HELP, execute, interpret } = require('./slash');
const { escape, indentLines } = require('./text');

/** From how many bytes on that wait to be sent a piped input is not read. */
const HIGH_WATER = 1024 * 1024;

/** Close codes of a server that are no failure: normal, and none at all. */
const NORMAL = new Set([1000, 1005]);

/** Hints for failures that an option may help with, by their message. */
const HINTS = [
  [/Unexpected server response: 30\d/, '--max-redirects follows redirections'],
  [/certificate|self.signed/i, 'see --ca and --no-check'],
  [/Unexpected server response: 401/, 'see --auth and --header']
];

/**
 * Describes an error of a connection.
 *
 * @param {Error} err The error
 * @return {String} Its message, harmless
 */
function describe(err) {
  // Several addresses of a host may have failed.
  const cause = err.message === '' ? (err.errors?.[0] ?? err) : err;
  const message = cause.message || cause.code || cause.name;
  const hint = HINTS.find(([pattern]) => pattern.test(message));

  return escape(message) + (hint === undefined ? '' : ` (${hint[1]})`);
}

/**
 * What `beastws connect` does: one connection, and somebody or something that
 * talks through it.
 */
class ClientSession {
  /**
   * @param {String} url Where to connect to
   * @param {Object} options The options of the command
   * @throws {UsageError} If one of them is wrong
   */
  constructor(url, options) {
    this._options = options;
    this._screen = new Screen({ color: !options['no-color'] });
    this._ws = connectWith(url, options, true);
    this._history = options.history ? new History() : null;

    /** How many messages were handed over and are not sent. */
    this._unsent = 0;
    this._received = 0;
    this._pings = [];
    this._timers = [];
    this._exitCode = null;
    this._isInputOver = false;
    this._isPaused = false;
    this._closedByUs = false;
  }

  /**
   * Runs until the connection is closed.
   *
   * @return {Promise<Number>} The exit code
   */
  async run() {
    const ws = this._ws;
    const stopSignals = onSignals((code, count) => {
      this._exitCode = code;
      if (count > 1) ws.terminate();
      else this._interrupt();
    });

    this._verbose(`Connecting to ${this._address()}`);
    ws.on('upgrade', (response) => this._onUpgrade(response));
    ws.on('open', () => this._onOpen());
    ws.on('message', (data, isBinary) => this._onMessage(data, isBinary));
    ws.on('ping', (data) => this._verbose(`ping ${escape(`${data}`)}`));
    ws.on('pong', (data) => this._onPong(`${data}`));
    ws.on('error', (err) => this._fail(describe(err)));

    const [code, reason] = await new Promise((resolve) => {
      ws.on('close', (...args) => resolve(args));
    });

    for (const timer of this._timers) clearTimeout(timer);
    stopSignals();
    this._reportClose(code, escape(`${reason}`));
    this._screen.close();
    return this._exitCode;
  }

  /** Begins to talk. */
  _onOpen() {
    const { execute: messages, ping } = this._options;
    const { extensions, protocol } = this._ws;
    const details = [protocol && `subprotocol ${escape(protocol)}`, extensions]
      .filter((text) => text !== '')
      .map((text) => `, ${text}`);

    this._inform(`Connected to ${this._address()}${details.join('')}`);
    if (ping !== undefined) this._keepAlive(ping);

    if (messages !== undefined) {
      for (const message of messages) this._handle({ text: message });
      this._endInput();
    } else if (this._screen.isInteractive) {
      this._inform('Ctrl-C or ctrl-D closes, /help lists commands');
      this._screen.open(
        {
          onLine: (line) => this._onTyped(line),
          onInterrupt: () => this._interrupt(),
          onEnd: () => this._close()
        },
        this._loadHistory()
      );
    } else {
      readPipedLines(process.stdin, {
        onLine: (line) => this._onPiped(line.toString()),
        onEnd: () => this._endInput()
      });
    }
  }

  /**
   * Takes a line that somebody typed.
   *
   * @param {String} line The line
   */
  _onTyped(line) {
    if (this._ws.readyState !== this._ws.OPEN) {
      this._screen.note('The connection is closing', 'red');
      return;
    }

    try {
      this._history?.add(line);
    } catch (err) {
      this._screen.note(`No history: ${escape(err.message)}`, 'red');
      this._history = null;
    }

    // An empty line is a slip: `-x ''` sends an empty message.
    if (line === '') return;
    try {
      this._handle(interpret(line));
    } catch (err) {
      this._screen.note(escape(err.message), 'red');
    }
  }

  /**
   * Takes a line of a pipe.
   *
   * @param {String} line The line
   */
  _onPiped(line) {
    const ws = this._ws;

    if (ws.readyState !== ws.OPEN) return;
    try {
      this._handle(this._options.slash ? interpret(line) : { text: line });
    } catch (err) {
      this._fail(escape(err.message));
      this._close();
    }
    if (ws.bufferedAmount > HIGH_WATER) {
      this._isPaused = true;
      process.stdin.pause();
    }
  }

  /**
   * Sends a message, or does what a command says.
   *
   * @param {Object} line What `interpret()` returned
   * @throws {Error} If it is wrong
   */
  _handle(line) {
    const ws = this._ws;

    if (line.text !== undefined) {
      const data = this._options.binary ? parseHex(line.text) : line.text;

      this._unsent++;
      ws.send(data, () => this._onSent());
      return;
    }
    execute(line, [ws], {
      close: (sockets) => {
        execute(line, sockets);
        this._closedByUs = true;
      },
      help: () => HELP.forEach((text) => this._screen.note(text)),
      ping: (sockets, text) => {
        ws.ping(text);
        this._pings.push({ text, at: performance.now() });
      }
    });
  }

  /** A message was sent, or never will be. */
  _onSent() {
    this._unsent--;
    if (this._isPaused && this._ws.bufferedAmount < HIGH_WATER / 2) {
      this._isPaused = false;
      process.stdin.resume();
    }
    if (this._isInputOver && this._unsent === 0) this._awaitAnswers();
  }

  /** Nothing more will be sent. */
  _endInput() {
    this._isInputOver = true;
    if (this._unsent === 0) this._awaitAnswers();
  }

  /** Closes when the answers had time to come. */
  _awaitAnswers() {
    const { wait } = this._options;

    if (wait >= 0) {
      this._timers.push(setTimeout(() => this._close(), wait * 1000));
    }
  }

  /**
   * Prints a message.
   *
   * @param {Buffer} data The message
   * @param {Boolean} isBinary Whether it is binary
   */
  _onMessage(data, isBinary) {
    const { binary, messages } = this._options;
    const screen = this._screen;

    if (this._received === messages) return;
    this._received++;

    if (screen.showsMessages) {
      const text = forTerminal(data, isBinary, binary);

      screen.message(indentLines(text, 2), '< ', this._ws);
    } else {
      screen.message(forPipe(data, isBinary, binary), '', this._ws);
    }
    if (this._received === messages) this._close();
  }

  /**
   * Tells of the answer to the handshake.
   *
   * @param {http.IncomingMessage} response The answer
   */
  _onUpgrade({ rawHeaders, socket, statusCode, statusMessage }) {
    this._socket = socket;
    this._verbose(escape(`${statusCode} ${statusMessage}`));
    for (let i = 0; i < rawHeaders.length; i += 2) {
      this._verbose(escape(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`));
    }
  }

  /**
   * Tells of a pong that somebody waits for.
   *
   * @param {String} text What is in it
   */
  _onPong(text) {
    const index = this._pings.findIndex((ping) => ping.text === text);

    if (index === -1) {
      this._verbose(`pong ${escape(text)}`);
      return;
    }

    const [{ at }] = this._pings.splice(index, 1);
    const time = (performance.now() - at).toFixed(1);

    this._screen.note(`pong ${escape(text)}${text && ' '}after ${time} ms`);
  }

  /**
   * Sends pings, and ends a connection from which nothing comes behind one.
   *
   * @param {Number} seconds How often
   */
  _keepAlive(seconds) {
    const ws = this._ws;
    let bytes = null;

    this._timers.push(
      setInterval(() => {
        const { bytesRead } = this._socket;

        if (ws.isPaused || ws.readyState !== ws.OPEN) {
          bytes = null;
        } else if (bytes === bytesRead) {
          this._fail(`No answer to a ping within ${seconds} s`);
          ws.terminate();
        } else {
          bytes = bytesRead;
          ws.ping();
        }
      }, seconds * 1000)
    );
  }

  /** Closes at the first ctrl-c, gives up at the second. */
  _interrupt() {
    if (this._ws.readyState === this._ws.OPEN) this._close();
    else this._ws.terminate();
  }

  /** Closes the connection. */
  _close() {
    if (this._ws.readyState !== this._ws.OPEN) return;
    this._closedByUs = true;
    this._ws.close(1000);
  }

  /**
   * Tells how the connection ended, and finds the exit code.
   *
   * @param {Number} code The code
   * @param {String} reason The reason, harmless
   */
  _reportClose(code, reason) {
    const isNormal = NORMAL.has(code) || (this._closedByUs && code !== 1006);
    const who = this._closedByUs ? 'Closed' : 'Closed by the server';
    const what = `${who}: ${code}${reason && ` ${reason}`}`;

    if (isNormal) this._inform(what);
    else if (this._exitCode === null) this._fail(what);
    this._exitCode ??= 0;
  }

  /**
   * Tells what failed.
   *
   * @param {String} text What, harmless
   */
  _fail(text) {
    this._exitCode ??= 1;
    this._screen.note(text, 'red');
  }

  /**
   * Tells what somebody at a terminal wants to know.
   *
   * @param {String} text What, harmless
   */
  _inform(text) {
    if (this._screen.isInteractive) this._screen.note(text);
    else this._verbose(text);
  }

  /**
   * Tells what only some want to know.
   *
   * @param {String} text What, harmless
   */
  _verbose(text) {
    if (this._options.verbose) this._screen.note(text);
  }

  /**
   * @return {String} The address, without a password, harmless
   */
  _address() {
    return escape(this._ws.url.replace(/\/\/[^/]*@/, '//'));
  }

  /**
   * @return {String[]} What was typed in other sessions
   */
  _loadHistory() {
    try {
      return this._history?.load() ?? [];
    } catch (err) {
      this._screen.note(`No history: ${escape(err.message)}`, 'red');
      return [];
    }
  }
}

module.exports = ClientSession;
