'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');
const http2 = require('http2');
const { chromium } = require('playwright-core');
const WebSocket = require('beastws');

const { Caddy } = require('./support/caddy');
const { cleanup } = require('./support/cleanup');
const { close, closed, listen, nextMessage } = require('./support/net');
const { ReliableSender } = require('./support/reliable-sender');

const CONNECTIONS = 1000;

describe('Caddy', () => {
  const defer = cleanup();

  /**
   * Start our server with Caddy in front.
   *
   * @param {Object} [options] Options of our server
   * @returns {Promise<Object>} `{ caddy, wss, connect }`: `connect()` makes a
   *     WebSocket to Caddy
   */
  async function serve(options) {
    const server = http.createServer((req, res) => {
      res.setHeader('Content-Type', 'text/html');
      res.end('<title>page</title>');
    });
    const wss = new WebSocket.Server({ server, ...options });
    const caddy = await Caddy.start(await listen(server));
    const ca = caddy.ca;
    const url = `wss://localhost:${caddy.port}/`;

    defer(() => close(server));
    defer(() => caddy.stop());
    defer(() => wss.clients.forEach((ws) => ws.terminate()));
    return {
      caddy,
      wss,
      connect: (clientOptions) => new WebSocket(url, { ca, ...clientOptions })
    };
  }

  /**
   * Answer everything with itself.
   *
   * @param {WebSocketServer} wss Our server
   */
  function echo(wss) {
    wss.on('connection', (ws) => {
      ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
    });
  }

  for (const perMessageDeflate of [false, true]) {
    const how = perMessageDeflate ? 'compressed' : 'uncompressed';

    it(`carries messages and close codes over TLS, ${how}`, async () => {
      const { wss, connect } = await serve({ perMessageDeflate });
      const connection = once(wss, 'connection');
      const ws = connect({ perMessageDeflate });
      const [[peer, req]] = await Promise.all([connection, once(ws, 'open')]);

      assert.strictEqual(req.headers['x-forwarded-proto'], 'https');
      assert.strictEqual(
        ws.extensions,
        perMessageDeflate ? 'permessage-deflate' : ''
      );
      peer.on('message', (data, isBinary) =>
        peer.send(data, { binary: isBinary })
      );

      for (const size of [0, 1, 126, 65536, 16 * 1024 * 1024]) {
        const data = Buffer.alloc(size, 'beast');
        ws.send(data);
        assert.ok(data.equals(await nextMessage(ws)), String(size));
      }

      const ends = Promise.all([closed(ws), closed(peer)]);
      peer.close(4100, 'größer');
      assert.deepStrictEqual(await ends, [
        [4100, 'größer'],
        [4100, 'größer']
      ]);
    });
  }

  it('serves a page by HTTP/2 and its websocket beside it', async () => {
    const { caddy, wss, connect } = await serve();

    echo(wss);

    const session = http2.connect(`https://localhost:${caddy.port}`, {
      ca: caddy.ca
    });
    await once(session, 'connect');
    assert.strictEqual(session.alpnProtocol, 'h2');
    const stream = session.request({ ':path': '/' });
    const [headers] = await once(stream, 'response');
    assert.strictEqual(headers[':status'], 200);
    stream.resume();
    await once(stream, 'end');
    session.close();

    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium',
      args: ['--no-sandbox']
    });
    defer(() => browser.close());

    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    await page.goto(`https://localhost:${caddy.port}/`);
    const result = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const { location, performance } = globalThis;
          const ws = new globalThis.WebSocket(`wss://${location.host}/`);
          const [{ nextHopProtocol }] =
            performance.getEntriesByType('navigation');

          ws.onopen = () => ws.send('from the page');
          ws.onmessage = ({ data }) => {
            ws.close(3000, data);
          };
          ws.onclose = ({ code, reason, wasClean }) =>
            resolve([nextHopProtocol, code, reason, wasClean]);
        })
    );
    assert.deepStrictEqual(result, ['h2', 3000, 'from the page', true]);

    const ws = connect();
    await once(ws, 'open');
    ws.send('by HTTP/1.1');
    assert.strictEqual(await nextMessage(ws), 'by HTTP/1.1');
    ws.close();
    await once(ws, 'close');
  });

  it(`holds ${CONNECTIONS} connections`, async () => {
    const { wss, connect } = await serve();
    const clients = [];

    echo(wss);
    while (clients.length < CONNECTIONS) {
      const batch = Array.from({ length: 100 }, () => connect());

      await Promise.all(batch.map((ws) => once(ws, 'open')));
      clients.push(...batch);
    }
    assert.strictEqual(wss.clients.size, CONNECTIONS);

    const echoes = Promise.all(clients.map(nextMessage));
    for (const [i, ws] of clients.entries()) ws.send(String(i));
    assert.deepStrictEqual(
      await echoes,
      clients.map((_, i) => String(i))
    );

    const broadcast = Promise.all(clients.map(nextMessage));
    for (const ws of wss.clients) ws.send('to all');
    assert.ok((await broadcast).every((text) => text === 'to all'));

    const ends = Promise.all(clients.map(closed));
    for (const ws of wss.clients) ws.close(1001);
    assert.ok((await ends).every(([code]) => code === 1001));
  });

  it('reloads while messages flow, and none is lost', async () => {
    const { caddy, wss, connect } = await serve();
    const received = new Map();
    const versions = [];
    const total = 3000;

    wss.on('connection', (ws) => {
      // What Caddy 2.6 sends to a server when it reloads is not masked.
      ws.on('error', ({ code }) =>
        assert.strictEqual(code, 'WS_ERR_EXPECTED_MASK')
      );
      ws.on('message', (text) => {
        const [name, number] = String(text).split(' ');
        const list = received.get(name);

        // A message may come twice: its answer may have been lost.
        if (list.at(-1) !== Number(number)) list.push(Number(number));
        ws.send(number);
      });
    });

    const senders = Array.from({ length: 20 }, (_, i) => {
      received.set(String(i), []);
      return new ReliableSender(connect, String(i), total);
    });

    for (const version of ['second', 'third']) {
      await Promise.all(senders.map(({ ws }) => once(ws, 'message')));
      const reconnected = Promise.all(senders.map(({ ws }) => closed(ws)));
      await caddy.reload(version);
      await reconnected;

      const probe = connect();
      const [res] = await once(probe, 'upgrade');
      versions.push(res.headers['x-version']);
      probe.terminate();
    }

    await Promise.all(senders.map(({ done }) => done));
    assert.deepStrictEqual(versions, ['second', 'third']);
    for (const list of received.values()) {
      assert.deepStrictEqual(
        list,
        Array.from({ length: total }, (_, i) => i)
      );
    }
    for (const { connections } of senders) assert.strictEqual(connections, 3);
  });
});
