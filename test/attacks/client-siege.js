'use strict';

const assert = require('assert');
const { once } = require('events');
const net = require('net');
const path = require('path');
const tls = require('tls');

const { kinds } = require('../integration/kinds');
const credentials = require('../integration/support/credentials');
const { upgradeResponse } = require('../integration/support/raw-peer');
const { Helper } = require('../lifecycle/support');
const { HEALTHY, Siege } = require('./siege');
const { harden } = require('./sockets');

/** The kinds that clients can be of; those with TLS have the native one. */
const CLIENT_KINDS = kinds.filter(
  ({ isSecure, roles }) => isSecure || roles.includes('client')
);

/**
 * A process with clients: some of them, which behave, are connected with a
 * server that does, too, and others fall for the one here, which attacks them.
 */
class ClientSiege extends Siege {
  /**
   * @param {Party} kind The kind of the clients
   * @param {Object} [options] Options of those that are attacked
   */
  constructor(kind, options = {}) {
    super(kind);
    this.attackersMask = false;
    this.kind = kind;
    this.options = options;
    this.echo = new Helper(path.join(__dirname, 'children/echo.js'), [
      this.isSecure ? 'tls' : 'plain'
    ]);
    this.target = null;
    this.hostile = null;
    this.sockets = new Set();
    this.meet = null;
  }

  /** Let both servers listen and the clients connect. */
  async start() {
    this.target = new Helper(path.join(__dirname, 'children/client.js'), [
      kinds.indexOf(this.kind),
      HEALTHY,
      await this.echo.ask('listen')
    ]);
    this.healthy = this.target;
    await this.target.ask('connect');

    const welcome = (socket) => {
      this.sockets.add(harden(socket));
      socket.on('close', () => this.sockets.delete(socket));
      this.meet(socket);
    };

    this.hostile = this.isSecure
      ? tls.createServer(credentials, welcome)
      : net.createServer(welcome);
    this.hostile.listen(0, '127.0.0.1');
    await once(this.hostile, 'listening');
  }

  /**
   * Have clients fall for the server here.
   *
   * @param {Object} options
   * @param {number} options.total How many there are
   * @param {number} options.lanes How many of them at once
   * @param {Object} [options.also] More of their options
   * @param {string} [options.duty] What they do: 'flood' or 'push'
   * @param {Function} meet Called with each socket
   * @returns {Promise<Object>} What became of them, see `fall()`, and how many
   *     connections there were: `met`
   */
  async lure({ total, lanes, also, duty }, meet) {
    let met = 0;

    this.meet = (socket) => {
      met++;
      meet(socket);
    };

    const scheme = this.isSecure ? 'wss' : 'ws';
    const fate = await this.target.ask(
      'fall',
      `${scheme}://127.0.0.1:${this.hostile.address().port}`,
      total,
      lanes,
      { ...this.options, ...also },
      duty
    );

    await Promise.all([...this.sockets].map(({ gone }) => gone));
    return { ...fate, met };
  }

  /**
   * Attack clients that have opened websockets.
   *
   * @param {Object} options As for `lure()`, and
   * @param {string} [options.extensions] What is agreed on
   * @param {Function} action Called with the socket of each; it is over when
   *     the socket is gone
   * @returns {Promise<Object>} As of `lure()`
   */
  async attack({ extensions, ...options }, action) {
    const actions = [];
    const fate = await this.lure(options, (socket) => {
      socket.once('data', (request) => {
        socket.write(
          upgradeResponse(
            `${request}`,
            extensions ? [`Sec-WebSocket-Extensions: ${extensions}`] : []
          )
        );
        actions.push(action(socket));
      });
    });

    assert.strictEqual(fate.opened, options.total);
    await Promise.all(actions);
    return fate;
  }

  /** Let everything end by itself. */
  async stop() {
    assert.strictEqual(await this.target.end(), 0);
    await this.echo.ask('close');
    assert.strictEqual(await this.echo.end(), 0);
  }

  /** Make everything end, whatever it does. */
  async kill() {
    for (const socket of this.sockets) socket.destroy();
    this.hostile?.close();
    if (this.target) await this.target.kill();
    await this.echo.kill();
  }
}

module.exports = { CLIENT_KINDS, ClientSiege };
