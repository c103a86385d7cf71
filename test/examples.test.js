'use strict';

const assert = require('assert');
const { randomBytes } = require('crypto');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');

const ExampleProcess = require('./examples/example-process');
const { WebSocket, WebSocketServer } = require('..');

const isWindows = process.platform === 'win32';

describe('The examples', () => {
  const cleanup = [];

  afterEach(async () => {
    while (cleanup.length > 0) await cleanup.pop()();
  });

  /**
   * Start an example that is stopped after the test.
   *
   * @param {string} name The file
   * @param {Object} [options] See ExampleProcess
   * @returns {ExampleProcess} The process
   */
  function start(name, options) {
    const example = new ExampleProcess(name, options);

    cleanup.push(() => example.stop());

    return example;
  }

  /**
   * Open a client that is dropped after the test.
   *
   * @param {number} port Where to connect to
   * @param {Object} [options] Options of the client
   * @returns {Promise<WebSocket>} The open client
   */
  async function connect(port, options) {
    const ws = new WebSocket(`ws://localhost:${port}`, options);

    cleanup.push(() => ws.terminate());
    await once(ws, 'open');

    return ws;
  }

  /**
   * Start a server that is closed after the test.
   *
   * @param {number} port The port to listen on
   * @returns {Promise<WebSocketServer>} The listening server
   */
  async function listen(port) {
    const wss = new WebSocketServer({ host: '127.0.0.1', port });

    cleanup.push(() => close(wss));
    await once(wss, 'listening');

    return wss;
  }

  /**
   * @param {WebSocketServer} wss The server to close with its connections
   */
  async function close(wss) {
    for (const ws of wss.clients) ws.terminate();
    await new Promise((resolve) => wss.close(resolve));
  }

  it('echo: sends messages back as they came', async () => {
    const ws = await connect(await start('echo').port());

    ws.send('text');
    assert.deepStrictEqual(await once(ws, 'message'), [
      Buffer.from('text'),
      false
    ]);

    ws.send(Buffer.from([0, 255]));
    assert.deepStrictEqual(await once(ws, 'message'), [
      Buffer.from([0, 255]),
      true
    ]);
  });

  it('broadcast: sends messages to everybody else', async () => {
    const port = await start('broadcast').port();
    const clients = [];

    for (let i = 0; i < 3; i++) clients.push(await connect(port));

    const first = clients.map((ws) => once(ws, 'message'));
    const fromZero = Promise.all([first[1], first[2]]);

    clients[0].send('from 0');
    assert.deepStrictEqual(
      (await fromZero).map(([data]) => data.toString()),
      ['from 0', 'from 0']
    );

    // Had the first one received its own message, it would be this one.
    clients[1].send('from 1');
    assert.strictEqual((await first[0])[0].toString(), 'from 1');
  });

  it('prometheus: shows what happens', async () => {
    const port = await start('prometheus').port();
    const ws = await connect(port);

    ws.send('hello');
    await once(ws, 'message');

    const response = await fetch(`http://localhost:${port}/metrics`);
    const text = await response.text();
    const lines = text.split('\n');

    assert.match(response.headers.get('content-type'), /version=0\.0\.4/);
    for (const line of [
      '# TYPE websocket_connections gauge',
      'websocket_connections_total{role="server"} 1',
      'websocket_messages_total{direction="in"} 1',
      'websocket_messages_total{direction="out"} 1',
      'websocket_payload_bytes_total{direction="in"} 5',
      'websocket_pending_bytes 0'
    ]) {
      assert.ok(lines.includes(line), `${line} in:\n${text}`);
    }
    assert.match(
      text,
      /^websocket_delivery_lag_seconds_bucket{le="\+Inf"} \d/m
    );
    assert.match(text, /\n$/);
    for (const line of lines.slice(0, -1)) {
      assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+({.+})? [\d.e-]+)$/);
    }
    assert.strictEqual((await fetch(`http://localhost:${port}/`)).status, 404);
  });

  it('heartbeat: drops only clients that do not answer', async () => {
    const example = start('heartbeat', { env: { INTERVAL_MS: '400' } });
    const port = await example.port();
    const alive = await connect(port);
    const dead = await connect(port, { autoPong: false });

    const [code] = await once(dead, 'close');

    assert.strictEqual(code, 1006);
    await example.output(/Dropped a client/);

    for (let i = 0; i < 3; i++) await once(alive, 'ping');
    assert.strictEqual(alive.readyState, WebSocket.OPEN);
  });

  it('https: talks over TLS with a checked certificate', async () => {
    const example = start('https', {
      env: {
        CERT: path.join(__dirname, 'examples', 'localhost-cert.pem'),
        KEY: path.join(__dirname, 'examples', 'localhost-key.pem')
      }
    });

    await example.output(/wss:\/\/localhost:\d+/);
    await example.output(/Client over TLSv1\.3/);
    await example.output(/The answer is hello/);
  });

  it('reconnecting-client: comes back after every end', async () => {
    const wss = await listen(0);
    const { port } = wss.address();
    const accepted = once(wss, 'connection');
    const example = start('reconnecting-client', {
      args: [`ws://127.0.0.1:${port}`],
      env: { FIRST_DELAY_MS: '20' }
    });

    const [first] = await accepted;

    await example.output(/Connected to/);
    first.send('hello');
    await example.output(/Received: hello/);

    const acceptedAgain = once(wss, 'connection');

    first.close(1001);
    await example.output(/Closed with code 1001, next attempt in \d+ ms/);
    await acceptedAgain;
    await example.output(/Connected to/);

    await close(wss);
    await example.output(/Closed with code 1006/);
    await example.output(/Failed: .*ECONNREFUSED/);
    await example.output(/Failed: .*ECONNREFUSED/);

    await listen(port);
    await example.output(/Connected to/);
  });

  it('stream: transfers a file', async () => {
    const file = path.join(os.tmpdir(), `beastws-stream-${process.pid}`);

    fs.writeFileSync(file, randomBytes(3 * 1024 * 1024));
    cleanup.push(() => fs.rmSync(file));

    assert.deepStrictEqual(await start('stream', { args: [file] }).end(), {
      code: 0,
      output: `Received ${file} unchanged\n`
    });
  });

  it('cluster: shares a port among four workers', async () => {
    const example = start('cluster');
    const port = await example.port();
    const answers = [];
    let ws;

    for (let i = 0; i < 4; i++) {
      ws = await connect(port);
      ws.send('x');
      answers.push(String((await once(ws, 'message'))[0]));
    }

    assert.deepStrictEqual(
      answers.sort(),
      [1, 2, 3, 4].map((id) => `worker ${id} received x`)
    );

    // Windows has no signals: there, the process is just gone.
    if (isWindows) return;

    const closed = once(ws, 'close');

    example.kill();
    assert.strictEqual((await closed)[0], 1001);
    assert.deepStrictEqual(await example.end(), { code: 0, output: '\n' });
  });

  it('worker-threads: leaves the main thread free', async () => {
    const example = start('worker-threads');

    await example.output(/Thread \d: 148933 primes below 2000000\n/);
    await example.output(/Thread \d: 148933 primes below 2000000\n/);

    const [, ticks] = await example.output(/ticked (\d+) times\n/);

    assert.ok(Number(ticks) > 0);
    assert.deepStrictEqual(await example.end(), { code: 0, output: '' });
  });

  it('are all listed in the README', () => {
    const directory = path.join(__dirname, '..', 'examples');
    const readme = fs.readFileSync(path.join(directory, 'README.md'), 'utf8');
    const files = fs
      .readdirSync(directory)
      .filter((name) => name.endsWith('.js'));

    assert.ok(files.length > 0);
    for (const file of files) assert.ok(readme.includes(`](${file})`), file);
  });
});
