'use strict';

const { once } = require('events');

const { WebSocket, WebSocketServer } = require('../../..');
const { Scope } = require('../../integration/support/scope');
const { CliProcess } = require('./cli-process');

/**
 * What the tests of the command line open; it is closed behind each test.
 */
class CliScope extends Scope {
  /**
   * Start the program.
   *
   * @param {string[]} args Its arguments
   * @param {Object} [options] Options of `CliProcess`
   * @returns {CliProcess} The process
   */
  start(args, options) {
    const child = new CliProcess(args, options);

    this.defer(() => child.stop('SIGKILL'));
    return child;
  }

  /**
   * Run the program to its end.
   *
   * @param {string[]} args Its arguments
   * @param {Object} [options] Options of `CliProcess`
   * @returns {Promise<Object>} As of `CliProcess.end()`
   */
  run(args, options) {
    return this.start(args, options).end();
  }

  /**
   * Start a server of the program.
   *
   * @param {string[]} args Its arguments
   * @param {Object} [options] Options of `CliProcess`
   * @returns {Promise<Object>} `child`, `port` and `url`
   */
  async serve(args, options) {
    const child = this.start(args, { input: null, ...options });
    const port = await child.port();

    return { child, port, url: `ws://127.0.0.1:${port}` };
  }

  /**
   * Make a server for the program to connect to.
   *
   * @param {Function} onConnection Gets each connection and its request
   * @param {Object} [options] More options of the server
   * @param {Function} [Server] Its class
   * @returns {Promise<Object>} `wss` and `url`
   */
  async listen(onConnection, options, Server = WebSocketServer) {
    const wss = this.server(
      new Server({ host: '127.0.0.1', port: 0, ...options })
    );

    wss.on('connection', onConnection);
    await once(wss, 'listening');
    return { wss, url: `ws://127.0.0.1:${wss.address().port}` };
  }

  /**
   * Connect to a server.
   *
   * @param {string} url Where it is
   * @param {Object} [options] Options of the WebSocket
   * @returns {Promise<WebSocket>} The open websocket, with what it has received
   *     in `received`: strings and Buffers
   */
  async connect(url, options) {
    const ws = this.socket(new WebSocket(url, options));

    ws.received = [];
    ws.on('message', (data, isBinary) => {
      ws.received.push(isBinary ? data : data.toString());
      ws.emit('received');
    });
    ws.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => resolve([code, reason.toString()]));
    });
    await once(ws, 'open');
    return ws;
  }
}

/**
 * Wait until a websocket has received a number of messages.
 *
 * @param {WebSocket} ws A websocket of `connect()`
 * @param {number} count How many
 * @returns {Promise<Array>} What it has received
 */
async function received(ws, count) {
  while (ws.received.length < count) await once(ws, 'received');
  return ws.received;
}

/**
 * Make the tests of a suite close what they open.
 *
 * @returns {CliScope} The scope
 */
function cliScope() {
  const scope = new CliScope();

  afterEach(() => scope.close());
  return scope;
}

module.exports = { cliScope, received };
