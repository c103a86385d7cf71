'use strict';

const assert = require('assert');
const { once } = require('events');
const { PassThrough } = require('stream');
const { Worker } = require('worker_threads');

const { usesIoThread } = require('../support/io-thread');
const { forEachKind, kinds, modulePath, WebSocket } = require('./kinds');
const { BINARY, frame } = require('./support/frames');
const { receive } = require('./support/messages');
const { rawClient } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

const { metrics } = WebSocket;

/**
 * What has been added to figures since they were read.
 *
 * @param {Object} before The figures then
 * @returns {Object} Differences, where there are numbers
 */
function since(before) {
  const subtract = (now, then) => {
    if (typeof now === 'number') return now - (then ?? 0);
    if (Array.isArray(now)) return now.map((x, i) => subtract(x, then[i]));
    return Object.fromEntries(
      Object.entries(now).map(([key, x]) => [key, subtract(x, then?.[key])])
    );
  };

  return subtract(metrics(), before);
}

describe('metrics()', () => {
  forEachKind((kind) => {
    const scope = useScope();
    const name = kind.isInline ? 'inline' : 'native';
    const other = kind.isInline ? 'native' : 'inline';

    it('counts connections by role and kind', async () => {
      const before = metrics();
      const { client, server, wss } = await scope.pair({
        client: kind,
        server: kind
      });

      // The kind is decided when the first tick is over.
      client.send('x');
      await once(server, 'message');
      server.send('x');
      await once(client, 'message');

      for (const counts of Object.values(since(before).connections)) {
        assert.strictEqual(counts.open, 1);
        assert.strictEqual(counts.opened, 1);
        assert.strictEqual(counts.closed, 0);
        assert.strictEqual(counts[name], 1);
        assert.strictEqual(counts[other], 0);
      }
      assert.deepStrictEqual(wss.metrics().connections, {
        open: 1,
        opened: 1,
        closed: 0,
        [name]: 1,
        [other]: 0
      });

      const closed = once(server, 'close');

      client.close();
      await Promise.all([closed, once(client, 'close')]);

      for (const counts of Object.values(since(before).connections)) {
        assert.strictEqual(counts.open, 0);
        assert.strictEqual(counts.opened, 1);
        assert.strictEqual(counts.closed, 1);
        assert.strictEqual(counts[name], 0);
        assert.strictEqual(counts[other], 0);
      }
      assert.strictEqual(wss.metrics().connections.closed, 1);
      assert.strictEqual(wss.metrics().connections.open, 0);
    });

    it('counts messages and their bytes', async () => {
      const { client, server } = await scope.pair(
        { client: kind, server: kind },
        { client: { perMessageDeflate: true } }
      );

      client.send('first');
      await once(server, 'message');

      const before = metrics();

      client.send('äöü');
      client.send(Buffer.alloc(100000));
      client.send('be', { fin: false });
      client.send('gin');
      client.ping('not counted');
      client.send('');
      await receive(server, 4);

      const { received, sent } = since(before);

      assert.deepStrictEqual(received, {
        messages: 4,
        bytes: 6 + 100000 + 5
      });
      assert.deepStrictEqual(sent, { ...received, skipped: 0 });
    });

    it('counts the bytes of compressed messages before compression', async () => {
      const { client, server } = await scope.pair(
        { client: kind, server: kind },
        {
          client: { perMessageDeflate: { threshold: 0 } },
          server: { perMessageDeflate: { threshold: 0 } }
        }
      );

      client.send('first');
      await once(server, 'message');

      const before = metrics();

      client.send('a'.repeat(10000));
      await once(server, 'message');

      const { received, sent } = since(before);

      assert.deepStrictEqual(received, { messages: 1, bytes: 10000 });
      assert.deepStrictEqual(sent, { ...received, skipped: 0 });
    });

    it('counts errors by code', async () => {
      const before = metrics();
      const wss = await scope.listen(kind);
      const connection = once(wss, 'connection');
      const peer = await rawClient(wss);

      scope.stream(peer.socket);

      const [ws] = await connection;
      const error = once(ws, 'error');

      await peer.write(frame(BINARY, 'not masked', { mask: false }));
      await error;

      assert.strictEqual(since(before).errors.WS_ERR_EXPECTED_MASK, 1);
      assert.deepStrictEqual(wss.metrics().errors, { WS_ERR_EXPECTED_MASK: 1 });

      const failing = scope.connect(kind, 'ws://127.0.0.1:1');
      const [{ code }] = await once(failing, 'error');

      assert.strictEqual(code, 'ECONNREFUSED');
      assert.strictEqual(since(before).errors.ECONNREFUSED, 1);
      assert.strictEqual(since(before).connections.client.opened, 0);
    });

    it('tells what waits to be sent', async () => {
      const wss = await scope.listen(kind);
      const connection = once(wss, 'connection');
      const peer = await rawClient(wss);

      scope.stream(peer.socket);
      peer.socket.pause();

      const [ws] = await connection;
      const size = 64 * 1024 * 1024;

      assert.strictEqual(metrics().pendingBytes, 0);
      ws.send(Buffer.alloc(size));
      while (metrics().pendingBytes < size / 2) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.ok(metrics().pendingBytes <= size + 10);
      ws.terminate();
      await once(ws, 'close');
      assert.strictEqual(metrics().pendingBytes, 0);
    });
  });

  if (usesIoThread) {
    describe('of the I/O thread', () => {
      const scope = useScope();

      it('counts batches, their events and their lag', async () => {
        const { client, server } = await scope.pair({
          client: kinds[0],
          server: kinds[0]
        });

        client.send('x');
        await once(server, 'message');

        const before = metrics();
        const end = performance.now() + 60;

        client.send('x');
        // The event loop is busy: the message has to wait.
        while (performance.now() < end);
        await once(server, 'message');

        const { batches, lag } = since(before);
        const now = metrics().lag;

        assert.ok(batches.count >= 1);
        assert.ok(batches.events >= batches.count);
        assert.ok(now.max >= 30, `${now.max} ms`);
        assert.ok(now.last <= now.max && now.mean <= now.max);
        assert.deepStrictEqual(
          now.buckets.map(({ le }) => le),
          [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, Infinity]
        );
        assert.strictEqual(lag.buckets.at(-1).count, batches.count);
        assert.ok(lag.buckets.at(-1).count > lag.buckets[5].count);
      });
    });
  }

  it('has connections over any stream', async () => {
    const before = metrics();
    const socket = new PassThrough();
    const ws = new WebSocket(null, undefined, {});

    ws.setSocket(socket, Buffer.alloc(0), {});
    assert.strictEqual(since(before).connections.server.inline, 1);
    ws.terminate();
    await once(ws, 'close');
    assert.strictEqual(since(before).connections.server.open, 0);
  });

  it('is of one environment', async () => {
    const before = metrics();
    const worker = new Worker(
      `
      const WebSocket = require(${JSON.stringify(modulePath)});
      const { parentPort } = require('worker_threads');
      const wss = new WebSocket.Server({ port: 0, host: '127.0.0.1' }, () => {
        new WebSocket('ws://127.0.0.1:' + wss.address().port).on(
          'message',
          () => {
            parentPort.postMessage(WebSocket.metrics());
            wss.clients.forEach((ws) => ws.terminate());
            wss.close();
          }
        );
      });
      wss.on('connection', (ws) => ws.send('hello'));
      `,
      { eval: true }
    );
    const [theirs] = await once(worker, 'message');

    await once(worker, 'exit');
    assert.strictEqual(theirs.connections.client.opened, 1);
    assert.strictEqual(theirs.received.messages, 1);
    assert.strictEqual(theirs.received.bytes, 5);
    assert.strictEqual(since(before).connections.client.opened, 0);
    assert.strictEqual(since(before).received.messages, 0);
  });
});
