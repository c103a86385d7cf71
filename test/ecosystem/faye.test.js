'use strict';

const assert = require('assert');
const { once } = require('events');
const faye = require('faye');
const http = require('http');
const WebSocket = require('beastws');

const { BayeuxClient, BayeuxServer } = require('./support/bayeux');
const { cleanup } = require('./support/cleanup');
const { close, listen } = require('./support/net');

describe('Faye', () => {
  const defer = cleanup();

  describe('its server and our client', () => {
    /**
     * Start Faye.
     *
     * @returns {Promise<Object>} `{ bayeux, url }`
     */
    async function serve() {
      const server = http.createServer();
      const bayeux = new faye.NodeAdapter({ mount: '/faye', timeout: 1 });

      bayeux.attach(server);
      const port = await listen(server);
      defer(() => close(server));
      defer(() => bayeux.close());
      defer(() => bayeux.getClient().disconnect());
      return { bayeux, url: `ws://127.0.0.1:${port}/faye` };
    }

    /**
     * Connect and make Bayeux's handshake.
     *
     * @param {string} url Faye's address
     * @returns {Promise<BayeuxClient>} The client
     */
    async function join(url) {
      const ws = new WebSocket(url);

      defer(() => ws.terminate());
      await once(ws, 'open');
      const client = new BayeuxClient(ws);
      await client.handshake();
      // Faye would keep the client, and with it the process, for a while.
      defer(async () => {
        if (ws.readyState === WebSocket.OPEN) {
          await client.request('/meta/disconnect');
        }
      });
      return client;
    }

    it('subscribe and publish', async () => {
      const { bayeux, url } = await serve();
      const [a, b] = await Promise.all([join(url), join(url)]);

      assert.notStrictEqual(a.clientId, b.clientId);
      const { successful } = await a.request('/meta/subscribe', {
        subscription: '/news/*'
      });
      assert.strictEqual(successful, true);

      const received = [];
      const all = new Promise((resolve) => {
        a.onMessage = ({ channel, data }) => {
          received.push([channel, data]);
          if (received.length === 3) resolve();
        };
      });

      const again = a.connect();
      await b.request('/news/b', { data: { text: 'größer' } });
      await bayeux.getClient().publish('/news/server', 'x'.repeat(200000));
      await b.request('/elsewhere', { data: 'not for a' });
      await b.request('/news/b', { data: 'last' });
      await all;

      assert.deepStrictEqual(received, [
        ['/news/b', { text: 'größer' }],
        ['/news/server', 'x'.repeat(200000)],
        ['/news/b', 'last']
      ]);
      assert.strictEqual((await again).successful, true);
    });

    it('end together', async () => {
      const { bayeux, url } = await serve();
      const client = await join(url);
      const gone = new Promise((resolve) => {
        bayeux.on('disconnect', resolve);
      });
      const closed = once(client.ws, 'close');

      await client.request('/meta/disconnect');
      assert.strictEqual(await gone, client.clientId);
      client.ws.close(1000);
      assert.strictEqual((await closed)[0], 1000);
    });
  });

  describe('its client and our server', () => {
    /**
     * Start a server that speaks Bayeux over our websockets.
     *
     * @param {Object} [options] Options of our server
     * @returns {Promise<Object>} `{ bayeux, url }`
     */
    async function serve(options) {
      const server = http.createServer();
      const wss = new WebSocket.Server({ server, path: '/faye', ...options });
      const bayeux = new BayeuxServer(server, wss);
      const port = await listen(server);

      defer(() => close(server));
      defer(() => wss.clients.forEach((ws) => ws.terminate()));
      return { bayeux, url: `http://127.0.0.1:${port}/faye` };
    }

    /**
     * Make one of Faye's clients.
     *
     * @param {string} url The server's address
     * @returns {faye.Client} The client
     */
    function join(url) {
      const client = new faye.Client(url, { retry: 0.05, timeout: 5 });

      defer(() => client.disconnect());
      return client;
    }

    it('subscribe and publish', async () => {
      const { bayeux, url } = await serve();
      const [a, b] = [join(url), join(url)];
      const received = [];
      const all = new Promise((resolve) => {
        a.subscribe('/news', (data) => {
          received.push(data);
          if (received.length === 101) resolve();
        }).then(async () => {
          for (let i = 0; i < 100; i++) await b.publish('/news', { i });
          bayeux.publish('/news', 'größer'.repeat(30000));
        });
      });

      await all;
      assert.deepStrictEqual(received, [
        ...Array.from({ length: 100 }, (_, i) => ({ i })),
        'größer'.repeat(30000)
      ]);
      assert.ok(bayeux.connections >= 2);
    });

    it('come together again after a break', async () => {
      const { bayeux, url } = await serve();
      const client = join(url);
      const connected = once(bayeux, 'connect');
      let onData;

      await client.subscribe('/news', (data) => onData(data));
      const [first] = await connected;
      const again = new Promise((resolve) => {
        bayeux.on('connect', (ws) => {
          if (ws !== first) resolve();
        });
      });
      first.terminate();
      await again;

      const data = new Promise((resolve) => {
        onData = resolve;
      });
      await client.publish('/news', 'after');
      assert.strictEqual(await data, 'after');
      assert.ok(bayeux.connections > 1);
    });
  });
});
