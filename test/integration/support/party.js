'use strict';

const { once } = require('events');

/**
 * A module that can play the client and the server, together with the options
 * that select the kind of connection.
 */
class Party {
  /**
   * @param {string} name The name shown in test titles
   * @param {Function} WebSocket The module's `WebSocket` class
   * @param {Object} options Options added to every client and server
   * @param {Object} [listening] Options added to servers with a port of their
   *     own; such a party is worth testing as a server only
   */
  constructor(name, WebSocket, options, listening) {
    this.name = name;
    this.options = options;
    this.listening = listening;
    this.roles = listening ? ['server'] : ['client', 'server'];
    this.isSecure = listening?.tls !== undefined;
    // Whether connections live on JavaScript's thread, and whether servers with
    // a port have a native listener.
    this.isInline = true;
    this.isNative = false;
    this.WebSocket = WebSocket;
    this.WebSocketServer = WebSocket.WebSocketServer;
  }

  /**
   * Make a server without waiting for anything.
   *
   * @param {Object} options Options of `WebSocketServer`
   * @returns {WebSocketServer} The server
   */
  server(options) {
    return new this.WebSocketServer({
      ...this.options,
      ...(options.port !== undefined && this.listening),
      ...options
    });
  }

  /**
   * Make a server that listens on a free port of 127.0.0.1.
   *
   * @param {Object} [options] Options of `WebSocketServer`
   * @returns {Promise<WebSocketServer>} The listening server
   */
  async listen(options) {
    const wss = this.server({ port: 0, host: '127.0.0.1', ...options });

    await once(wss, 'listening');
    return wss;
  }

  /**
   * Make a client.
   *
   * @param {(String|URL|WebSocketServer)} address The URL, or a server that
   *     listens on a TCP port
   * @param {Object} [options] Options of `WebSocket`
   * @returns {WebSocket} The client, still connecting
   */
  connect(address, options) {
    const url =
      typeof address === 'string' || address instanceof URL
        ? address
        : urlOf(address);
    const isSecure = `${url}`.startsWith('wss:');

    return new this.WebSocket(url, {
      ...this.options,
      // The tests that are about certificates say more.
      ...(isSecure && { native: this.isSecure, rejectUnauthorized: false }),
      ...options
    });
  }
}

/**
 * The URL of a server.
 *
 * @param {WebSocketServer} wss A server that listens on a TCP port
 * @param {string} [path] What follows the port
 * @returns {string} The URL
 */
function urlOf(wss, path = '') {
  const scheme = wss.options?.tls ? 'wss' : 'ws';

  return `${scheme}://127.0.0.1:${wss.address().port}${path}`;
}

module.exports = { Party, urlOf };
