'use strict';

const assert = require('assert');
const { spawn } = require('child_process');
const { once } = require('events');
const net = require('net');
const tls = require('tls');

const { foreign: env } = require('../support/sanitized');
const { useTls } = require('../support/tls-scope');
const { native, theirs } = require('./support/parties');

/**
 * What there is to compare of an error. Messages of OpenSSL begin with the
 * number of the thread.
 *
 * @param {Error} err The error
 * @returns {Object} Its members
 */
function describeError(err) {
  return {
    ...err,
    name: err.name,
    message: err.message.replace(/[0-9A-F]{8,16}:error:/, 'thread:error:')
  };
}

describe('Errors of TLS are those of Node', function () {
  this.timeout(20000);

  const scope = useTls();

  describe("in 'tlsClientError' of a server:", () => {
    /**
     * Sends bytes, and perhaps an end.
     *
     * @param {(Buffer|string)} bytes The bytes
     * @param {string} [how] What follows: `end`, `resetAndDestroy`, or nothing
     * @returns {Function} That takes the port
     */
    const send = (bytes, how) => (port) => {
      const socket = scope.stream(net.connect(port, '127.0.0.1'));

      socket.on('error', () => {});
      socket.resume();
      socket.write(bytes, () => {
        // A reset would overtake bytes that are not read yet.
        if (how !== undefined) setTimeout(() => socket[how](), 20);
      });
    };

    /**
     * Connects with a client of Node's.
     *
     * @param {Object} [options] Its options
     * @returns {Function} That takes the port
     */
    const connect = (options) => (port) => {
      const client = tls.connect({
        port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ...options
      });

      scope.stream(client).on('error', () => {});
    };

    /**
     * Connects with the openssl command, which sends an alert if it does not
     * like a certificate.
     *
     * @param {string} version A flag
     * @returns {Function} That takes the port
     */
    const refuse = (version) => (port) => {
      const child = spawn(
        'openssl',
        [
          ...['s_client', '-connect', `127.0.0.1:${port}`, version],
          '-verify_return_error'
        ],
        { env, stdio: ['ignore', 'ignore', 'ignore'] }
      );
      const gone = once(child, 'exit');

      scope.defer(() => gone);
    };

    const record = (type, body) =>
      Buffer.concat([Buffer.of(type, 3, 1, 0, body.length), body]);

    const cases = [
      [
        'plain HTTP',
        {},
        send('GET / HTTP/1.1\r\n\r\n'),
        'ERR_SSL_HTTP_REQUEST'
      ],
      [
        'garbage',
        {},
        send(Buffer.alloc(100, 0xa5)),
        'ERR_SSL_WRONG_VERSION_NUMBER'
      ],
      [
        'a record that is too long',
        {},
        send(
          Buffer.concat([Buffer.of(22, 3, 1, 0x7f, 0xff), Buffer.alloc(40)])
        ),
        'ERR_SSL_PACKET_LENGTH_TOO_LONG'
      ],
      [
        'a message that is too long',
        {},
        send(record(22, Buffer.of(1, 0xff, 0xff, 0xff, 3, 3))),
        'ERR_SSL_EXCESSIVE_MESSAGE_SIZE'
      ],
      [
        'an alert instead of a greeting',
        {},
        send(record(21, Buffer.of(2, 40))),
        'ERR_SSL_UNEXPECTED_MESSAGE'
      ],
      [
        'no cipher in common (TLS 1.2)',
        { ciphers: 'ECDHE-RSA-AES256-GCM-SHA384', maxVersion: 'TLSv1.2' },
        connect({ ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }),
        'ERR_SSL_NO_SHARED_CIPHER'
      ],
      [
        'no cipher in common (TLS 1.3)',
        { ciphers: 'TLS_AES_256_GCM_SHA384', minVersion: 'TLSv1.3' },
        connect({ ciphers: 'TLS_AES_128_GCM_SHA256', minVersion: 'TLSv1.3' }),
        'ERR_SSL_NO_SHARED_CIPHER'
      ],
      [
        'a version that is too old',
        { minVersion: 'TLSv1.3' },
        connect({ maxVersion: 'TLSv1.2' }),
        'ERR_SSL_UNSUPPORTED_PROTOCOL'
      ],
      [
        'a version that is too new',
        { maxVersion: 'TLSv1.2' },
        connect({ minVersion: 'TLSv1.3' }),
        'ERR_SSL_UNSUPPORTED_PROTOCOL'
      ],
      [
        'no protocol in common',
        { ALPNProtocols: ['http/1.1'] },
        connect({ ALPNProtocols: ['h2'] }),
        'ERR_SSL_NO_APPLICATION_PROTOCOL'
      ],
      [
        'a server without a certificate',
        { cert: undefined, key: undefined },
        connect(),
        'ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM'
      ],
      [
        'a client that refuses our certificate (TLS 1.2)',
        {},
        refuse('-tls1_2'),
        'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'
      ],
      [
        'a client that refuses our certificate (TLS 1.3)',
        {},
        refuse('-tls1_3'),
        'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'
      ],
      [
        'a client that refuses our certificate and leaves',
        {},
        connect({ rejectUnauthorized: true }),
        'ECONNRESET'
      ],
      ...['TLSv1.2', 'TLSv1.3'].map((maxVersion) => [
        `no certificate of the client (${maxVersion})`,
        { requestCert: true, maxVersion },
        connect(),
        'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'
      ]),
      ['a peer that leaves at once', {}, send('', 'end'), 'ECONNRESET'],
      [
        'a peer that leaves in the middle',
        {},
        send(Buffer.of(22, 3, 1, 1, 0, 1), 'end'),
        'ECONNRESET'
      ],
      ['a reset at once', {}, send('', 'resetAndDestroy'), 'ECONNRESET'],
      [
        'a reset in the middle',
        {},
        send(Buffer.of(22, 3, 1, 1, 0, 1), 'resetAndDestroy'),
        'ECONNRESET'
      ],
      [
        'a peer that says nothing',
        { handshakeTimeout: 150 },
        send(''),
        'ERR_TLS_HANDSHAKE_TIMEOUT'
      ]
    ];

    for (const [title, options, act, code] of cases) {
      it(title, async () => {
        const all = { ...scope.pki.server, ca: scope.pki.ca, ...options };
        const node = scope.listener(tls.createServer(all));
        const ours = await scope.listenNatively(all);
        const errors = [];

        node.listen(0);
        await once(node, 'listening');
        for (const [emitter, { port }] of [
          [ours._server, ours.address()],
          [node, node.address()]
        ]) {
          const failed = once(emitter, 'tlsClientError');

          act(port);
          errors.push((await failed)[0]);
        }
        assert.strictEqual(errors[0].code, code);
        assert.deepStrictEqual(...errors.map(describeError));
      });
    }

    // Node's server lets them in, and then leaves.
    it('but say what is wrong with the certificate of a client', async () => {
      const server = await scope.listenNatively({
        ...scope.pki.server,
        ca: scope.pki.ca,
        requestCert: true
      });
      const failed = once(server._server, 'tlsClientError');

      connect(scope.pki.expired)(server.address().port);

      const [err] = await failed;

      assert.strictEqual(err.code, 'ERR_SSL_CERTIFICATE_VERIFY_FAILED');
      assert.strictEqual(err.authorizationError, 'CERT_HAS_EXPIRED');
    });
  });

  describe('of a client whose server', () => {
    /**
     * What a client gets to know.
     *
     * @param {WebSocket} client A client
     * @returns {Promise<Object>} What `describeError()` returns, and the state
     */
    async function failure(client) {
      const closed = new Promise((resolve) => client.once('close', resolve));
      const [err] = await once(client, 'error');

      return { ...describeError(err), closeCode: await closed };
    }

    const hello = (socket, act) => socket.once('data', () => act(socket));

    const raw = [
      ['leaves at once', (socket) => socket.destroy(), 'ECONNRESET'],
      ['ends at once', (socket) => socket.resume().end(), 'ECONNRESET'],
      [
        'resets when it was greeted',
        (socket) => hello(socket, () => socket.resetAndDestroy()),
        'ECONNRESET'
      ],
      [
        'leaves when it was greeted',
        (socket) => hello(socket, () => socket.destroy()),
        'ECONNRESET'
      ],
      [
        'leaves in its answer',
        (socket) => hello(socket, () => socket.end(Buffer.of(22, 3, 3, 0, 50))),
        'ECONNRESET'
      ],
      [
        'speaks HTTP',
        (socket) => hello(socket, () => socket.end('HTTP/1.1 200 OK\r\n\r\n')),
        'EPROTO'
      ],
      [
        'sends an alert',
        (socket) =>
          hello(socket, () => socket.end(Buffer.of(21, 3, 3, 0, 2, 2, 40))),
        'EPROTO'
      ],
      [
        'sends nonsense',
        (socket) =>
          hello(socket, () =>
            socket.end(
              Buffer.concat([Buffer.of(22, 3, 3, 0, 60), Buffer.alloc(60, 2)])
            )
          ),
        'EPROTO'
      ]
    ];

    for (const [title, act, code] of raw) {
      it(title, async () => {
        const server = scope.listener(net.createServer());

        server.on('connection', (socket) => {
          scope.stream(socket).on('error', () => {});
          act(socket);
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');

        const url = `wss://127.0.0.1:${server.address().port}`;
        const ours = await failure(
          scope.connect(native, url, { native: true })
        );

        assert.strictEqual(ours.code, code);
        assert.deepStrictEqual(ours, await failure(scope.connect(theirs, url)));
      });
    }

    for (const [title, options, code] of [
      ['has no version in common', { minVersion: 'TLSv1.3' }, 'EPROTO'],
      [
        'wants a certificate (TLS 1.2)',
        { requestCert: true, maxVersion: 'TLSv1.2' },
        'EPROTO'
      ],
      [
        'wants a certificate (TLS 1.3)',
        { requestCert: true, minVersion: 'TLSv1.3' },
        'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'
      ]
    ]) {
      it(title, async () => {
        const server = await scope.listenNode({
          ...scope.pki.server,
          ca: scope.pki.ca,
          ...options
        });
        const more = options.requestCert ? {} : { maxVersion: 'TLSv1.2' };
        const ours = await failure(scope.connectNatively(server, more));

        assert.strictEqual(ours.code, code);
        assert.deepStrictEqual(
          ours,
          await failure(scope.connectTheirs(server, more))
        );
      });
    }
  });
});
