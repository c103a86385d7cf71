'use strict';

/**
 * The module under test: started in one role with one kind of connection, and
 * everything it emits written down.
 */

const assert = require('assert');
const path = require('path');

const { describe, frame, show } = require('./frames');

const root = path.resolve(
  process.env.BEASTWS_MODULE || path.join(__dirname, '..', '..')
);
const WebSocket = require(root);
const { name } = require(path.join(root, 'package.json'));

/**
 * Renders an error.
 *
 * @param {Error} err The error
 * @return {String} One line; zlib's texts differ, so they are left out
 */
function describeError(err) {
  return typeof err.errno === 'number'
    ? `error ${err.name} ${err.code} errno ${err.errno}`
    : `error ${err.name} ${err.code || '-'}: ${err.message}`;
}

/** Writes down the events of one WebSocket. */
class Recorder {
  /**
   * @param {WebSocket} ws The WebSocket
   * @param {Object} [options] What it does by itself
   * @param {Array[]} [options.actions] Method calls made at once when it is
   *     open: `[method, ...arguments]`
   * @param {Boolean} [options.echo] Whether messages are sent back
   */
  constructor(ws, { actions = [], echo = false } = {}) {
    this.ws = ws;
    this.lines = [];
    this.waiting = [];
    this.opened =
      ws.readyState === WebSocket.OPEN
        ? Promise.resolve()
        : new Promise((resolve) => {
            ws.once('open', resolve);
          });
    this.closed = new Promise((resolve) => {
      ws.once('close', resolve);
    });

    ws.on('message', (data, isBinary) => {
      assert.ok(Buffer.isBuffer(data));
      assert.strictEqual(typeof isBinary, 'boolean');
      this.note(describe(frame(isBinary ? 2 : 1, data)));
      if (echo) ws.send(data, { binary: isBinary });
    });
    ws.on('ping', (data) => this.note(describe(frame(9, data))));
    ws.on('pong', (data) => this.note(describe(frame(10, data))));
    ws.on('error', (err) => {
      this.note(describeError(err) + this.unless(WebSocket.CLOSING));
    });
    ws.on('close', (code, reason) => {
      const text = show(reason, true);
      this.note(`closed ${code} ${text}${this.unless(WebSocket.CLOSED)}`);
    });

    if (ws.readyState === WebSocket.OPEN) this.act(actions);
    else ws.once('open', () => this.act(actions));
  }

  /**
   * Writes a line down.
   *
   * @param {String} line The line
   */
  note(line) {
    this.lines.push(line);
    this.waiting = this.waiting.filter(({ count, resolve }) => {
      if (this.lines.length < count) return true;
      resolve();
      return false;
    });
  }

  /**
   * Waits for a number of lines.
   *
   * @param {Number} count The number
   * @return {Promise} Settled when there are as many
   */
  reached(count) {
    if (this.lines.length >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push({ count, resolve });
    });
  }

  /**
   * Calls methods of the WebSocket and writes down what they throw.
   *
   * @param {Array[]} actions `[method, ...arguments]`
   */
  act(actions) {
    for (const [method, ...args] of actions) {
      try {
        this.ws[method](...args);
      } catch (err) {
        this.note(`${method} threw ${err.name}: ${err.message}`);
      }
    }
  }

  /**
   * Names the state when it is not the one it has to be.
   *
   * @param {Number} state The readyState that is right
   * @return {String} What is added to the line
   */
  unless(state) {
    const { readyState } = this.ws;
    return readyState === state ? '' : ` in readyState ${readyState}`;
  }
}

/**
 * Starts a server under test.
 *
 * @param {Object} options Options of WebSocketServer
 * @param {Object} behaviour What Recorder takes
 * @return {Promise<Object>} `port`, `recorder` (a promise), `connections` (how
 *     many there were) and `stop()`
 */
async function startServer(options, behaviour) {
  const wss = new WebSocket.WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    ...options
  });
  const subject = { connections: 0 };

  subject.recorder = new Promise((resolve) => {
    wss.on('connection', (ws, req) => {
      subject.connections++;
      subject.request = req;
      resolve(new Recorder(ws, behaviour));
    });
  });
  subject.stop = () =>
    new Promise((resolve) => {
      for (const ws of wss.clients) ws.terminate();
      wss.close(resolve);
    });

  await new Promise((resolve, reject) => {
    wss.once('listening', resolve);
    wss.once('error', reject);
  });
  subject.port = wss.address().port;
  return subject;
}

/**
 * Starts a client under test.
 *
 * @param {String} url Where it connects to
 * @param {(String[]|undefined)} protocols The subprotocols it asks for
 * @param {Object} options Options of WebSocket
 * @param {Object} behaviour What Recorder takes
 * @return {Object} `recorder` and `stop()`
 */
function startClient(url, protocols, options, behaviour) {
  const ws = new WebSocket(url, protocols, options);
  const recorder = new Recorder(ws, behaviour);

  return {
    recorder,
    stop() {
      ws.terminate();
      return recorder.closed;
    }
  };
}

module.exports = { describeError, name, startClient, startServer };
