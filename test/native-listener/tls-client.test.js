'use strict';

const assert = require('assert');
const { once } = require('events');
const https = require('https');
const net = require('net');

const { native, theirs } = require('./support/parties');
const { certificates } = require('../support/certificates');

const { WebSocket } = native;

describe('A client with TLS on the I/O thread', () => {
  let pki;
  let https_;
  let server;

  before(function () {
    this.timeout(60000);
    pki = certificates();
  });

  afterEach(async () => {
    for (const ws of server.clients) ws.terminate();
    https_.closeAllConnections();
    https_.close();
    await once(https_, 'close');
  });

  /**
   * Starts a server of Node's.
   *
   * @param {Object} [options] Options of `https.createServer()`
   */
  async function listen(options = {}) {
    https_ = https.createServer({ ...pki.server, ...options });
    server = new theirs.WebSocket.Server({
      server: https_,
      maxPayload: 0
    });
    server.on('connection', (ws) => {
      ws.on('error', () => {});
      // With the answer, if all goes well.
      ws.send('hello');
      ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
    });
    https_.listen(0);
    await once(https_, 'listening');
  }

  /**
   * Makes a client.
   *
   * @param {Object} [options] Its options
   * @returns {WebSocket} The client
   */
  function connect(options) {
    return new WebSocket(`wss://localhost:${https_.address().port}`, {
      native: true,
      ca: pki.ca,
      maxPayload: 0,
      perMessageDeflate: false,
      ...options
    });
  }

  /**
   * Waits for a client to be open and greeted.
   *
   * @param {WebSocket} client The client
   */
  async function greeted(client) {
    const [[data]] = await Promise.all([
      once(client, 'message'),
      once(client, 'open')
    ]);

    assert.strictEqual(`${data}`, 'hello');
  }

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    it(`carries messages by ${maxVersion}`, async function () {
      this.timeout(20000);
      await listen();

      const client = connect({ maxVersion });

      await greeted(client);
      assert.strictEqual(client._link.constructor.name, 'ConnectedLink');
      assert.strictEqual(client._socket.getProtocol(), maxVersion);
      assert.strictEqual(client._socket.authorized, true);
      assert.strictEqual(client._socket.remotePort, https_.address().port);
      for (const size of [0, 1, 65536, 2 ** 24]) {
        const data = Buffer.alloc(size, 3);

        client.send(data);
        assert.ok((await once(client, 'message'))[0].equals(data), `${size}`);
      }
      client.close(1000);
      assert.strictEqual((await once(client, 'close'))[0], 1000);
    });

    it(`resumes a session by ${maxVersion}`, async () => {
      await listen();

      const first = connect({ maxVersion });

      await greeted(first);

      const session =
        first._socket.getSession() ?? (await once(first._socket, 'session'))[0];

      first.close();
      await once(first, 'close');

      const second = connect({ maxVersion, session });

      await greeted(second);
      assert.strictEqual(second._socket.isSessionReused(), true);
      second.close();
      await once(second, 'close');
    });
  }

  it('refuses servers as Node does', async () => {
    for (const [credentials, options] of [
      ['server', { ca: undefined }],
      ['self', {}],
      ['expired', {}],
      ['a', {}],
      ['server', { servername: 'a.example' }]
    ]) {
      await listen(pki[credentials]);

      const errors = [];

      for (const native of [true, false]) {
        const client = connect({ ...options, native });
        const [err] = await once(client, 'error');

        errors.push([err.code, err.message]);
      }
      assert.deepStrictEqual(errors[0], errors[1]);
      assert.ok(errors[0][0]);

      const lax = connect({ ...options, rejectUnauthorized: false });

      await greeted(lax);
      assert.strictEqual(lax._socket.authorized, false);
      assert.strictEqual(lax._socket.authorizationError, errors[0][0]);
      lax.terminate();
      https_.closeAllConnections();
      https_.close();
      await once(https_, 'close');
    }
    await listen();
  });

  it('shows its certificate', async () => {
    await listen({ ca: pki.ca, requestCert: true });

    const asked = once(server, 'connection');
    const client = connect(pki.client);
    const greeting = greeted(client);
    const [, req] = await asked;

    assert.strictEqual(req.socket.getPeerCertificate().subject.CN, 'client');
    await greeting;
    assert.strictEqual(client._socket.getCertificate().subject.CN, 'client');
    assert.strictEqual(
      client._socket.getX509Certificate().subject,
      'CN=client'
    );
    client.terminate();

    const [err] = await once(connect(), 'error');

    assert.ok(err);
  });

  it('leaves TLS to Node where that is needed', async () => {
    await listen();
    for (const options of [
      { agent: new https.Agent({ ca: pki.ca }) },
      { requestOCSP: true },
      { ioThread: false },
      { native: false }
    ]) {
      const client = connect(options);

      await greeted(client);
      assert.strictEqual(client._socket.constructor.name, 'TLSSocket');
      client.terminate();
      await once(client, 'close');
    }
  });

  it('reports what goes wrong before TLS is open', async () => {
    await listen();

    const silent = net.createServer((socket) => socket.destroy()).listen(0);

    await once(silent, 'listening');

    const { port } = silent.address();
    const to = (options) =>
      new WebSocket(`wss://localhost:${port}`, { native: true, ...options });
    const [reset] = await once(to(), 'error');

    assert.strictEqual(reset.code, 'ECONNRESET');
    silent.close();
    await once(silent, 'close');

    const [refused] = await once(to({ family: 4 }), 'error');

    assert.strictEqual(refused.code, 'ECONNREFUSED');

    const plain = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.resume().end('HTTP/1.1 200 OK\r\n\r\n');
    });

    plain.listen(port);
    await once(plain, 'listening');

    const [err] = await once(to(), 'error');

    assert.strictEqual(err.code, 'EPROTO');
    plain.close();
    await once(plain, 'close');
  });

  it('gives up when the handshake takes too long', async () => {
    await listen();

    const silent = net.createServer(() => {}).listen(0);

    await once(silent, 'listening');

    const accepted = once(silent, 'connection');
    const client = new WebSocket(`wss://localhost:${silent.address().port}`, {
      native: true,
      handshakeTimeout: 100
    });
    const closed = new Promise((resolve) => {
      client.once('close', resolve);
    });
    const [err] = await once(client, 'error');

    assert.strictEqual(err.message, 'Opening handshake has timed out');

    const [[socket]] = await Promise.all([accepted, closed]);

    if (!socket.destroyed) await once(socket.resume(), 'close');
    silent.close();
    await once(silent, 'close');
  });
});
