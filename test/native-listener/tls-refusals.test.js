'use strict';

const assert = require('assert');
const { execFile } = require('child_process');
const { once } = require('events');
const https = require('https');
const path = require('path');
const { promisify } = require('util');

const { native, theirs } = require('./support/parties');
const { certificates } = require('../support/certificates');

const run = promisify(execFile);

const CHILD = path.join(__dirname, 'children', 'tls-client.js');

describe('Certificates are refused as by Node', () => {
  let pki;
  let open;

  before(function () {
    this.timeout(60000);
    pki = certificates();
  });

  beforeEach(() => {
    open = [];
  });

  afterEach(async () => {
    for (const close of open) await close();
  });

  /**
   * Starts a server of ws on Node's TLS.
   *
   * @param {Object} options Options of `https.createServer()`
   * @returns {Promise<Object>} `server` and `port`
   */
  async function listenNode(options) {
    const below = https.createServer(options);
    const server = new theirs.WebSocket.Server({ server: below });

    below.listen(0);
    await once(below, 'listening');
    open.push(async () => {
      for (const ws of server.clients) ws.terminate();
      below.closeAllConnections();
      below.close();
      await once(below, 'close');
    });
    return { server, port: below.address().port };
  }

  /**
   * Starts a native listener.
   *
   * @param {Object} options Its option "tls"
   * @returns {Promise<Object>} `server` and `port`
   */
  async function listenNatively(options) {
    const server = new native.WebSocket.Server({ port: 0, tls: options });

    await once(server, 'listening');
    open.push(async () => {
      for (const ws of server.clients) ws.terminate();
      server.close();
      await once(server, 'close');
    });
    return { server, port: server.address().port };
  }

  /**
   * Connects, and tells what came of it.
   *
   * @param {Function} WebSocket Whose client
   * @param {number} port Where to
   * @param {Object} options Its options
   * @returns {Promise<Object>} `error`, or `authorized` and
   *     `authorizationError`
   */
  async function attempt(WebSocket, port, options) {
    const ws = new WebSocket(`wss://localhost:${port}`, options);
    const closed = new Promise((resolve) => {
      ws.once('close', resolve);
    });
    const result = await new Promise((resolve) => {
      ws.on('error', ({ code, message }) => {
        resolve({ error: [code, message] });
      });
      ws.on('open', () => {
        const { authorized, authorizationError } = ws._socket;

        resolve({ authorized, authorizationError });
      });
    });

    ws.terminate();
    await closed;
    return result;
  }

  const servers = [
    ['good', 'server', {}, undefined],
    ['expired', 'expired', {}, 'CERT_HAS_EXPIRED'],
    ['not yet valid', 'future', {}, 'CERT_NOT_YET_VALID'],
    ['self-signed', 'self', {}, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['for another host', 'a', {}, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [
      'of an unknown authority',
      'stranger',
      {},
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE'
    ],
    ['revoked', 'withdrawn', { crl: true }, 'CERT_REVOKED'],
    ['not revoked', 'server', { crl: true }, undefined]
  ];

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    describe(`of servers, by ${maxVersion}`, () => {
      for (const [name, which, { crl }, code] of servers) {
        it(`which are ${name}`, async () => {
          const { port } = await listenNode(pki[which]);
          const options = {
            ca: pki.ca,
            maxVersion,
            ...(crl && { crl: pki.crl })
          };

          for (const rejectUnauthorized of [true, false]) {
            const all = { ...options, rejectUnauthorized };
            const ours = await attempt(native.WebSocket, port, {
              ...all,
              native: true
            });

            assert.deepStrictEqual(
              ours,
              await attempt(theirs.WebSocket, port, all)
            );
            if (code === undefined) {
              assert.deepStrictEqual(ours, {
                authorized: true,
                authorizationError: null
              });
            } else if (rejectUnauthorized) {
              assert.strictEqual(ours.error[0], code);
            } else {
              assert.strictEqual(ours.authorizationError, code);
            }
          }
        });
      }
    });

    describe(`of clients, by ${maxVersion}`, () => {
      const clients = [
        ['good', 'client', null],
        ['missing', null, 'UNABLE_TO_GET_ISSUER_CERT'],
        ['expired', 'expired', 'CERT_HAS_EXPIRED'],
        ['not yet valid', 'future', 'CERT_NOT_YET_VALID'],
        ['revoked', 'revoked', 'CERT_REVOKED'],
        // The last of what is wrong; who insists does not look further than the
        // first.
        [
          'self-signed',
          'self',
          'UNABLE_TO_GET_CRL',
          'DEPTH_ZERO_SELF_SIGNED_CERT'
        ],
        [
          'of an unknown authority',
          'stranger',
          'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
          'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'
        ]
      ];

      for (const [name, which, code, first = code] of clients) {
        it(`which are ${name}`, async () => {
          const credentials = {
            ...(which && pki[which]),
            maxVersion,
            rejectUnauthorized: false
          };
          const options = {
            ...pki.server,
            ca: pki.ca,
            crl: pki.crl,
            requestCert: true
          };
          const lax = { ...options, rejectUnauthorized: false };
          const seen = [];

          // Both see the same in it, whoever the client is.
          for (const listen of [listenNode, listenNatively]) {
            const { server, port } = await listen(lax);

            server.on('connection', (ws, { socket }) => {
              seen.push([socket.authorized, socket.authorizationError]);
            });
            await attempt(theirs.WebSocket, port, credentials);
            await attempt(native.WebSocket, port, {
              ...credentials,
              native: true
            });
          }
          for (const what of seen) {
            // Node has undefined where there is no error.
            assert.deepStrictEqual(
              [what[0], what[1] ?? null],
              [code === null, code]
            );
          }
          assert.strictEqual(seen.length, 4);

          // And who insists lets nobody else in.
          const { server, port } = await listenNatively(options);
          const errors = [];

          server.on('connection', () => seen.push('in'));
          server._server.on('tlsClientError', (err) => errors.push(err));
          for (const [WebSocket, more] of [
            [theirs.WebSocket, {}],
            [native.WebSocket, { native: true }]
          ]) {
            const result = await attempt(WebSocket, port, {
              ...credentials,
              ...more
            });

            assert.strictEqual(result.error === undefined, code === null);
          }
          assert.strictEqual(seen.length, code === null ? 6 : 4);
          while (errors.length < (code === null ? 0 : 2)) {
            await once(server._server, 'tlsClientError');
          }
          for (const err of errors) {
            assert.strictEqual(
              err.authorizationError,
              which === null ? undefined : first
            );
          }
        });
      }
    });
  }

  describe('unless the environment says otherwise:', () => {
    /**
     * Connects in another process, by both kinds of TLS.
     *
     * @param {Object} env More of its environment
     * @param {string[]} [args] Arguments of Node
     * @returns {Promise<string>} What both came to
     */
    async function connect(env, args = []) {
      const { port } = await listenNode(pki.server);
      const { stdout } = await run(
        process.execPath,
        [...args, CHILD, `wss://localhost:${port}`],
        {
          env: {
            ...process.env,
            NODE_EXTRA_CA_CERTS: '',
            NODE_OPTIONS: '',
            SSL_CERT_DIR: path.join(pki.dir, 'none'),
            SSL_CERT_FILE: '',
            ...env
          }
        }
      );
      const [ours, nodes] = JSON.parse(stdout);

      assert.strictEqual(ours, nodes);
      return ours;
    }

    it('nobody knows the authority', async function () {
      this.timeout(20000);
      assert.match(await connect({}), /^UNABLE_TO_VERIFY_LEAF_SIGNATURE /);
    });

    it('NODE_EXTRA_CA_CERTS', async function () {
      this.timeout(20000);
      assert.strictEqual(
        await connect({ NODE_EXTRA_CA_CERTS: path.join(pki.dir, 'ca.pem') }),
        'open true null'
      );
    });

    it('NODE_TLS_REJECT_UNAUTHORIZED', async function () {
      this.timeout(20000);
      assert.strictEqual(
        await connect({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }),
        'open false UNABLE_TO_VERIFY_LEAF_SIGNATURE'
      );
      assert.match(
        await connect({ NODE_TLS_REJECT_UNAUTHORIZED: '1' }),
        /^UNABLE_TO_VERIFY_LEAF_SIGNATURE /
      );
    });

    for (const option of ['--use-openssl-ca', '--use-system-ca']) {
      // Before Node.js 22 there is only the first one.
      if (!process.allowedNodeEnvironmentFlags.has(option)) continue;

      it(option, async function () {
        this.timeout(20000);
        assert.strictEqual(
          await connect({ SSL_CERT_FILE: path.join(pki.dir, 'ca.pem') }, [
            option
          ]),
          'open true null'
        );
        assert.match(
          await connect({ SSL_CERT_FILE: path.join(pki.dir, 'self.pem') }, [
            option
          ]),
          /^UNABLE_TO_VERIFY_LEAF_SIGNATURE /
        );
      });
    }
  });
});
