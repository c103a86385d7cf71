'use strict';

const assert = require('assert');
const { once } = require('events');
const net = require('net');
const tls = require('tls');

const binding = require('../../lib/binding');
const { native, theirs } = require('./support/parties');
const { certificates } = require('../support/certificates');

describe('TLS of a native listener', () => {
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
    for (const server of open) {
      for (const ws of server.clients) ws.terminate();
      if (server._state === 0) server.close();
      if (server._state !== 2) await once(server, 'close');
    }
  });

  /**
   * Starts a server that echoes.
   *
   * @param {Object} [options] Its option "tls", beside certificates
   * @param {Object} [others] Its other options
   * @returns {Promise<WebSocketServer>} The server, listening
   */
  async function listen(options = {}, others = {}) {
    const server = new native.WebSocket.Server({
      port: 0,
      maxPayload: 0,
      tls: { ...pki.server, ...options },
      ...others
    });

    open.push(server);
    server.on('connection', (ws) => {
      ws.on('error', () => {});
      ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
    });
    await once(server, 'listening');
    return server;
  }

  /**
   * Connects with ws.
   *
   * @param {WebSocketServer} server Where to
   * @param {Object} [options] Options of the client
   * @returns {WebSocket} The client
   */
  function connect(server, options) {
    return new theirs.WebSocket(`wss://localhost:${server.address().port}`, {
      ca: pki.ca,
      perMessageDeflate: false,
      maxPayload: 0,
      ...options
    });
  }

  /**
   * Connects, and waits for both ends.
   *
   * @param {WebSocketServer} server Where to
   * @param {Object} [options] Options of the client
   * @returns {Promise<Object>} `client`, `ws` and `req`
   */
  async function pair(server, options) {
    const client = connect(server, options);
    const [[ws, req]] = await Promise.all([
      once(server, 'connection'),
      once(client, 'open')
    ]);

    return { client, ws, req };
  }

  /**
   * Waits for the next 'tlsClientError'.
   *
   * @param {WebSocketServer} server The server
   * @returns {Promise<Error>} The error
   */
  async function tlsError(server) {
    const [err, peer] = await once(server._server, 'tlsClientError');

    assert.strictEqual(typeof peer.remotePort, 'number');
    return err;
  }

  it("uses Node's own OpenSSL", () => {
    const { version, library } = binding.findOpenSsl();

    assert.ok(version.includes(process.versions.openssl), version);
    // The executable, or what a Node of a distribution is linked with.
    if (process.config.variables.node_shared_openssl) {
      assert.match(library, /libssl/);
    } else {
      assert.ok(
        process.execPath.endsWith(library) || library === process.argv0,
        library
      );
    }
  });

  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    describe(version, () => {
      it('carries messages of all sizes', async function () {
        this.timeout(20000);

        const server = await listen();
        const { client, ws, req } = await pair(server, { maxVersion: version });

        assert.strictEqual(req.socket, ws._socket);
        for (const size of [0, 1, 125, 126, 16384, 65535, 65536, 2 ** 24]) {
          const data = Buffer.alloc(size, size & 0xff || 1);

          client.send(data);

          const [echo] = await once(client, 'message');

          assert.ok(echo.equals(data), `${size}`);
        }
        client.close(1000);

        const [code] = await once(client, 'close');

        assert.strictEqual(code, 1000);
      });

      it('carries many small messages in order', async () => {
        const server = await listen();
        const { client } = await pair(server, { maxVersion: version });
        const received = [];

        client.on('message', (data) => received.push(`${data}`));
        for (let i = 0; i < 5000; i++) client.send(`${i}`);
        client.close();
        await once(client, 'close');
        assert.deepStrictEqual(
          received,
          Array.from({ length: 5000 }, (_, i) => `${i}`)
        );
      });

      it('lets a slow reader take its time', async function () {
        this.timeout(20000);

        const server = await listen();
        const { client, ws } = await pair(server, { maxVersion: version });
        const data = Buffer.alloc(1 << 20, 'x');
        let done = 0;

        client.pause();
        for (let i = 0; i < 20; i++) ws.send(data, () => done++);
        while (ws.bufferedAmount === 0) await new Promise(setImmediate);
        assert.ok(done < 20);

        let count = 0;

        client.on('message', (message) => {
          assert.ok(message.equals(data));
          if (++count === 20) client.close();
        });
        client.resume();
        await once(client, 'close');
        assert.strictEqual(count, 20);
        assert.strictEqual(done, 20);
      });

      it('is told of on the socket', async () => {
        const server = await listen();
        const { client, ws } = await pair(server, { maxVersion: version });
        const { _socket: socket } = ws;
        const theirs = client._socket;

        assert.strictEqual(socket.encrypted, true);
        assert.strictEqual(socket.authorized, false);
        assert.strictEqual(socket.authorizationError, null);
        assert.strictEqual(socket.getProtocol(), version);
        assert.deepStrictEqual(socket.getCipher(), theirs.getCipher());
        assert.strictEqual(socket.servername, 'localhost');
        assert.strictEqual(socket.isSessionReused(), false);
        assert.deepStrictEqual(socket.getPeerCertificate(), {});
        assert.strictEqual(socket.getPeerX509Certificate(), undefined);
        assert.deepStrictEqual(
          socket.getCertificate().raw,
          theirs.getPeerCertificate().raw
        );
      });

      it('resumes sessions', async () => {
        const server = await listen();
        const options = { maxVersion: version };
        const first = connect(server, options);
        let session;

        first.on('upgrade', (res) => {
          res.socket.on('session', (data) => {
            session = data;
          });
        });
        await once(first, 'open');
        first.send('x');
        await once(first, 'message');
        session ??= first._socket.getSession();
        first.terminate();

        const { client, ws } = await pair(server, { ...options, session });

        assert.strictEqual(client._socket.isSessionReused(), true);
        assert.strictEqual(ws._socket.isSessionReused(), true);
        client.send('again');
        assert.strictEqual(`${(await once(client, 'message'))[0]}`, 'again');
      });
    });
  }

  it('refuses options that it does not have, and wrong ones', () => {
    const make = (options) => () =>
      new native.WebSocket.Server({ port: 0, tls: options });

    for (const name of [
      'SNICallback',
      'ALPNCallback',
      'pskCallback',
      'pskIdentityHint',
      'requestOCSP',
      'enableTrace',
      'clientCertEngine',
      'privateKeyEngine',
      'privateKeyIdentifier',
      'secureContext',
      'allowHalfOpen',
      'pauseOnConnect',
      'noDelay',
      'keepAlive',
      'keepAliveInitialDelay',
      'highWaterMark',
      'foo'
    ]) {
      assert.throws(make({ ...pki.server, [name]() {} }), {
        name: 'TypeError',
        code: 'ERR_BEASTWS_TLS_OPTION',
        message: `The "tls.${name}" option is not supported`
      });
    }
    assert.throws(make({ ...pki.server, key: 'no key' }), (err) => {
      assert.throws(
        () => tls.createSecureContext({ ...pki.server, key: 'no key' }),
        { code: err.code, message: err.message }
      );
      return true;
    });
    assert.throws(make(true), TypeError);
  });

  it('reports garbage, plain HTTP and peers that leave', async () => {
    const server = await listen();
    const { port } = server.address();
    const cases = [
      ['GET / HTTP/1.1\r\n\r\n', 'ERR_SSL_HTTP_REQUEST'],
      [Buffer.alloc(100, 7), 'ERR_SSL_WRONG_VERSION_NUMBER'],
      ['', 'ECONNRESET']
    ];

    for (const [data, code] of cases) {
      const failed = tlsError(server);
      const socket = net.connect(port, () => socket.end(data));

      socket.on('error', () => {});
      socket.resume();

      const err = await failed;

      assert.strictEqual(err.code, code);
      if (!socket.closed) await once(socket, 'close');
    }
  });

  it('has no protocol in common', async () => {
    const server = await listen({ minVersion: 'TLSv1.3' });
    const failed = tlsError(server);
    const client = connect(server, { maxVersion: 'TLSv1.2' });
    const [err] = await once(client, 'error');

    assert.match(err.message, /alert protocol version/);
    assert.strictEqual((await failed).code, 'ERR_SSL_UNSUPPORTED_PROTOCOL');
  });

  it('chooses a protocol by ALPN', async () => {
    const server = await listen({ ALPNProtocols: ['b', 'http/1.1'] });
    const { port } = server.address();
    const choose = async (ALPNProtocols) => {
      const socket = tls.connect({ port, ca: pki.ca, ALPNProtocols });

      socket.on('error', () => {});

      const [err] = await Promise.race([
        once(socket, 'secureConnect').then(() => []),
        once(socket, 'error', { captureRejections: false }).catch((e) => [e])
      ]).catch((e) => [e]);

      socket.destroy();
      return err ? err.code : socket.alpnProtocol;
    };

    assert.strictEqual(await choose(['http/1.1', 'b']), 'b');
    assert.strictEqual(await choose(['http/1.1']), 'http/1.1');
    assert.strictEqual(
      await choose(['h2']),
      'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'
    );
  });

  it('takes a handshake byte by byte', async () => {
    const server = await listen();
    const { port } = server.address();
    // A relay that cuts everything into single bytes.
    const relay = net.createServer((socket) => {
      const other = net.connect({ port, host: 'localhost' });

      socket.setNoDelay();
      other.setNoDelay();
      socket.on('data', async (data) => {
        socket.pause();
        for (const byte of data) {
          other.write(Buffer.of(byte));
          await new Promise(setImmediate);
        }
        socket.resume();
      });
      other.pipe(socket);
      socket.on('close', () => other.destroy());
      socket.on('error', () => {});
      other.on('error', () => {});
    });

    relay.listen(0);
    await once(relay, 'listening');

    const client = new theirs.WebSocket(
      `wss://localhost:${relay.address().port}`,
      { ca: pki.ca }
    );

    await once(client, 'open');
    client.send('hello');
    assert.strictEqual(`${(await once(client, 'message'))[0]}`, 'hello');
    client.close();
    await once(client, 'close');
    relay.close();
    await once(relay, 'close');
  });

  it('cuts handshakes that take too long', async () => {
    const server = await listen({ handshakeTimeout: 200 });
    const { port } = server.address();
    const errors = [];

    server._server.on('tlsClientError', (err) => errors.push(err.code));

    const sockets = Array.from({ length: 300 }, (_, i) => {
      const socket = net.connect(port, () => {
        // Nothing, a byte, or the beginning of a message.
        if (i % 3 === 1) socket.write(Buffer.of(22));
        if (i % 3 === 2) socket.write(Buffer.of(22, 3, 1, 1, 0, 1));
      });

      socket.on('error', () => {});
      return once(socket.resume(), 'close');
    });

    await Promise.all(sockets);
    while (errors.length < 300) await once(server._server, 'tlsClientError');
    assert.strictEqual(errors.length, 300);
    assert.deepStrictEqual([...new Set(errors)], ['ERR_TLS_HANDSHAKE_TIMEOUT']);
  });

  describe('the end', () => {
    /**
     * Opens a connection through a relay that can be cut.
     *
     * @param {Object} server The server
     * @returns {Promise<Object>} `client`, `ws`, and the relay's `inward`
     *     socket, which goes to the server
     */
    async function relayed(server) {
      const relay = net.createServer({ allowHalfOpen: true });

      relay.listen(0);
      await once(relay, 'listening');

      const client = new theirs.WebSocket(
        `wss://localhost:${relay.address().port}`,
        { ca: pki.ca }
      );
      const [outward] = await once(relay, 'connection');
      const inward = net.connect(server.address().port);

      relay.close();
      outward.pipe(inward).pipe(outward);
      outward.on('error', () => {});
      inward.on('error', () => {});
      client.on('error', () => {});

      const [[ws]] = await Promise.all([
        once(server, 'connection'),
        once(client, 'open')
      ]);

      return { client, ws, inward, outward };
    }

    it('without close_notify is an end', async () => {
      const server = await listen();
      const { client, ws, inward, outward } = await relayed(server);

      outward.unpipe(inward);
      inward.end();

      const [code] = await once(ws, 'close');

      assert.strictEqual(code, 1006);
      outward.destroy();
      if (client.readyState !== 3) await once(client, 'close');
    });

    it('in the middle of a record is one, too', async () => {
      const server = await listen();
      const { client, ws, inward, outward } = await relayed(server);

      outward.unpipe(inward);
      inward.end(Buffer.of(23, 3, 3, 0, 100, 1, 2, 3));
      ws.on('message', () => assert.fail());

      const [code] = await once(ws, 'close');

      assert.strictEqual(code, 1006);
      outward.destroy();
      if (client.readyState !== 3) await once(client, 'close');
    });

    it('comes when a record was changed', async () => {
      const server = await listen();
      const { client, ws, inward, outward } = await relayed(server);
      const failed = once(ws._socket, 'error');

      outward.unpipe(inward);
      inward.write(
        Buffer.concat([Buffer.of(23, 3, 3, 0, 100), Buffer.alloc(100)])
      );
      assert.strictEqual(
        (await failed)[0].code,
        'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC'
      );
      if (ws.readyState !== 3) {
        assert.strictEqual((await once(ws, 'close'))[0], 1006);
      }
      outward.destroy();
      if (client.readyState !== 3) await once(client, 'close');
    });
  });
});
