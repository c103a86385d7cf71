'use strict';

/**
 * Sends numbered messages to a server that answers each with its number, and
 * sends again over the next connection what was not answered.
 */
class ReliableSender {
  /**
   * @param {Function} connect Makes a new WebSocket
   * @param {string} name Goes in front of every number
   * @param {number} total How many messages to send
   */
  constructor(connect, name, total) {
    this.connect = connect;
    this.name = name;
    this.total = total;
    this.answered = 0;
    this.connections = 0;
    this.codes = [];
    this.done = new Promise((resolve) => {
      this.finish = resolve;
    });
    this._start();
  }

  /** Connect, and do it again when the connection ends too early. */
  _start() {
    const ws = this.connect();

    this.ws = ws;
    // 'close' follows, and is all that counts here.
    ws.on('error', () => {});
    ws.on('open', () => {
      this.connections++;
      this._send();
    });
    ws.on('message', (text) => {
      this.answered = Number(text) + 1;
      if (this.answered < this.total) this._send();
      else ws.close(1000);
    });
    ws.on('close', (code) => {
      if (this.answered === this.total) {
        this.finish();
        return;
      }
      this.codes.push(code);
      this._start();
    });
  }

  /** Send the message that comes next. */
  _send() {
    this.ws.send(`${this.name} ${this.answered}`);
  }
}

module.exports = { ReliableSender };
