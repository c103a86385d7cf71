'use strict';

const assert = require('assert');
const diagnostics = require('diagnostics_channel');
const { once } = require('events');
const http = require('http');

const { forEachKind } = require('./kinds');
const { BINARY, frame } = require('./support/frames');
const { rawClient, reset } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

describe('Diagnostics channels', () => {
  forEachKind((kind) => {
    const scope = useScope();
    const published = [];

    beforeEach(() => {
      published.length = 0;
      for (const event of ['open', 'close', 'error']) {
        const name = `beastws.connection.${event}`;
        const listener = (message, channel) => {
          assert.strictEqual(channel, name);
          published.push({ event, ...message });
        };

        diagnostics.subscribe(name, listener);
        scope.defer(() => diagnostics.unsubscribe(name, listener));
      }
    });

    it('tell of both ends of a connection', async () => {
      const { client, request, server } = await scope.pair({
        client: kind,
        server: kind
      });
      const closed = once(server, 'close');

      client.close(4000, 'bye');
      await Promise.all([closed, once(client, 'close')]);

      for (const [role, websocket] of Object.entries({ client, server })) {
        const [open, close, ...rest] = published.filter(
          (message) => message.websocket === websocket
        );

        assert.deepStrictEqual(rest, []);
        assert.strictEqual(open.event, 'open');
        assert.strictEqual(open.role, role);
        assert.strictEqual(close.event, 'close');
        assert.strictEqual(close.role, role);
        assert.strictEqual(close.code, 4000);
        assert.strictEqual(`${close.reason}`, 'bye');
        if (role === 'server') {
          assert.strictEqual(open.request, request);
        } else {
          assert.ok(open.request instanceof http.ClientRequest);
        }
      }
    });

    it('tell of errors of the protocol', async () => {
      const wss = await scope.listen(kind);
      const connection = once(wss, 'connection');
      const peer = await rawClient(wss);

      scope.stream(peer.socket);

      const [ws] = await connection;
      const error = once(ws, 'error');
      const closed = new Promise((resolve) => ws.once('close', resolve));

      await peer.write(frame(BINARY, 'not masked', { mask: false }));

      const [err] = await error;

      peer.socket.end();
      await closed;
      assert.deepStrictEqual(
        published.map(({ event, websocket }) => [event, websocket === ws]),
        [
          ['open', true],
          ['error', true],
          ['close', true]
        ]
      );
      assert.strictEqual(published[1].error, err);
      assert.strictEqual(published[1].role, 'server');
    });

    it('tell of handshakes that fail, but of no close', async () => {
      const server = scope.listener(
        http.createServer((req, res) => res.writeHead(404).end())
      );

      server.listen(0, '127.0.0.1');
      await once(server, 'listening');

      const ws = scope.connect(kind, server);
      const closed = new Promise((resolve) => ws.once('close', resolve));
      const [err] = await once(ws, 'error');

      await closed;
      assert.deepStrictEqual(published, [
        { event: 'error', websocket: ws, role: 'client', error: err }
      ]);
    });

    it('tell of errors of the socket', async () => {
      const { client, server } = await scope.pair({
        client: kind,
        server: kind
      });
      const closed = once(server, 'close');

      reset(client._socket);
      await closed;

      const [open, error, close] = published.filter(
        ({ websocket }) => websocket === server
      );

      assert.strictEqual(open.event, 'open');
      assert.strictEqual(error.error.code, 'ECONNRESET');
      assert.strictEqual(close.code, 1006);
    });
  });
});
