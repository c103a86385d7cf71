'use strict';

const assert = require('assert');
const { once } = require('events');
const https = require('https');

const { Scope } = require('../integration/support/scope');
const { native, theirs } = require('../native-listener/support/parties');
const { certificates } = require('./certificates');

/**
 * A scope for tests of TLS: certificates, and servers that echo, by both kinds
 * of TLS.
 */
class TlsScope extends Scope {
  constructor() {
    super();
    /** What `certificates()` returns, when tests run. */
    this.pki = null;
  }

  /**
   * Starts a native listener that echoes.
   *
   * @param {Object} [tls] Its option "tls"
   * @param {Object} [options] Its other options
   * @returns {Promise<WebSocketServer>} The server, listening
   */
  async listenNatively(tls = this.pki.server, options = {}) {
    const server = this.server(
      new native.WebSocketServer({ port: 0, maxPayload: 0, tls, ...options })
    );

    server.on('connection', echo);
    await once(server, 'listening');
    return server;
  }

  /**
   * Starts a server of ws on Node's TLS that echoes.
   *
   * @param {Object} [tls] Options of `https.createServer()`
   * @returns {Promise<WebSocketServer>} The server, listening
   */
  async listenNode(tls = this.pki.server) {
    const below = this.listener(https.createServer(tls));
    const server = this.server(
      new theirs.WebSocketServer({ server: below, maxPayload: 0 })
    );

    server.on('connection', echo);
    below.listen(0);
    await once(below, 'listening');
    return server;
  }

  /**
   * Connects with ws.
   *
   * @param {WebSocketServer} server Where to
   * @param {Object} [options] Options of the client
   * @returns {WebSocket} The client
   */
  connectTheirs(server, options) {
    return this.connect(theirs, urlOf(server), {
      native: undefined,
      rejectUnauthorized: true,
      ca: this.pki.ca,
      perMessageDeflate: false,
      maxPayload: 0,
      ...options
    });
  }

  /**
   * Connects by the I/O thread's TLS.
   *
   * @param {WebSocketServer} server Where to
   * @param {Object} [options] Options of the client
   * @returns {WebSocket} The client
   */
  connectNatively(server, options) {
    return this.connect(native, urlOf(server), {
      native: true,
      rejectUnauthorized: true,
      ca: this.pki.ca,
      perMessageDeflate: false,
      maxPayload: 0,
      ...options
    });
  }

  /**
   * Connects with ws, and waits for both ends.
   *
   * @param {WebSocketServer} server Where to
   * @param {Object} [options] Options of the client
   * @returns {Promise<Object>} `client`, `ws` and `req`
   */
  async pairTheirs(server, options) {
    const client = this.connectTheirs(server, options);
    const [[ws, req]] = await Promise.all([
      once(server, 'connection'),
      once(client, 'open')
    ]);

    return { client, ws, req };
  }
}

/**
 * Sends back what comes.
 *
 * @param {WebSocket} ws The connection
 */
function echo(ws) {
  ws.on('error', () => {});
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
}

/**
 * @param {WebSocketServer} server A server with TLS
 * @returns {string} Its URL, with a name that its certificate is for
 */
function urlOf(server) {
  return `wss://localhost:${server.address().port}`;
}

/**
 * Waits for the next 'tlsClientError' of a native listener.
 *
 * @param {WebSocketServer} server The server
 * @returns {Promise<Error>} The error
 */
async function tlsClientError(server) {
  const [err, peer] = await once(server._server, 'tlsClientError');

  assert.strictEqual(typeof peer.remotePort, 'number');
  return err;
}

/**
 * Makes a scope that is closed after every test of the current `describe()`,
 * and certificates before the first one.
 *
 * @returns {TlsScope} The scope
 */
function useTls() {
  const scope = new TlsScope();

  before(function () {
    this.timeout(60000);
    scope.pki = certificates();
  });
  afterEach(() => scope.close());
  return scope;
}

module.exports = { tlsClientError, urlOf, useTls };
