'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');
const {
  client: Client,
  server: Server,
  w3cwebsocket: W3CWebSocket
} = require('websocket');
const WebSocket = require('beastws');

const { cleanup } = require('./support/cleanup');
const { close, closed, listen, nextMessage } = require('./support/net');

const SIZES = [0, 1, 125, 126, 65535, 65536, 1024 * 1024];

describe('websocket (WebSocket-Node)', () => {
  const defer = cleanup();

  describe('our server', () => {
    /**
     * Start our server, which echoes.
     *
     * @returns {Promise<Object>} `{ wss, url }`
     */
    async function serve() {
      const server = http.createServer();
      const wss = new WebSocket.Server({ server });
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

    /**
     * Connect its client.
     *
     * @param {string} url The server's address
     * @param {Object} [options] Options of the client
     * @returns {Promise<Object>} Its connection
     */
    async function connect(url, options) {
      const client = new Client(options);
      const connected = once(client, 'connect');

      client.connect(url, ['one', 'two'], 'http://origin.example');
      return (await connected)[0];
    }

    it('echoes to its client', async () => {
      const { wss, url } = await serve();
      const joined = once(wss, 'connection');
      const connection = await connect(url, { maxReceivedFrameSize: 1 << 21 });
      const [, req] = await joined;

      assert.strictEqual(connection.protocol, 'one');
      assert.strictEqual(req.headers.origin, 'http://origin.example');

      for (const size of SIZES) {
        connection.sendUTF('y'.repeat(size));
        assert.deepStrictEqual(await once(connection, 'message'), [
          { type: 'utf8', utf8Data: 'y'.repeat(size) }
        ]);
        connection.sendBytes(Buffer.alloc(size, 3));
        const [{ binaryData }] = await once(connection, 'message');
        assert.ok(binaryData.equals(Buffer.alloc(size, 3)));
      }

      connection.close();
      await once(connection, 'close');
    });

    it('puts its fragments together', async () => {
      const { url } = await serve();
      const connection = await connect(url, { fragmentationThreshold: 10 });
      const text = 'größer '.repeat(1000);

      connection.sendUTF(text);
      const [{ utf8Data }] = await once(connection, 'message');
      assert.strictEqual(utf8Data, text);
      connection.close();
      await once(connection, 'close');
    });

    it('pings, pongs and closes it', async () => {
      const { wss, url } = await serve();
      const joined = once(wss, 'connection');
      const connection = await connect(url);
      const [ws] = await joined;

      ws.ping('a');
      assert.strictEqual(String((await once(ws, 'pong'))[0]), 'a');
      connection.ping('b');
      assert.strictEqual(String((await once(connection, 'pong'))[0]), 'b');

      const end = once(connection, 'close');
      const ours = closed(ws);
      ws.close(4003, 'over');
      assert.deepStrictEqual(await end, [4003, 'over']);
      // It answers every code with this one.
      assert.deepStrictEqual(await ours, [1000, '']);
    });

    it('serves W3CWebSocket', async () => {
      const { wss, url } = await serve();
      const joined = once(wss, 'connection');
      const ws = new W3CWebSocket(url, 'sub');
      const event = (type) =>
        new Promise((resolve) => {
          ws[`on${type}`] = resolve;
        });

      ws.binaryType = 'arraybuffer';
      const [[peer]] = await Promise.all([joined, event('open')]);
      assert.strictEqual(ws.protocol, 'sub');

      ws.send('text');
      assert.strictEqual((await event('message')).data, 'text');
      ws.send(new Uint8Array([1, 2, 3]).buffer);
      const { data } = await event('message');
      assert.deepStrictEqual([...new Uint8Array(data)], [1, 2, 3]);

      const end = closed(peer);
      const closing = event('close');
      ws.close(3000, 'bye');
      const { code, reason } = await closing;
      assert.deepStrictEqual([code, reason], [3000, 'bye']);
      assert.deepStrictEqual(await end, [3000, 'bye']);
    });
  });

  describe('our client', () => {
    /**
     * Start its server.
     *
     * @param {Function} onRequest Called with every request
     * @param {Object} [options] Options of the server
     * @returns {Promise<string>} Its address
     */
    async function serve(onRequest, options) {
      const httpServer = http.createServer();
      const server = new Server({ httpServer, ...options });

      server.on('request', onRequest);
      const port = await listen(httpServer);
      defer(() => close(httpServer));
      defer(() => server.shutDown());
      return `ws://127.0.0.1:${port}/`;
    }

    /**
     * Accept a request and echo.
     *
     * @param {Object} request Its request
     */
    function echo(request) {
      const connection = request.accept('two', request.origin);

      connection.on('message', ({ type, utf8Data, binaryData }) => {
        if (type === 'utf8') connection.sendUTF(utf8Data);
        else connection.sendBytes(binaryData);
      });
    }

    it('talks to its server', async () => {
      const url = await serve(echo, {
        maxReceivedFrameSize: 1 << 21,
        fragmentationThreshold: 1000
      });
      const ws = new WebSocket(url, ['one', 'two']);

      await once(ws, 'open');
      assert.strictEqual(ws.protocol, 'two');
      assert.strictEqual(ws.extensions, '');

      for (const size of SIZES) {
        ws.send('y'.repeat(size));
        assert.strictEqual(await nextMessage(ws), 'y'.repeat(size));
        ws.send(Buffer.alloc(size, 3));
        assert.ok(Buffer.alloc(size, 3).equals(await nextMessage(ws)));
      }

      const end = closed(ws);
      ws.close(3004, 'done');
      // It answers every code with this one.
      assert.deepStrictEqual(await end, [1000, '']);
    });

    it('answers its keepalive and learns its close codes', async () => {
      let connection;
      const url = await serve(
        (request) => {
          connection = request.accept('two', request.origin);
        },
        { keepaliveInterval: 50, dropConnectionOnKeepaliveTimeout: true }
      );
      const ws = new WebSocket(url, 'two');

      await once(ws, 'open');
      await once(ws, 'ping');
      await once(ws, 'ping');

      const end = closed(ws);
      connection.drop(4010, 'dropped');
      assert.deepStrictEqual(await end, [4010, 'dropped']);
    });

    it('is refused by it', async () => {
      const url = await serve((request) => request.reject(403, 'not you'));
      const ws = new WebSocket(url);
      const [req, res] = await once(ws, 'unexpected-response');

      assert.strictEqual(res.statusCode, 403);
      assert.strictEqual(res.headers['x-websocket-reject-reason'], 'not you');
      req.destroy();
    });
  });
});
