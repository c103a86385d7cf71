'use strict';

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const http = require('http');
const https = require('https');
const net = require('net');
const path = require('path');

const { WebSocketServer } = require('../..');
const { cliScope } = require('./support/open');

const FIXTURES = path.join(__dirname, '../integration/fixtures');

/**
 * Sends back everything.
 *
 * @param {WebSocket} ws The websocket
 */
function echo(ws) {
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
}

/**
 * @param {string} name A file of certificates or keys
 * @returns {string} Its path
 */
function fixture(name) {
  return path.join(FIXTURES, `${name}.pem`);
}

describe('beastws connect, at the handshake,', function () {
  this.timeout(60000);

  const scope = cliScope();

  /**
   * Listen on a free port of the loopback interface.
   *
   * @param {net.Server} server The server
   * @returns {Promise<number>} The port
   */
  async function listenOn(server) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.on('connection', (socket) => scope.defer(() => socket.destroy()));
    scope.defer(() => server.close());
    return server.address().port;
  }

  it('sends headers, subprotocols, an origin and a password', async () => {
    let request;
    const { url } = await scope.listen((ws, req) => {
      request = req;
      ws.close();
    });
    const { code, stderr } = await scope.run([
      'connect',
      '-v',
      ...['-H', 'X-One: 1', '--header', 'x-two:  a: b ', '-H', 'x-one: 2'],
      ...['-s', 'chat', '--subprotocol', 'chat.v2'],
      ...['-o', 'https://example.org', '--auth', 'ada:secret:word'],
      url
    ]);
    const { headers } = request;

    assert.strictEqual(code, 0);
    assert.strictEqual(headers['x-one'], '1, 2');
    assert.strictEqual(headers['x-two'], 'a: b');
    assert.strictEqual(headers.origin, 'https://example.org');
    assert.strictEqual(headers['sec-websocket-protocol'], 'chat,chat.v2');
    assert.strictEqual(
      headers.authorization,
      `Basic ${Buffer.from('ada:secret:word').toString('base64')}`
    );
    assert.match(stderr, /^101 Switching Protocols$/m);
    assert.match(stderr, /^Connected to .*, subprotocol chat$/m);
    assert.match(stderr, /^Closed by the server: 1005$/m);
  });

  it('does not print the password of an address', async () => {
    const { url } = await scope.listen((ws) => ws.close());
    const { code, stderr } = await scope.run([
      'connect',
      '-v',
      url.replace('//', '//ada:secret@')
    ]);

    assert.strictEqual(code, 0);
    assert.doesNotMatch(stderr, /secret/);
  });

  it('follows redirections when it is told to', async () => {
    const { url } = await scope.listen(echo);
    const port = await listenOn(
      http.createServer().on('upgrade', (request, socket) => {
        socket.end(`HTTP/1.1 302 Found\r\nLocation: ${url}/there\r\n\r\n`);
      })
    );
    const args = ['connect', `localhost:${port}`, '-x', 'x', '-m', '1'];
    const followed = await scope.run([...args, '--max-redirects', '1']);

    assert.strictEqual(followed.stdout, 'x\n');
    assert.strictEqual(followed.code, 0);

    const refused = await scope.run(args);

    assert.strictEqual(refused.code, 1);
    assert.strictEqual(
      refused.stderr,
      'Unexpected server response: 302 (--max-redirects follows redirections)\n'
    );
  });

  it('checks certificates, and shows one', async () => {
    const server = https.createServer({
      ca: fs.readFileSync(fixture('authority-certificate')),
      cert: fs.readFileSync(fixture('server-certificate')),
      key: fs.readFileSync(fixture('server-key')),
      requestCert: true,
      rejectUnauthorized: false
    });
    const wss = scope.server(new WebSocketServer({ server }));

    wss.on('connection', (ws, { socket }) => {
      ws.send(socket.getPeerCertificate().subject?.CN ?? 'nobody');
    });
    const url = `wss://localhost:${await listenOn(server)}`;
    const ca = ['--ca', fixture('authority-certificate')];

    for (const [args, expected] of [
      [ca, 'nobody\n'],
      [['--no-check'], 'nobody\n'],
      [
        [
          ...ca,
          '--cert',
          fixture('client-certificate'),
          '--key',
          fixture('client-key')
        ],
        'beastws test client\n'
      ]
    ]) {
      const { code, stdout, stderr } = await scope.run(
        ['connect', url, '-m', '1', ...args],
        { input: null }
      );

      assert.strictEqual(stdout, expected, stderr);
      assert.strictEqual(code, 0);
    }

    const { code, stderr } = await scope.run(['connect', url, '-m', '1']);

    assert.strictEqual(code, 1);
    assert.match(stderr, /certificate.*\(see --ca and --no-check\)\n$/);
  });

  it('ends with 1 when it cannot connect', async () => {
    const mute = await listenOn(net.createServer());
    const wrong = await listenOn(
      net.createServer((socket) => socket.end('\x1b[2J no HTTP\r\n\r\n'))
    );
    const refusing = await listenOn(
      http.createServer((request, response) => {
        response.writeHead(401);
        response.end();
      })
    );
    const closed = net.createServer().listen(0, '127.0.0.1');

    await once(closed, 'listening');
    const { port } = closed.address();
    closed.close();
    await once(closed, 'close');

    for (const [address, args, message] of [
      [port, [], /^connect ECONNREFUSED 127\.0\.0\.1:\d+\n$/],
      [mute, ['--timeout', '0.2'], /^Opening handshake has timed out\n$/],
      [wrong, [], /^Parse Error: .*\n$/],
      [refusing, [], /response: 401 \(see --auth and --header\)\n$/]
    ]) {
      const { code, stdout, stderr } = await scope.run([
        'connect',
        `127.0.0.1:${address}`,
        ...args
      ]);

      assert.strictEqual(code, 1);
      assert.match(stderr, message);
      assert.strictEqual(stdout, '');
    }
  });
});
