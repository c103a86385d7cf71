'use strict';

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const http = require('http');
const https = require('https');
const path = require('path');

const { directions, forEachConnection } = require('./kinds');
const { Journal } = require('./support/journal');
const { duplexPair } = require('./support/duplex-pair');
const { noise, receive } = require('./support/messages');
const { useScope } = require('./support/scope');

const file = (name) => fs.readFileSync(path.join(__dirname, 'fixtures', name));

const authority = file('authority-certificate.pem');
const credentials = {
  server: {
    cert: file('server-certificate.pem'),
    key: file('server-key.pem')
  },
  client: {
    cert: file('client-certificate.pem'),
    key: file('client-key.pem')
  }
};

/**
 * Exchange messages of all kinds in both directions and close.
 *
 * @param {WebSocket} client One side
 * @param {WebSocket} server The other side
 */
async function exchange(client, server) {
  for (const [from, to] of [
    [client, server],
    [server, client]
  ]) {
    const sizes = [0, 1, 125, 126, 65535, 65536, 1000000];
    const received = receive(to, sizes.length + 2);

    for (const size of sizes) from.send(noise(size));
    from.send('one ', { fin: false });
    from.send('two');
    from.send(new Blob(['three']));

    const messages = await received;

    sizes.forEach((size, i) => {
      assert.ok(messages[i].data.equals(noise(size)), `${size} bytes`);
    });
    assert.strictEqual(`${messages.at(-2).data}`, 'one two');
    assert.strictEqual(`${messages.at(-1).data}`, 'three');
  }

  const journal = new Journal(client);

  server.ping('are you there?');
  await once(server, 'pong');
  server.close(4321, 'bye');
  await journal.until('close');
  assert.deepStrictEqual(journal.lines, [
    'ping are you there?',
    "close 4321 'bye' state 3"
  ]);
}

describe('Connections that are no plain sockets', () => {
  forEachConnection((kind) => {
    for (const peers of directions(kind)) {
      describe(peers.name, () => {
        const scope = useScope();

        /**
         * Connect over TLS.
         *
         * @param {Object} [tls] Options of the HTTPS server
         * @param {Object} [options] `{ client, server }` options
         * @returns {Promise<Object>} `{ client, server, wss, request }`
         */
        const openTls = async (tls, options = {}) => {
          const server = scope.listener(
            https.createServer({ ...credentials.server, ...tls }, (req, res) =>
              res.end('page')
            )
          );
          const wss = scope.server(
            peers.server.server({ server, ...options.server })
          );

          server.listen(0, '127.0.0.1');
          await once(server, 'listening');

          const connection = once(wss, 'connection');
          const client = scope.connect(
            peers.client,
            `wss://127.0.0.1:${server.address().port}`,
            { ca: authority, ...options.client }
          );

          await once(client, 'open');

          const [ws, request] = await connection;

          return { client, server: ws, wss, request };
        };

        it('works over TLS', async () => {
          const { client, server, request } = await openTls();

          assert.strictEqual(request.socket.encrypted, true);
          assert.strictEqual(client._socket.encrypted, true);
          assert.strictEqual(client._socket.authorized, true);
          assert.strictEqual(
            client._socket.getPeerCertificate().subject.CN,
            'localhost'
          );
          await exchange(client, server);
        });

        it('works over TLS with compression', async () => {
          const { client, server } = await openTls(
            {},
            { server: { perMessageDeflate: true } }
          );

          assert.strictEqual(client.extensions, 'permessage-deflate');
          await exchange(client, server);
        });

        it('works with client certificates', async () => {
          const infos = [];
          const { client, server } = await openTls(
            { ca: authority, requestCert: true, rejectUnauthorized: true },
            {
              client: credentials.client,
              server: {
                verifyClient: ({ secure, req }) => {
                  infos.push(
                    secure,
                    req.socket.getPeerCertificate().subject.CN
                  );
                  return true;
                }
              }
            }
          );

          assert.deepStrictEqual(infos, [true, 'beastws test client']);
          assert.strictEqual(server._socket.authorized, true);
          assert.strictEqual(
            server._socket.getPeerCertificate().subject.CN,
            'beastws test client'
          );
          await exchange(client, server);
        });

        it('terminates over TLS', async () => {
          const { client, server } = await openTls();
          const journal = new Journal(server);

          client.send('last words');
          client.terminate();
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, [
            'text last words',
            "close 1006 '' state 3"
          ]);
        });

        it('works over two streams that are no sockets', async () => {
          const server = http.createServer();
          const wss = scope.server(peers.server.server({ server }));
          const [near, far] = duplexPair();

          scope.stream(near);
          scope.stream(far);
          server.emit('connection', far);

          const connection = once(wss, 'connection');
          const client = scope.connect(peers.client, 'ws://example.invalid/', {
            createConnection: () => near
          });

          await once(client, 'open');

          const [ws, request] = await connection;

          assert.strictEqual(request.headers.host, 'example.invalid');
          assert.strictEqual(ws._socket, far);
          assert.strictEqual(client._socket, near);
          await exchange(client, ws);
          assert.strictEqual(far.destroyed, true);
        });

        it('pauses a stream that is no socket', async () => {
          const server = http.createServer();
          const wss = scope.server(peers.server.server({ server }));
          const [near, far] = duplexPair();

          server.emit('connection', far);

          const connection = once(wss, 'connection');
          const client = scope.connect(peers.client, 'ws://example.invalid/', {
            createConnection: () => near
          });

          await once(client, 'open');

          const [ws] = await connection;
          const journal = new Journal(ws);

          ws.pause();
          client.send('a');
          for (let i = 0; i < 10; i++) {
            await new Promise((resolve) => setImmediate(resolve));
          }
          assert.deepStrictEqual(journal.lines, []);
          ws.resume();
          await journal.until('text a');
          client.terminate();
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, [
            'text a',
            "close 1006 '' state 3"
          ]);
        });
      });
    }

    describe('the client and bad certificates', () => {
      const scope = useScope();

      /**
       * The events of a client that connects with an HTTPS server.
       *
       * @param {Object} options The client's options
       * @returns {Promise<string[]>} The lines of its journal
       */
      const attempt = async (options) => {
        const server = scope.listener(https.createServer(credentials.server));

        scope.server(kind.server({ server }));
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');

        const ws = scope.connect(
          kind,
          `wss://127.0.0.1:${server.address().port}`,
          { rejectUnauthorized: true, ...options }
        );
        const journal = new Journal(ws);

        ws.on('open', () => ws.close());
        await journal.until('close');
        return journal.lines;
      };

      it('refuses an unknown authority', async () => {
        const [first, ...rest] = await attempt({});

        assert.match(first, /^error Error UNABLE_TO_VERIFY_LEAF_SIGNATURE/);
        assert.deepStrictEqual(rest, ["close 1006 '' state 3"]);
      });

      it('accepts it when it is told to', async () => {
        assert.deepStrictEqual(await attempt({ rejectUnauthorized: false }), [
          'open',
          "close 1005 '' state 3"
        ]);
      });

      it('asks checkServerIdentity()', async () => {
        const asked = [];
        const lines = await attempt({
          ca: authority,
          checkServerIdentity: (host, certificate) => {
            asked.push(host, certificate.subject.CN);
            return new Error('somebody else');
          }
        });

        assert.deepStrictEqual(asked, ['127.0.0.1', 'localhost']);
        assert.strictEqual(lines[0], 'error Error - - "somebody else" state 2');
      });
    });
  });
});
