'use strict';

const assert = require('assert');
const { spawn } = require('child_process');
const { once } = require('events');
const tls = require('tls');

const { native, theirs } = require('./support/parties');
const { certificates } = require('../support/certificates');

describe('Certificates of a native listener with TLS', () => {
  let pki;
  let server;

  before(function () {
    this.timeout(60000);
    pki = certificates();
  });

  afterEach(async () => {
    for (const ws of server.clients) ws.terminate();
    server.close();
    await once(server, 'close');
  });

  /**
   * Starts the server.
   *
   * @param {Object} options Its option "tls"
   * @returns {Promise} Fulfilled when it listens
   */
  async function listen(options) {
    server = new native.WebSocket.Server({ port: 0, tls: options });
    server.on('connection', (ws) => {
      ws.on('error', () => {});
      ws.on('message', (data) => ws.send(`${data}`));
    });
    await once(server, 'listening');
  }

  /**
   * Connects with ws.
   *
   * @param {Object} [options] Options of the client
   * @returns {Promise<Object>} `client`, `ws`
   */
  async function pair(options) {
    const client = new theirs.WebSocket(
      `wss://localhost:${server.address().port}`,
      { ca: pki.ca, ...options }
    );
    const [[ws]] = await Promise.all([
      once(server, 'connection'),
      once(client, 'open')
    ]);

    return { client, ws };
  }

  /**
   * Asks which certificate is shown for a name.
   *
   * @param {(string|undefined)} servername The name
   * @returns {Promise<string>} The common name of its subject
   */
  async function shown(servername) {
    const socket = tls.connect({
      port: server.address().port,
      rejectUnauthorized: false,
      servername: servername ?? ''
    });

    await once(socket, 'secureConnect');

    const name = socket.getPeerCertificate().subject.CN;

    socket.destroy();
    await once(socket, 'close');
    return name;
  }

  describe('by host name', () => {
    it('are shown as tls.Server shows them', async () => {
      const add = (to) => {
        to.addContext('a.example', pki.a);
        to.addContext('*.wild.example', tls.createSecureContext(pki.wild));
        to.addContext('*.wild.example', pki.renewed);
        to.addContext('x*.wild.example', pki.a);
      };
      const names = [
        undefined,
        'localhost',
        'a.example',
        'b.a.example',
        'y.wild.example',
        'xyz.wild.example',
        'a.y.wild.example',
        'wild.example'
      ];
      const node = tls.createServer(pki.server).listen(0);
      const ours = [];
      const others = [];

      add(node);
      await listen(pki.server);
      add(server);
      for (const name of names) ours.push(await shown(name));

      const { address } = server;

      server.address = () => node.address();
      try {
        for (const name of names) others.push(await shown(name));
      } finally {
        server.address = address;
        node.close();
      }
      assert.deepStrictEqual(ours, others);
      assert.deepStrictEqual(ours.slice(0, 3), ['server', 'server', 'a']);
    });

    it('do not depend on case, and can be without a default', async () => {
      await listen({});
      server.addContext('a.example', pki.a);
      assert.strictEqual(await shown('A.Example'), 'a');

      const codes = [];

      server._server.on('tlsClientError', ({ code }) => codes.push(code));
      await assert.rejects(shown('b.example'));
      while (!codes.includes('ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM')) {
        await once(server._server, 'tlsClientError');
      }
    });

    it('are told of on the socket', async () => {
      await listen(pki.server);
      server.addContext('a.example', pki.a);

      const { client, ws } = await pair({
        servername: 'a.example',
        checkServerIdentity() {}
      });

      assert.strictEqual(ws._socket.servername, 'a.example');
      assert.strictEqual(ws._socket.getCertificate().subject.CN, 'a');
      assert.strictEqual(client._socket.getPeerCertificate().subject.CN, 'a');
    });

    it('can be of a context that Node uses, too', async () => {
      const shared = tls.createSecureContext(pki.a);
      const node = tls.createServer({ ...pki.server, requestOCSP: true });

      node.addContext('a.example', shared);
      node.listen(0);
      await listen(pki.server);
      server.addContext('a.example', shared);
      for (let i = 0; i < 5; i++) {
        for (const { port } of [server.address(), node.address()]) {
          const socket = tls.connect({
            port,
            rejectUnauthorized: false,
            servername: 'a.example',
            requestOCSP: true
          });

          await once(socket, 'secureConnect');
          assert.strictEqual(socket.getPeerCertificate().subject.CN, 'a');
          socket.destroy();
          await once(socket, 'close');
        }
      }
      node.close();
    });
  });

  it('can be renewed while connections stay', async () => {
    await listen(pki.server);

    const { client, ws } = await pair();

    assert.strictEqual(await shown(), 'server');
    server.setSecureContext(pki.renewed);
    assert.strictEqual(await shown(), 'renewed');
    client.send('still here');
    assert.strictEqual(`${(await once(client, 'message'))[0]}`, 'still here');
    assert.strictEqual(ws._socket.getCertificate().subject.CN, 'server');

    const second = await pair();

    assert.strictEqual(
      second.ws._socket.getCertificate().subject.CN,
      'renewed'
    );
    assert.throws(() => server.setSecureContext({ key: 'x' }));
    assert.throws(() => server.setSecureContext({ SNICallback() {} }), {
      code: 'ERR_BEASTWS_TLS_OPTION'
    });
    assert.strictEqual(await shown(), 'renewed');
  });

  it('can be of several kinds', async () => {
    await listen({
      key: [pki.server.key, pki.elliptic.key],
      cert: [pki.server.cert, pki.elliptic.cert]
    });
    for (const [sigalgs, name] of [
      ['RSA-PSS+SHA256', 'server'],
      ['ECDSA+SHA256', 'elliptic']
    ]) {
      const { client, ws } = await pair({ sigalgs });

      assert.strictEqual(client._socket.getPeerCertificate().subject.CN, name);
      assert.strictEqual(ws._socket.getCertificate().subject.CN, name);
      client.terminate();
    }
  });

  it('come with keys of tickets that can be shared and changed', async () => {
    const keys = Buffer.alloc(48, 7);

    await listen({ ...pki.server, ticketKeys: keys });
    assert.deepStrictEqual(server._server.getTicketKeys(), keys);
    assert.throws(() => server._server.setTicketKeys(Buffer.alloc(47)));

    // Node's own server takes our tickets, and the other way round.
    const node = tls
      .createServer({ ...pki.server, ticketKeys: keys, sessionIdContext: 'x' })
      .listen(0);

    server.setSecureContext({
      ...pki.server,
      ticketKeys: keys,
      sessionIdContext: 'x'
    });

    const visit = async ({ port }, session) => {
      const socket = tls.connect({
        port,
        ca: pki.ca,
        session,
        host: 'localhost',
        maxVersion: 'TLSv1.2'
      });

      await once(socket, 'secureConnect');

      const result = [socket.isSessionReused(), socket.getSession()];

      socket.destroy();
      await once(socket, 'close');
      return result;
    };
    const [, ours] = await visit(server.address());
    const [, nodes] = await visit(node.address());

    assert.strictEqual((await visit(node.address(), ours))[0], true);
    assert.strictEqual((await visit(server.address(), nodes))[0], true);
    server._server.setTicketKeys(Buffer.alloc(48, 8));
    assert.strictEqual((await visit(server.address(), nodes))[0], false);
    node.close();
  });

  describe('of clients', () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
      describe(maxVersion, () => {
        it('are shown on the socket', async () => {
          await listen({ ...pki.server, ca: pki.ca, requestCert: true });

          const { client, ws } = await pair({ ...pki.client, maxVersion });
          const { _socket: socket } = ws;

          assert.strictEqual(socket.authorized, true);
          assert.strictEqual(socket.authorizationError, null);
          assert.strictEqual(socket.getPeerCertificate().subject.CN, 'client');
          assert.strictEqual(
            socket.getPeerX509Certificate().subject,
            'CN=client'
          );

          const detailed = socket.getPeerCertificate(true);

          assert.strictEqual(
            detailed.issuerCertificate.subject.CN,
            'Authority'
          );
          assert.strictEqual(
            detailed.issuerCertificate.issuerCertificate,
            detailed.issuerCertificate
          );
          client.terminate();
        });

        it('are optional, if so wanted', async () => {
          await listen({
            ...pki.server,
            ca: pki.ca,
            requestCert: true,
            rejectUnauthorized: false
          });
          for (const [credentials, error] of [
            [{}, 'UNABLE_TO_GET_ISSUER_CERT'],
            [pki.client, null],
            [pki.expired, 'CERT_HAS_EXPIRED'],
            [pki.self, 'DEPTH_ZERO_SELF_SIGNED_CERT']
          ]) {
            const { client, ws } = await pair({ ...credentials, maxVersion });

            assert.strictEqual(ws._socket.authorizationError, error);
            assert.strictEqual(ws._socket.authorized, error === null);
            client.terminate();
          }
        });

        it('are refused when they are no good', async () => {
          await listen({
            ...pki.server,
            ca: pki.ca,
            crl: pki.crl,
            requestCert: true
          });
          for (const [credentials, code] of [
            [{}, undefined],
            [pki.expired, 'CERT_HAS_EXPIRED'],
            [pki.self, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
            [pki.revoked, 'CERT_REVOKED']
          ]) {
            const failed = once(server._server, 'tlsClientError');
            const client = new theirs.WebSocket(
              `wss://localhost:${server.address().port}`,
              { ca: pki.ca, maxVersion, ...credentials }
            );

            server.once('connection', () => assert.fail());
            await once(client, 'error');

            const [err] = await failed;

            assert.strictEqual(err.authorizationError, code);
            assert.match(err.code, /^ERR_SSL_/);
            server.removeAllListeners('connection');
          }

          const { client } = await pair({ ...pki.client, maxVersion });

          client.terminate();
        });
      });
    }
  });

  describe('with the openssl command', () => {
    /**
     * Connects with s_client.
     *
     * @param {string[]} args More arguments
     * @param {Function} [talk] Called with the process at its first output
     * @returns {Promise<string>} What it said until it ended
     */
    async function client(args, talk = (child) => child.stdin.end()) {
      const child = spawn('openssl', [
        's_client',
        '-connect',
        `localhost:${server.address().port}`,
        '-CAfile',
        `${pki.dir}/ca.pem`,
        ...args
      ]);
      let text = '';
      let talked = false;

      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (data) => {
          text += data;
          if (!talked && /Verif/.test(text)) {
            talked = true;
            talk(child);
          }
        });
      }
      child.stdin.on('error', () => {});
      await once(child, 'close');
      return text;
    }

    it('verify', async () => {
      await listen(pki.server);
      assert.match(
        await client(['-verify_return_error', '-servername', 'localhost']),
        /Verif\w+( return code)?: (0 \(ok\)|OK)/
      );
    });

    it('answers in the same connection after new keys', async () => {
      await listen(pki.server);

      const text = await client(['-tls1_3'], (child) => {
        // K: new keys, ours as well.
        child.stdin.write('K\n');
        setTimeout(() => {
          child.stdin.end(
            'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
          );
        }, 200);
      });

      assert.match(text, /KEYUPDATE/);
    });

    it('cannot be negotiated again', async () => {
      await listen(pki.server);

      const text = await client(['-tls1_2'], (child) => {
        child.stdin.write('R\n');
      });

      assert.match(text, /RENEGOTIATING/);
      assert.match(text, /no renegotiation/);
    });
  });
});
