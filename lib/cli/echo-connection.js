'use strict';

/**
 * A connection to an echo server: keeps a number of messages under way and
 * compares what comes back.
 */
class EchoConnection {
  /**
   * @param {WebSocket} ws The websocket
   * @param {Object} options Options
   * @param {Number} options.first Which of the payloads is sent first
   * @param {Number} options.inFlight How many messages are under way
   * @param {Boolean} options.isBinary Whether they are binary
   * @param {Buffer[]} options.payloads What is sent, in turn
   * @param {Function} options.onEcho Gets the time that an echo took, in ms
   * @param {Function} options.onError Gets a description of what went wrong
   */
  constructor(ws, options) {
    this._ws = ws;
    this._options = options;
    this._next = options.first;
    this._expected = options.first;
    this._isSending = false;
    this._isOpen = false;

    /** When the messages that are under way were sent. */
    this._times = new Float64Array(options.inFlight);

    /** How many messages are under way. */
    this.pending = 0;

    /** Fulfilled when it is open, with `false` if it cannot be opened. */
    this.opened = new Promise((resolve) => {
      ws.on('open', () => {
        this._isOpen = true;
        resolve(true);
      });
      ws.on('close', () => resolve(false));
    });

    /** Fulfilled when it is closed. */
    this.closed = new Promise((resolve) => ws.on('close', resolve));

    /** Fulfilled when it sends no more and everything has come back. */
    this.drained = new Promise((resolve) => {
      this._onDrained = resolve;
    });

    ws.on('message', (data, isBinary) => this._onMessage(data, isBinary));
    ws.on('error', (err) => {
      this._hasError = true;
      options.onError(err.message || err.code);
    });
    ws.on('close', (code) => {
      if (this._isOpen && !this._isOver && !this._hasError) {
        options.onError(`the server closed: ${code}`);
      }
      this._onDrained();
    });
  }

  /** Begins to send. */
  start() {
    this._isSending = true;
    for (let i = 0; i < this._options.inFlight; i++) this._send();
  }

  /** Sends no more. */
  stop() {
    this._isSending = false;
    if (this.pending === 0) this._onDrained();
  }

  /** Closes the connection. */
  close() {
    this._isOver = true;
    this._ws.close();
  }

  /** Closes the connection without a word. */
  terminate() {
    this._isOver = true;
    this._ws.terminate();
  }

  /** Sends a message. */
  _send() {
    const { inFlight, isBinary, payloads } = this._options;

    if (this._ws.readyState !== this._ws.OPEN) return;
    this._times[this._next % inFlight] = performance.now();
    this._ws.send(payloads[this._next % payloads.length], { binary: isBinary });
    this._next++;
    this.pending++;
  }

  /**
   * Checks what has come.
   *
   * @param {Buffer} data The message
   * @param {Boolean} isBinary Whether it is binary
   */
  _onMessage(data, isBinary) {
    const { inFlight, onEcho, onError, payloads } = this._options;
    const number = this._expected;

    if (this._isOver) return;
    if (this.pending === 0) {
      onError('a message came that is no echo');
      return;
    }
    if (
      isBinary !== this._options.isBinary ||
      !data.equals(payloads[number % payloads.length])
    ) {
      onError('an echo differs from what was sent');
    }
    this._expected++;
    this.pending--;
    onEcho(performance.now() - this._times[number % inFlight]);
    if (this._isSending) this._send();
    else if (this.pending === 0) this._onDrained();
  }
}

module.exports = EchoConnection;
