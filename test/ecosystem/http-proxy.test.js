'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');
const httpProxy = require('http-proxy');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { close, closed, listen, nextMessage } = require('./support/net');

describe('http-proxy', () => {
  const defer = cleanup();

  /**
   * Start our server with a proxy in front.
   *
   * @param {Object} [options] Options of our server
   * @returns {Promise<Object>} `{ wss, url }`, the proxy's address
   */
  async function serve(options) {
    const backend = http.createServer();
    const wss = new WebSocket.Server({ server: backend, ...options });
    const target = `http://127.0.0.1:${await listen(backend)}`;
    const proxy = httpProxy.createProxyServer({ target, ws: true, xfwd: true });
    const front = http.createServer((req, res) => proxy.web(req, res));

    front.on('upgrade', (req, socket, head) => proxy.ws(req, socket, head));
    // A proxy complains of what it cannot write to clients that are gone.
    proxy.on('error', () => {});

    const port = await listen(front);

    defer(() => close(backend));
    defer(() => close(front));
    defer(() => wss.clients.forEach((ws) => ws.terminate()));
    return { wss, url: `ws://127.0.0.1:${port}` };
  }

  for (const perMessageDeflate of [false, true]) {
    const how = perMessageDeflate ? 'compressed' : 'uncompressed';

    it(`carries messages of all sizes, ${how}`, async () => {
      const { wss, url } = await serve({ perMessageDeflate });

      wss.on('connection', (ws) => {
        ws.on('message', (data, isBinary) =>
          ws.send(data, { binary: isBinary })
        );
      });

      const ws = new WebSocket(url, 'sub', { perMessageDeflate });
      await once(ws, 'open');
      assert.strictEqual(ws.protocol, 'sub');
      assert.strictEqual(
        ws.extensions,
        perMessageDeflate ? 'permessage-deflate' : ''
      );

      for (const length of [0, 1, 126, 65536, 16 * 1024 * 1024]) {
        const message = Buffer.alloc(length, 'beast');
        ws.send(message);
        assert.ok(message.equals(await nextMessage(ws)), String(length));
      }

      const end = closed(ws);
      ws.close(3333, 'reason');
      assert.deepStrictEqual(await end, [3333, 'reason']);
    });
  }

  it('loses nothing that comes right behind the handshake', async () => {
    const { wss, url } = await serve();

    wss.on('connection', (ws, req) => {
      ws.send(req.headers['x-forwarded-for']);
      for (let i = 0; i < 100; i++) ws.send(String(i));
      ws.close(4000, 'done');
    });

    const ws = new WebSocket(url);
    const received = [];

    ws.on('message', (data) => received.push(String(data)));
    assert.deepStrictEqual(await closed(ws), [4000, 'done']);
    assert.deepStrictEqual(received.slice(1).map(Number), [
      ...Array(100).keys()
    ]);
    assert.match(received[0], /127\.0\.0\.1$/);
  });

  it('passes a refusal on', async () => {
    const { url } = await serve({ verifyClient: () => false });
    const ws = new WebSocket(url);
    const [req, res] = await once(ws, 'unexpected-response');

    assert.strictEqual(res.statusCode, 401);
    req.destroy();
  });

  it('passes the end of either side on', async () => {
    const { wss, url } = await serve();

    for (const who of ['client', 'server']) {
      const connection = once(wss, 'connection');
      const ws = new WebSocket(url);
      const [[peer]] = await Promise.all([connection, once(ws, 'open')]);
      const [dies, stays] = who === 'client' ? [ws, peer] : [peer, ws];
      const end = closed(stays);

      dies.terminate();
      assert.deepStrictEqual(await end, [1006, ''], who);
    }
  });
});
