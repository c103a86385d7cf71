'use strict';

const http = require('node:http');
const https = require('node:https');

const { WebSocketServer } = require('../..');
const { readTlsFiles } = require('./client-options');
const { forTerminal } = require('./messages');
const readPipedLines = require('./piped-lines');
const Screen = require('./screen');
const onSignals = require('./signals');
const { HELP, execute, interpret } = require('./slash');
const { escape, indentLines } = require('./text');
const UsageError = require('./usage-error');

const GOING_AWAY = 1001;

/** How long clients have to answer when the program ends, in milliseconds. */
const CLOSE_MS = 2000;

/** From how many bytes on that wait to be sent a client is not read. */
const HIGH_WATER = 1024 * 1024;

/**
 * Writes where somebody is.
 *
 * @param {String} address The address
 * @param {Number} port The port
 * @return {String} Both, as in a URL
 */
function hostOf(address, port) {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/**
 * What `beastws listen` does: a server, and somebody who talks to its clients.
 */
class ServerSession {
  /**
   * @param {Number} port Where to listen
   * @param {Object} options The options of the command
   * @throws {UsageError} If one of them is wrong
   */
  constructor(port, options) {
    if (options.native && options.cert !== undefined) {
      throw new UsageError('--native and --cert exclude each other');
    }
    this._port = port;
    this._options = options;
    this._tls = readTlsFiles(options);
    this._screen = new Screen({ color: !options['no-color'] });
    this._clients = new Map();
    this._lastId = 0;
    this._isEnding = false;
  }

  /**
   * Runs until somebody ends it.
   *
   * @return {Promise<Number>} The exit code
   * @throws {Error} If it cannot listen
   */
  async run() {
    const stopSignals = onSignals((code, count) => this._end(count > 1));

    try {
      await this._listen();
      await new Promise((resolve) => this._wss.on('close', resolve));
    } finally {
      stopSignals();
      this._screen.close();
    }
    return 0;
  }

  /**
   * Starts the server.
   *
   * @return {Promise} Fulfilled when it listens
   * @throws {Error} If it cannot
   */
  async _listen() {
    const { compress, host, native, path, subprotocol } = this._options;
    const port = this._port;
    const common = {
      path,
      perMessageDeflate: compress ?? false,
      handleProtocols: (offered) =>
        subprotocol?.find((name) => offered.has(name)) ?? false
    };
    let server;

    if (native) {
      server = this._wss = new WebSocketServer({
        ...common,
        host,
        native,
        port
      });
    } else {
      server = this._tls.cert
        ? https.createServer(this._tls)
        : http.createServer();
      server.on('request', (request, response) => {
        response.writeHead(426, { Upgrade: 'websocket' });
        response.end('Upgrade Required');
      });
      this._wss = new WebSocketServer({ ...common, server });
      this._httpServer = server;
      server.listen(port, host);
    }

    await new Promise((resolve, reject) => {
      server.once('listening', resolve);
      this._wss.once('error', reject);
    });
    this._wss.on('connection', (ws, request) => this._add(ws, request));
    this._announce(server.address());
  }

  /**
   * Tells where it listens, and lets somebody type.
   *
   * @param {Object} address Where
   */
  _announce({ address, port }) {
    const { path = '/' } = this._options;
    const scheme = this._tls.cert ? 'wss' : 'ws';

    this._screen.note(
      `Listening on ${scheme}://${hostOf(address, port)}${escape(path)}`
    );
    if (this._screen.isInteractive) {
      this._screen.open({
        onLine: (line) => line !== '' && this._handle(interpret(line)),
        onInterrupt: () => this._end(this._isEnding),
        onEnd: () => this._end(false)
      });
    } else {
      // At the end of its input a server goes on: it may have none at all.
      readPipedLines(process.stdin, {
        onLine: (line) => this._handle({ text: line.toString() }),
        onEnd: () => {}
      });
    }
  }

  /**
   * Takes a new client.
   *
   * @param {WebSocket} ws Its websocket
   * @param {http.IncomingMessage} request Its request
   */
  _add(ws, { socket, url }) {
    const id = ++this._lastId;
    const from = hostOf(socket.remoteAddress ?? '', socket.remotePort ?? 0);
    const protocol = ws.protocol && `, subprotocol ${escape(ws.protocol)}`;

    this._clients.set(id, { ws, from });
    this._note(id, `connected from ${from} to ${escape(url)}${protocol}`);
    ws.on('message', (data, isBinary) => this._onMessage(id, data, isBinary));
    ws.on('pong', (data) => this._note(id, `pong ${escape(`${data}`)}`));
    ws.on('error', (err) => this._note(id, escape(err.message), 'red'));
    ws.on('close', (code, reason) => {
      this._clients.delete(id);
      this._note(id, `closed: ${code} ${escape(`${reason}`)}`.trimEnd());
    });
  }

  /**
   * Prints a message, and sends it back if that is wanted.
   *
   * @param {Number} id Which client sent it
   * @param {Buffer} data The message
   * @param {Boolean} isBinary Whether it is binary
   */
  _onMessage(id, data, isBinary) {
    const head = `#${id} < `;
    const text = forTerminal(data, isBinary, this._options.binary);
    const { ws } = this._clients.get(id);

    this._screen.message(indentLines(text, head.length), head, ws);
    if (this._options.echo) this._echo(ws, data, isBinary);
  }

  /**
   * Sends a message back. Who does not read is not read.
   *
   * @param {WebSocket} ws The client
   * @param {Buffer} data The message
   * @param {Boolean} isBinary Whether it is binary
   */
  _echo(ws, data, isBinary) {
    ws.send(data, { binary: isBinary }, () => {
      if (ws.bufferedAmount < HIGH_WATER / 2 && !this._screen.holds(ws)) {
        ws.resume();
      }
    });
    if (ws.bufferedAmount > HIGH_WATER) ws.pause();
  }

  /**
   * Does what a line says.
   *
   * @param {Object} line What `interpret()` returned
   */
  _handle(line) {
    const sockets = [...this._clients.values()].map(({ ws }) => ws);

    try {
      if (line.text !== undefined && this._options.binary) {
        execute({ name: 'binary', rest: line.text }, sockets);
      } else {
        execute(line, sockets, {
          help: () =>
            [...HELP, '/list                  who is connected'].forEach(
              (text) => this._screen.note(text)
            ),
          list: () => this._list()
        });
      }
    } catch (err) {
      this._screen.note(escape(err.message), 'red');
    }
  }

  /** Tells who is connected. */
  _list() {
    if (this._clients.size === 0) this._screen.note('Nobody is connected');
    for (const [id, { from }] of this._clients) this._note(id, from);
  }

  /**
   * Tells something about a client.
   *
   * @param {Number} id Which one
   * @param {String} text What, harmless
   * @param {String} [style] How it looks
   */
  _note(id, text, style) {
    this._screen.note(`#${id} ${text}`, style);
  }

  /**
   * Ends the server.
   *
   * @param {Boolean} atOnce Whether no client has time to answer
   */
  _end(atOnce) {
    const sockets = [...this._clients.values()].map(({ ws }) => ws);

    if (!this._isEnding) {
      this._isEnding = true;
      for (const ws of sockets) ws.close(GOING_AWAY);
      this._wss.close();
      this._httpServer?.close();
      setTimeout(() => this._end(true), CLOSE_MS).unref();
    }
    if (!atOnce) return;
    for (const ws of sockets) ws.terminate();
    this._httpServer?.closeAllConnections();
  }
}

module.exports = ServerSession;
