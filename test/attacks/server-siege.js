'use strict';

const assert = require('assert');
const path = require('path');

const { kinds } = require('../integration/kinds');
const { Helper } = require('../lifecycle/support');
const { HEALTHY, Siege } = require('./siege');
const { connect, repeat, requestFor } = require('./sockets');

/** A server in a process, with clients in another one, that is attacked. */
class ServerSiege extends Siege {
  /**
   * @param {Party} kind The kind of the server
   * @param {Object} [options] Options of its `WebSocketServer`
   * @param {Object} [httpOptions] Options of an HTTP server of its own
   */
  constructor(kind, options = {}, httpOptions = null) {
    super(kind);
    this.isSecure ||= !!options.tls;
    this.attackersMask = true;
    this.target = new Helper(path.join(__dirname, 'children/server.js'), [
      kinds.indexOf(kind),
      JSON.stringify(options),
      JSON.stringify(httpOptions)
    ]);
    this.healthy = null;
  }

  /** Let the server listen and the clients connect. */
  async start() {
    this.port = await this.target.ask('listen');

    const scheme = this.isSecure ? 'wss' : 'ws';

    this.healthy = new Helper(path.join(__dirname, 'children/healthy.js'), [
      `${scheme}://127.0.0.1:${this.port}`,
      HEALTHY
    ]);
    await this.healthy.ask('connect');
  }

  /**
   * Connect somebody who may do harm, without a handshake of HTTP.
   *
   * @returns {Promise<net.Socket>} The socket, see `connect()`
   */
  connect() {
    return connect(this.port, this.isSecure);
  }

  /**
   * Have attackers open websockets whose messages the server drops.
   *
   * @param {Object} options
   * @param {number} options.total How many there are
   * @param {number} options.lanes How many of them at once
   * @param {string} [options.extensions] What they offer
   * @param {Function} action Called with the socket of each; it is over when
   *     the socket is gone
   */
  async attack({ total, lanes, extensions }, action) {
    await repeat(total, lanes, async () => {
      const socket = await this.connect();
      const answered = new Promise((resolve) => socket.once('data', resolve));

      socket.write(requestFor('/sink', extensions));
      await Promise.race([answered, socket.gone]);
      await action(socket);
      await socket.gone;
    });
  }

  /**
   * Open websockets that read nothing behind the first bytes of the answer.
   *
   * @param {number} count How many
   * @param {string} path What they ask for
   * @returns {Promise<net.Socket[]>} The sockets, paused, with the first bytes
   *     as `chunks`
   */
  async openDeaf(count, path) {
    const sockets = [];

    await repeat(count, count, async () => {
      const socket = await this.connect();

      socket.chunks = [];
      socket.write(requestFor(path));
      await new Promise((resolve) => {
        socket.once('close', resolve);
        socket.once('data', (chunk) => {
          socket.chunks.push(chunk);
          socket.pause();
          resolve();
        });
      });
      sockets.push(socket);
    });
    return sockets;
  }

  /** Let everything end by itself. */
  async stop() {
    await this.target.ask('close');
    assert.strictEqual(await this.healthy.end(), 0);
    assert.strictEqual(await this.target.end(), 0);
  }

  /** Make everything end, whatever it does. */
  async kill() {
    if (this.healthy) await this.healthy.kill();
    await this.target.kill();
  }
}

module.exports = ServerSiege;
