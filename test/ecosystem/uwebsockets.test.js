'use strict';

const assert = require('assert');
const { once } = require('events');
const uWS = require('@rjweb/uws');
const WebSocket = require('beastws');

const { cleanup } = require('./support/cleanup');
const { closed, nextMessage } = require('./support/net');

/**
 * A promise to be resolved from outside.
 *
 * @returns {Object} `{ promise, resolve }`
 */
function withResolvers() {
  let resolve;
  const promise = new Promise((fulfil) => {
    resolve = fulfil;
  });

  return { promise, resolve };
}

describe('uWebSockets.js', () => {
  const defer = cleanup();

  /**
   * Start its server.
   *
   * @param {Object} behavior Its websocket behaviour
   * @returns {Promise<Object>} `{ app, url }`
   */
  async function serve(behavior) {
    const app = uWS.App().ws('/*', {
      maxPayloadLength: 32 * 1024 * 1024,
      idleTimeout: 8,
      ...behavior
    });
    const token = await new Promise((resolve, reject) => {
      app.listen('127.0.0.1', 0, (socket) =>
        socket ? resolve(socket) : reject(new Error('cannot listen'))
      );
    });

    defer(() => uWS.closeSocket(token));
    return { app, url: `ws://127.0.0.1:${uWS.getSocketPort(token)}/` };
  }

  /**
   * Connect our client.
   *
   * @param {string} url The server's address
   * @param {Object} [options] Options of the client
   * @returns {Promise<WebSocket>} The connection
   */
  async function connect(url, options) {
    const ws = new WebSocket(url, options);

    defer(() => ws.terminate());
    await once(ws, 'open');
    return ws;
  }

  const COMPRESSION = {
    none: uWS.DISABLED,
    shared: uWS.SHARED_COMPRESSOR,
    dedicated: uWS.DEDICATED_COMPRESSOR_32KB | uWS.DEDICATED_DECOMPRESSOR_32KB
  };

  for (const [name, compression] of Object.entries(COMPRESSION)) {
    it(`echoes messages of all sizes, compression: ${name}`, async () => {
      const { url } = await serve({
        compression,
        message: (ws, data, isBinary) => ws.send(data, isBinary, true)
      });
      const ws = await connect(url, { perMessageDeflate: { threshold: 0 } });

      assert.strictEqual(
        ws.extensions,
        name === 'none' ? '' : 'permessage-deflate'
      );
      for (const size of [0, 1, 126, 65536, 16 * 1024 * 1024]) {
        const data = Buffer.alloc(size, 'beast');
        ws.send(data);
        assert.ok(data.equals(await nextMessage(ws)), String(size));
        ws.send(data.toString());
        assert.strictEqual(await nextMessage(ws), data.toString());
      }
    });
  }

  it('publishes topics to our clients', async () => {
    const { app, url } = await serve({
      open: (ws) => ws.subscribe('news'),
      message: (ws, data) => ws.publish('news', data)
    });
    const clients = await Promise.all(
      Array.from({ length: 100 }, () => connect(url))
    );
    const [sender, ...others] = clients;
    let all = Promise.all(others.map(nextMessage));

    sender.send('from one');
    assert.ok((await all).every((text) => String(text) === 'from one'));

    all = Promise.all(clients.map(nextMessage));
    app.publish('news', Buffer.from('from the server'), true);
    assert.ok((await all).every((text) => String(text) === 'from the server'));
  });

  it('sends pings, and close codes with their reasons', async () => {
    const { promise: ended, resolve } = withResolvers();
    const { url } = await serve({
      open: (ws) => ws.ping('hello'),
      message: (ws) => ws.end(4020, 'ended'),
      close: (ws, code, reason) => {
        resolve([code, Buffer.from(reason).toString()]);
      }
    });
    const ws = new WebSocket(url);

    assert.strictEqual(String((await once(ws, 'ping'))[0]), 'hello');
    const end = closed(ws);
    ws.send('end it');
    assert.deepStrictEqual(await end, [4020, 'ended']);
    assert.deepStrictEqual(await ended, [4020, 'ended']);
  });

  it('ends when we close', async () => {
    const { promise: ended, resolve } = withResolvers();
    const { url } = await serve({ close: resolve });
    const ws = await connect(url);
    const end = closed(ws);

    ws.close(3020, 'bye');
    await ended;
    // It answers every code with an empty close frame.
    assert.deepStrictEqual(await end, [1005, '']);
  });

  it('refuses our client in its upgrade handler', async () => {
    const { url } = await serve({
      upgrade: (res) => res.writeStatus('403 Forbidden').end('no')
    });
    const ws = new WebSocket(url);
    const [req, res] = await once(ws, 'unexpected-response');

    assert.strictEqual(res.statusCode, 403);
    req.destroy();
  });
});
