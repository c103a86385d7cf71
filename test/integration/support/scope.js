'use strict';

const { once } = require('events');

/**
 * What a test opened, to be closed when it ends, whatever its outcome.
 */
class Scope {
  constructor() {
    this.closers = [];
  }

  /**
   * Run a function when the test ends; the last one added runs first.
   *
   * @param {Function} closer The function, which may return a promise
   */
  defer(closer) {
    this.closers.push(closer);
  }

  /**
   * Close everything.
   *
   * @returns {Promise} Fulfilled when everything is closed
   */
  async close() {
    for (const closer of this.closers.splice(0).reverse()) await closer();
  }

  /**
   * Keep a websocket in mind.
   *
   * @param {WebSocket} ws The websocket
   * @returns {WebSocket} The same websocket
   */
  socket(ws) {
    this.defer(() => {
      if (ws.readyState === ws.CLOSED) return undefined;

      const closed = new Promise((resolve) => ws.once('close', resolve));

      ws.on('error', () => {});
      ws.terminate();
      return closed;
    });
    return ws;
  }

  /**
   * Keep a websocket server in mind.
   *
   * @param {WebSocketServer} wss The server
   * @returns {WebSocketServer} The same server
   */
  server(wss) {
    wss.on('connection', (ws) => this.socket(ws));
    this.defer(() => new Promise((resolve) => wss.close(() => resolve())));
    return wss;
  }

  /**
   * Keep an HTTP or a TCP server in mind.
   *
   * @param {net.Server} server The server
   * @returns {net.Server} The same server
   */
  listener(server) {
    this.defer(() => {
      if (server.closeAllConnections) server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    });
    return server;
  }

  /**
   * Keep a plain stream in mind.
   *
   * @param {stream.Duplex} stream The stream
   * @returns {stream.Duplex} The same stream
   */
  stream(stream) {
    this.defer(() => stream.destroy());
    return stream;
  }

  /**
   * Listen with a websocket server on a free port.
   *
   * @param {Party} party The module
   * @param {Object} [options] Options of `WebSocketServer`
   * @returns {Promise<WebSocketServer>} The server
   */
  async listen(party, options) {
    return this.server(await party.listen(options));
  }

  /**
   * Start a client.
   *
   * @param {Party} party The module
   * @param {(String|WebSocketServer)} address Where to connect to
   * @param {Object} [options] Options of `WebSocket`
   * @returns {WebSocket} The client, still connecting
   */
  connect(party, address, options) {
    return this.socket(party.connect(address, options));
  }

  /**
   * Connect a client with a server on a port of its own.
   *
   * @param {Object} peers The modules, `{ client, server }`
   * @param {Object} [options] `{ client, server }` options
   * @returns {Promise<Object>} `{ client, server, wss, request }`, both
   *     websockets open
   */
  async pair(peers, options = {}) {
    const wss = await this.listen(peers.server, options.server);
    const connection = once(wss, 'connection');
    const client = this.connect(peers.client, wss, options.client);

    await once(client, 'open');

    const [server, request] = await connection;

    return { client, server, wss, request };
  }
}

/**
 * Make a scope that is closed after every test of the current `describe()`.
 *
 * @returns {Scope} The scope
 */
function useScope() {
  const scope = new Scope();

  afterEach(() => scope.close());
  return scope;
}

module.exports = { Scope, useScope };
