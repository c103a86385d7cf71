'use strict';

const { spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');
const readline = require('readline');
const tls = require('tls');

const { HOST, freePort } = require('./net');

/**
 * Caddy as the TLS end of a server.
 */
class Caddy {
  /**
   * Start it.
   *
   * @param {number} backend The port of the server behind it
   * @returns {Promise<Caddy>} The running proxy
   * @throws {Error} If it ends before it serves
   */
  static async start(backend) {
    const [port, admin] = [await freePort(), await freePort()];
    const caddy = new Caddy(port, admin, backend);

    await caddy._run();
    return caddy;
  }

  /**
   * @param {number} port Where it serves
   * @param {number} admin Where it takes orders
   * @param {number} backend The port of the server behind it
   */
  constructor(port, admin, backend) {
    this.port = port;
    this.admin = admin;
    this.backend = backend;
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-caddy-'));
    this.file = path.join(this.folder, 'Caddyfile');
  }

  /** The certificate that clients must trust. */
  get ca() {
    return fs.readFileSync(
      path.join(this.folder, 'caddy/pki/authorities/local/root.crt')
    );
  }

  /**
   * Load the configuration again, with a change in it.
   *
   * @param {string} version What responses are to say
   * @throws {Error} If that fails
   */
  async reload(version) {
    this._configure(version);
    const child = this._spawn(['reload', '--config', this.file]);
    const [code] = await once(child, 'exit');

    if (code !== 0) throw new Error(`caddy reload ended with ${code}`);
  }

  /** End it. */
  async stop() {
    this.child.kill();
    await this.exited;
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** Run it until it serves. */
  async _run() {
    this._configure('first');
    this.child = this._spawn(['run', '--config', this.file]);
    this.exited = once(this.child, 'exit');

    for await (const line of readline.createInterface(this.child.stderr)) {
      // It serves by then, and has its certificate.
      if (/"serving initial configuration"/.test(line)) this.serves = true;
      if (/certificate obtained successfully/.test(line)) this.trusted = true;
      if (this.serves && this.trusted) {
        this.child.stderr.resume();
        while (!(await this._shakesHands()));
        return;
      }
    }
    throw new Error('caddy ended before it served');
  }

  /**
   * Try a handshake of TLS. Caddy tells of its certificate before it uses it.
   *
   * @returns {Promise<boolean>} Whether it succeeded
   */
  _shakesHands() {
    return new Promise((resolve) => {
      const socket = tls.connect({
        ca: this.ca,
        host: 'localhost',
        port: this.port,
        servername: 'localhost'
      });

      socket.on('secureConnect', () => {
        resolve(true);
        socket.end();
      });
      socket.on('error', () => resolve(false));
    });
  }

  /**
   * @param {string} version What responses are to say
   */
  _configure(version) {
    fs.writeFileSync(
      this.file,
      `{
  admin ${HOST}:${this.admin}
  auto_https disable_redirects
  skip_install_trust
  servers {
    protocols h1 h2
  }
}

https://localhost:${this.port} {
  bind ${HOST}
  tls internal
  header X-Version ${version}
  reverse_proxy ${HOST}:${this.backend}
}
`
    );
  }

  /**
   * @param {string[]} args The command line
   * @returns {ChildProcess} Its process
   */
  _spawn(args) {
    return spawn('caddy', [...args, '--adapter', 'caddyfile'], {
      env: {
        ...process.env,
        XDG_DATA_HOME: this.folder,
        XDG_CONFIG_HOME: this.folder
      },
      stdio: ['ignore', 'ignore', 'pipe']
    });
  }
}

module.exports = { Caddy };
