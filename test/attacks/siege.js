'use strict';

const assert = require('assert');
const { once } = require('events');
const net = require('net');
const path = require('path');

const { kinds } = require('../integration/kinds');
const { Helper } = require('../lifecycle/support');
const { memory, slowness } = require('../support/sanitized');

/** How many clients behave. */
const HEALTHY = 100;

/** How long the baseline of their latency is taken, in milliseconds. */
const BASELINE = 1000;

/**
 * How much later 99 of 100 answers may come under attack: so many times, and
 * so many milliseconds in any case. Generous: tests share their machine, and
 * the attackers are on it, too.
 */
const FACTOR = 20;
const GRACE = 2000 * slowness;

/**
 * Likewise, for one of two answers. On JavaScript's thread all of a read is
 * handled before it is another one's turn, as large as it may become.
 */
const USUAL_GRACE = 500 * slowness;
const SHARED_GRACE = GRACE;

/**
 * Do something a number of times, some of them at once.
 *
 * @param {number} total How many times
 * @param {number} lanes How many at once
 * @param {Function} action Called with the number of the time; may return a
 *     promise
 * @returns {Promise} Fulfilled when all are done
 */
async function repeat(total, lanes, action) {
  let next = 0;

  await Promise.all(
    Array.from({ length: Math.min(lanes, total) }, async () => {
      while (next < total) await action(next++);
    })
  );
}

/**
 * Connect without any handshake.
 *
 * @param {number} port The port on 127.0.0.1
 * @returns {Promise<net.Socket>} The socket, which drops what it reads; the
 *     promise `gone` of it is fulfilled when it is closed
 */
async function connect(port) {
  const socket = net.connect(port, '127.0.0.1');

  socket.gone = new Promise((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {});
  socket.resume();
  await Promise.race([once(socket, 'connect'), socket.gone]);
  return socket;
}

/** A server in a process, with clients in another one, that is attacked. */
class Siege {
  /**
   * @param {Party} kind The kind of the server
   * @param {Object} [options] Options of its `WebSocketServer`
   * @param {Object} [httpOptions] Options of an HTTP server of its own
   */
  constructor(kind, options = {}, httpOptions = null) {
    this.server = new Helper(path.join(__dirname, 'children/server.js'), [
      kinds.indexOf(kind),
      JSON.stringify(options),
      JSON.stringify(httpOptions)
    ]);
    this.scheme = options.tls ? 'wss' : 'ws';
    this.grace = kind.name === 'ioThread: false' ? SHARED_GRACE : USUAL_GRACE;
    this.healthy = null;
  }

  /** Let the server listen and the clients talk; take the baseline. */
  async begin() {
    this.port = await this.server.ask('listen');
    this.healthy = new Helper(path.join(__dirname, 'children/healthy.js'), [
      this.port,
      HEALTHY,
      this.scheme
    ]);
    await this.healthy.ask('connect');
    await new Promise((resolve) => setTimeout(resolve, BASELINE / 2));
    await this.healthy.ask('report');
    await new Promise((resolve) => setTimeout(resolve, BASELINE));
    this.baseline = await this.healthy.ask('report');
    assert.ok(this.baseline.count > HEALTHY);
    this.resident = await this.server.ask('forget');
    this.before = await this.server.ask('use');
  }

  /**
   * Attack, and see that the clients that behave do not suffer.
   *
   * @param {Function} attack The attack; may return a promise
   * @returns {Promise<Object>} What the server uses afterwards, with `grown`:
   *     how much more memory it took at most meanwhile, in bytes
   */
  async under(attack) {
    await this.healthy.ask('report');
    this.resident = await this.server.ask('forget');
    await attack();
    // What the attackers have left behind is a part of it.
    await this.untilAlone();

    let seen = await this.healthy.ask('report');

    // It may have been over before the next one was due.
    while (seen.count === 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      seen = await this.healthy.ask('report');
    }

    const { lost, p50, p99, wrong } = seen;
    const usual = Math.max(this.grace, FACTOR * this.baseline.p50);
    const limit = Math.max(GRACE, FACTOR * this.baseline.p99);

    assert.ok(
      p50 <= usual,
      `the median is ${p50} ms, without an attack ${this.baseline.p50} ms`
    );
    assert.ok(
      p99 <= limit,
      `p99 is ${p99} ms, without an attack ${this.baseline.p99} ms`
    );
    assert.deepStrictEqual({ lost, wrong }, { lost: 0, wrong: 0 });

    const use = await this.server.ask('use');

    const grown = (use.highest - this.resident) / memory;

    return { ...use, grown, p50, p99 };
  }

  /**
   * Wait until only the clients that behave are connected.
   *
   * @returns {Promise<Object>} What the server uses then
   */
  async untilAlone() {
    for (;;) {
      const use = await this.server.ask('use');

      if (use.sockets <= HEALTHY && use.clients <= HEALTHY) return use;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** See that every message was answered, and that nothing is left. */
  async end() {
    const { lost } = await this.healthy.ask('report');
    const after = await this.untilAlone();

    assert.strictEqual(lost, 0);
    assert.strictEqual(after.clients, HEALTHY);
    assert.strictEqual(after.descriptors, this.before.descriptors);

    const { sent, answered } = await this.healthy.ask('leave');

    assert.strictEqual(answered, sent);
    await this.server.ask('close');
    assert.strictEqual(await this.healthy.end(), 0);
    assert.strictEqual(await this.server.end(), 0);
  }

  /** Make everything end, whatever it does. */
  async kill() {
    if (this.healthy) await this.healthy.kill();
    await this.server.kill();
  }
}

module.exports = { connect, HEALTHY, repeat, Siege };
