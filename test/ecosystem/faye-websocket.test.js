'use strict';

const assert = require('assert');
const { once } = require('events');
const FayeWebSocket = require('faye-websocket');
const http = require('http');
const deflate = require('permessage-deflate');
const WebSocket = require('beastws');

const { cleanup } = require('./support/cleanup');
const { close, closed, listen, nextMessage } = require('./support/net');

const SIZES = [0, 1, 125, 126, 65535, 65536, 1024 * 1024];

describe('faye-websocket', () => {
  const defer = cleanup();

  /**
   * Wait for an event of one of its connections.
   *
   * @param {Object} ws The connection
   * @param {string} type The event's type
   * @returns {Promise<Event>} The event
   */
  function event(ws, type) {
    return new Promise((resolve) => {
      ws[`on${type}`] = resolve;
    });
  }

  describe('its client and our server', () => {
    /**
     * Start our server.
     *
     * @param {Object} [options] Its options
     * @returns {Promise<Object>} `{ wss, url }`
     */
    async function serve(options) {
      const server = http.createServer();
      const wss = new WebSocket.Server({ server, ...options });
      const port = await listen(server);

      defer(() => close(server));
      defer(() => wss.clients.forEach((ws) => ws.terminate()));
      wss.on('connection', (ws) => {
        ws.on('message', (data, isBinary) =>
          ws.send(data, { binary: isBinary })
        );
      });
      return { wss, url: `ws://127.0.0.1:${port}/` };
    }

    for (const extensions of [[], [deflate]]) {
      const how = extensions.length ? 'compressed' : 'uncompressed';

      it(`exchange messages of all sizes, ${how}`, async () => {
        const { wss, url } = await serve({
          perMessageDeflate: { threshold: 0 }
        });
        const connection = once(wss, 'connection');
        const ws = new FayeWebSocket.Client(url, ['a', 'b'], { extensions });
        const [[peer]] = await Promise.all([connection, event(ws, 'open')]);

        assert.strictEqual(ws.protocol, 'a');
        assert.strictEqual(
          peer.extensions,
          extensions.length ? 'permessage-deflate' : ''
        );

        for (const size of SIZES) {
          ws.send('x'.repeat(size));
          assert.strictEqual((await event(ws, 'message')).data.length, size);
          ws.send(Buffer.alloc(size, 7));
          const { data } = await event(ws, 'message');
          assert.ok(Buffer.from(data).equals(Buffer.alloc(size, 7)));
        }

        const end = closed(peer);
        const closing = event(ws, 'close');
        ws.close(3001, 'größer');
        const { code, reason } = await closing;
        assert.deepStrictEqual([code, reason], [3001, 'größer']);
        assert.deepStrictEqual(await end, [3001, 'größer']);
      });
    }

    it('ping and close from the server', async () => {
      const { wss, url } = await serve();
      const connection = once(wss, 'connection');
      const ws = new FayeWebSocket.Client(url);
      const [[peer]] = await Promise.all([connection, event(ws, 'open')]);

      peer.ping('are you there');
      assert.strictEqual(
        String((await once(peer, 'pong'))[0]),
        'are you there'
      );
      assert.strictEqual(
        await new Promise((resolve) => ws.ping('and you', () => resolve(true))),
        true
      );

      const closing = event(ws, 'close');
      peer.close(4002, 'enough');
      const { code, reason } = await closing;
      assert.deepStrictEqual([code, reason], [4002, 'enough']);
    });
  });

  describe('its server and our client', () => {
    /**
     * Start its server.
     *
     * @param {Array} extensions Extensions
     * @param {Function} onConnection Called with every connection
     * @returns {Promise<string>} Its address
     */
    async function serve(extensions, onConnection) {
      const server = http.createServer();

      server.on('upgrade', (req, socket, head) => {
        assert.ok(FayeWebSocket.isWebSocket(req));
        onConnection(
          new FayeWebSocket(req, socket, head, ['b'], { extensions })
        );
      });
      const port = await listen(server);
      defer(() => close(server));
      return `ws://127.0.0.1:${port}/`;
    }

    for (const extensions of [[], [deflate]]) {
      const how = extensions.length ? 'compressed' : 'uncompressed';

      it(`exchange messages of all sizes, ${how}`, async () => {
        const url = await serve(extensions, (peer) => {
          peer.onmessage = ({ data }) => peer.send(data);
        });
        const ws = new WebSocket(url, ['a', 'b'], {
          perMessageDeflate: { threshold: 0 }
        });

        await once(ws, 'open');
        assert.strictEqual(ws.protocol, 'b');
        assert.strictEqual(
          ws.extensions,
          extensions.length ? 'permessage-deflate' : ''
        );

        for (const size of SIZES) {
          ws.send('x'.repeat(size));
          assert.strictEqual(await nextMessage(ws), 'x'.repeat(size));
          ws.send(Buffer.alloc(size, 7));
          assert.ok(Buffer.alloc(size, 7).equals(await nextMessage(ws)));
        }

        const end = closed(ws);
        ws.close(3001, 'größer');
        assert.deepStrictEqual(await end, [3001, 'größer']);
      });
    }

    it('close from the server, at once', async () => {
      const url = await serve([], (peer) => {
        peer.onopen = () => {
          peer.send('last words');
          peer.close(4002, 'enough');
        };
      });
      const ws = new WebSocket(url);
      const message = nextMessage(ws);

      assert.deepStrictEqual(await closed(ws), [4002, 'enough']);
      assert.strictEqual(await message, 'last words');
    });
  });
});
