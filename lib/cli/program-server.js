'use strict';

const { WebSocketServer } = require('../..');
const { cgiEnvironment, splitTarget } = require('./cgi-environment');
const Heartbeat = require('./heartbeat');
const isAllowedOrigin = require('./origins');
const Program = require('./program');
const onSignals = require('./signals');
const { escape } = require('./text');

const GOING_AWAY = 1001;

/** How long clients have to answer when the server ends, in milliseconds. */
const CLOSE_MS = 2000;

/**
 * What `beastws exec` does: a server that runs a process for each connection.
 */
class ProgramServer {
  /**
   * @param {String} command The program
   * @param {String[]} args Its arguments
   * @param {Object} options The options of the command
   */
  constructor(command, args, options) {
    this._command = command;
    this._args = args;
    this._options = options;
    this._programs = new Set();
    this._base = options.path?.replace(/\/+$/, '').replace(/^(?!\/|$)/, '/');
  }

  /**
   * Runs until a signal comes.
   *
   * @return {Promise<Number>} The exit code
   * @throws {Error} If it cannot listen
   */
  async run() {
    const { host, port } = this._options;
    const killAll = () => this._killAll();

    // No process may outlive the server, whatever ends it.
    process.on('exit', killAll);

    this._wss = new WebSocketServer({
      host,
      port,
      maxPayload: this._options['max-line'],
      perMessageDeflate: this._options.compress ?? false,
      handleProtocols: (offered) =>
        this._options.subprotocol?.find((name) => offered.has(name)) ?? false,
      verifyClient: ({ req }, done) => this._verify(req, done)
    });
    this._wss.on('connection', (ws, request) => this._start(ws, request));
    await new Promise((resolve, reject) => {
      this._wss.once('listening', resolve);
      this._wss.once('error', reject);
    });
    this._heartbeat = new Heartbeat(this._wss, this._options.ping);
    this._announce();
    await new Promise((resolve) => {
      onSignals((code, count) => {
        if (count === 1) this._end().then(resolve);
        else killAll();
      });
    });
    return 0;
  }

  /** Tells where it listens. */
  _announce() {
    const { address, port } = this._wss.address();
    const host = address.includes(':') ? `[${address}]` : address;

    this._log(`Listening on ws://${host}:${port}${this._base || '/'}`);
  }

  /**
   * Accepts or refuses a client.
   *
   * @param {http.IncomingMessage} request Its request
   * @param {Function} done Gets the answer
   */
  _verify(request, done) {
    const refuse = (status, why) => {
      const { remoteAddress: address, remotePort: port } = request.socket;

      this._log(`refused ${address} port ${port}: ${escape(why)}`);
      done(false, status);
    };

    if (splitTarget(request.url, this._base) === null) {
      refuse(404, `no such path, ${request.url}`);
    } else if (!isAllowedOrigin(request, this._options.origin)) {
      refuse(403, `the origin ${request.headers.origin} is not allowed`);
    } else if (this._programs.size >= this._options['max-processes']) {
      refuse(503, 'too many processes');
    } else {
      done(true);
    }
  }

  /**
   * Starts a process for a client.
   *
   * @param {WebSocket} ws Its websocket
   * @param {http.IncomingMessage} request Its request
   */
  _start(ws, request) {
    const passed = this._options['pass-environment'] ?? [];
    const target = splitTarget(request.url, this._base);
    const { remoteAddress: address, remotePort: port } = request.socket;
    const program = new Program(ws, {
      command: this._command,
      args: this._args,
      env: cgiEnvironment(request, target, passed),
      binary: this._options.binary ?? false,
      maxLine: this._options['max-line'],
      grace: this._options.grace * 1000,
      log: (text) => this._log(text)
    });

    if (program.child === null) return;
    this._programs.add(program);
    program.ended.then(() => this._programs.delete(program));
    if (this._options.verbose) {
      const what = `[${program.child.pid}] `;

      this._log(`${what}started for ${address} port ${port}`);
      ws.on('close', (code) => this._log(`${what}closed: ${code}`));
    }
  }

  /**
   * Ends all processes and connections.
   *
   * @return {Promise} Fulfilled when nothing is left
   */
  async _end() {
    const { clients } = this._wss;
    const closed = new Promise((resolve) => this._wss.close(resolve));

    this._heartbeat.stop();
    for (const ws of clients) ws.close(GOING_AWAY);
    for (const program of this._programs) program.end();
    setTimeout(() => {
      for (const ws of clients) ws.terminate();
    }, CLOSE_MS);

    await Promise.all([
      closed,
      ...[...this._programs].map(({ ended }) => ended)
    ]);
  }

  /** Ends all processes at once. */
  _killAll() {
    for (const program of this._programs) program.kill();
  }

  /**
   * Writes to the log, which is the standard error.
   *
   * @param {String} text The line, harmless
   */
  _log(text) {
    process.stderr.write(`${text}\n`);
  }
}

module.exports = ProgramServer;
