'use strict';

const assert = require('assert');
const { execFile, spawn, spawnSync } = require('child_process');
const { once } = require('events');
const net = require('net');
const tls = require('tls');
const { promisify } = require('util');

const { duplexPair } = require('../integration/support/duplex-pair');
const { frame, parseFrames, TEXT } = require('../integration/support/frames');
const { upgradeRequest } = require('../integration/support/raw-peer');
const { native, theirs } = require('./support/parties');
const { certificates } = require('../support/certificates');
const { foreign: env } = require('../support/sanitized');

const run = promisify(execFile);

/** What Node's own WebSocket does in a process of its own. */
const SCRIPT = `
  const ws = new WebSocket(process.argv[1]);

  ws.onopen = () => ws.send('hello');
  ws.onmessage = ({ data }) => {
    console.log(data);
    ws.close();
  };
  ws.onerror = () => console.log('failed');
`;

const hasCurl = spawnSync('curl', ['--version'], { env }).status === 0;

if (!hasCurl) console.warn('tls-peers.test.js: there is no curl');

describe('Native TLS with other peers', function () {
  this.timeout(20000);

  let pki;
  let server;
  let port;

  before(function () {
    this.timeout(60000);
    pki = certificates();
  });

  beforeEach(async () => {
    server = new native.WebSocket.Server({ port: 0, tls: pki.server });
    server.on('connection', (ws) => {
      ws.on('error', () => {});
      ws.on('message', (data) => ws.send(`${data}`));
    });
    await once(server, 'listening');
    ({ port } = server.address());
  });

  afterEach(async () => {
    for (const ws of server.clients) ws.terminate();
    server.close();
    await once(server, 'close');
  });

  for (const [version, flag] of [
    ['TLSv1.2', '-tls1_2'],
    ['TLSv1.3', '-tls1_3']
  ]) {
    it(`echoes to openssl s_client by ${version}`, async () => {
      const child = spawn(
        'openssl',
        [
          ...['s_client', '-quiet', '-connect', `localhost:${port}`, flag],
          ...['-CAfile', `${pki.dir}/ca.pem`, '-verify_return_error']
        ],
        { env }
      );
      const connected = once(server, 'connection');
      let bytes = Buffer.alloc(0);

      child.stdin.on('error', () => {});
      child.stdin.write(upgradeRequest());
      child.stdin.write(frame(TEXT, 'hello', { mask: true }));
      for await (const data of child.stdout) {
        bytes = Buffer.concat([bytes, data]);
        const at = bytes.indexOf('\r\n\r\n');

        if (at === -1) continue;

        const [answer] = parseFrames(bytes.subarray(at + 4)).frames;

        if (answer === undefined) continue;
        assert.match(`${bytes}`, /^HTTP\/1\.1 101 /);
        assert.strictEqual(`${answer.payload}`, 'hello');
        break;
      }

      const [ws] = await connected;

      assert.strictEqual(ws._socket.getProtocol(), version);
      child.kill();
    });
  }

  for (const version of ['1.2', '1.3']) {
    it(`echoes to Node's own WebSocket by TLSv${version}`, async () => {
      const connected = once(server, 'connection');
      const [{ stdout }, [ws]] = await Promise.all([
        run(
          process.execPath,
          [
            // Since Node.js 22 it is there anyway.
            ...(typeof WebSocket === 'function'
              ? []
              : ['--experimental-websocket']),
            ...[`--tls-max-v${version}`, '-e', SCRIPT],
            `wss://localhost:${port}`
          ],
          {
            env: {
              ...process.env,
              NODE_EXTRA_CA_CERTS: `${pki.dir}/ca.pem`,
              NODE_OPTIONS: ''
            }
          }
        ),
        connected
      ]);

      assert.strictEqual(stdout, 'hello\n');
      assert.strictEqual(ws._socket.getProtocol(), `TLSv${version}`);
    });

    if (!hasCurl) continue;

    it(`answers curl by TLSv${version}`, async () => {
      const args = [
        ...['-s', '-i', '-N', '--max-time', '15'],
        ...['--cacert', `${pki.dir}/ca.pem`, `--tlsv${version}`],
        ...['--tls-max', version, `https://localhost:${port}/`]
      ];
      const { stdout } = await run('curl', args, { env });

      assert.match(stdout, /^HTTP\/1\.1 426 .*\r\n\r\nUpgrade Required$/s);

      server.once('connection', (ws) => ws.terminate());

      const upgraded = await run(
        'curl',
        [
          ...args,
          ...['-H', 'Connection: Upgrade', '-H', 'Upgrade: websocket'],
          ...['-H', 'Sec-WebSocket-Version: 13'],
          ...['-H', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']
        ],
        { env }
      ).catch((err) => err);

      assert.match(
        upgraded.stdout,
        /^HTTP\/1\.1 101 .*\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/s
      );
    });
  }

  it('ends nobody else when records are wrong', async () => {
    const bystander = new theirs.WebSocket(`wss://localhost:${port}`, {
      ca: pki.ca
    });

    await once(bystander, 'open');

    const header = (type, length) =>
      Buffer.of(type, 3, 3, length >> 8, length & 0xff);
    const cases = [
      // In the handshake: plain HTTP, garbage, an alert, a record that is too
      // large, and one that is cut.
      [false, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
      [false, Buffer.alloc(500, 0xa5)],
      [false, Buffer.concat([header(21, 2), Buffer.of(2, 40)])],
      [false, Buffer.concat([header(22, 0x7fff), Buffer.alloc(0x7fff)])],
      [false, Buffer.concat([header(22, 500), Buffer.alloc(100, 1)])],
      // Behind it.
      [true, Buffer.alloc(500, 0xa5)],
      [true, Buffer.concat([header(21, 2), Buffer.of(2, 40)])],
      [true, Buffer.concat([header(23, 0x7fff), Buffer.alloc(0x7fff)])],
      [true, Buffer.concat([header(23, 500), Buffer.alloc(100, 1)])],
      [true, Buffer.concat([header(23, 100), Buffer.alloc(100, 1)])]
    ];

    for (const [secured, bytes] of cases) {
      const raw = net.connect(port, 'localhost');
      const gone = new Promise((resolve) => raw.once('close', resolve));

      raw.on('error', () => {});
      await once(raw, 'connect');
      if (secured) {
        // The handshake by a pair of streams, so that bytes can be added below.
        const [above, below] = duplexPair();
        const seen = once(server, 'connection');

        below.on('data', (data) => raw.write(data));
        raw.on('data', (data) => below.write(data));

        const socket = tls.connect({
          socket: above,
          ca: pki.ca,
          host: 'localhost'
        });

        socket.on('error', () => {});
        socket.write(upgradeRequest());

        const [ws] = await seen;
        const closed = once(ws, 'close');

        raw.end(bytes);
        assert.strictEqual((await closed)[0], 1006);
        socket.destroy();
      } else {
        raw.resume();
        raw.end(bytes);
      }
      await gone;
      bystander.send('still here');
      assert.strictEqual(
        `${(await once(bystander, 'message'))[0]}`,
        'still here'
      );
    }
    assert.strictEqual(server.clients.size, 1);
    bystander.terminate();
  });
});
