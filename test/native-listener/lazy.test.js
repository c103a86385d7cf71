'use strict';

const assert = require('assert');
const { once } = require('events');
const { IncomingMessage } = require('http');
const { finished } = require('stream/promises');

const { useScope } = require('../integration/support/scope');
const { native, theirs } = require('./support/parties');

/** The events of a stream that a WebSocket listens to, and how often. */
const LISTENED = { close: 1, end: 1, error: 1 };

/**
 * Counts the listeners of a stream.
 *
 * @param {stream.Duplex} socket The stream
 * @returns {Object} How many there are, by event
 */
function listeners(socket) {
  return Object.fromEntries(
    socket
      .eventNames()
      .filter((name) => socket.listenerCount(name) > 0)
      .map((name) => [name, socket.listenerCount(name)])
      .sort()
  );
}

describe('What a native listener makes when it is looked at', () => {
  const scope = useScope();

  /**
   * Connects ws's client with a native server.
   *
   * @param {Object} [options] Options of the server
   * @returns {Promise<Object>} As `Scope.prototype.pair()`
   */
  const pair = (options) =>
    scope.pair({ client: theirs, server: native }, { server: options });

  /**
   * Connects another one of ws's clients.
   *
   * @param {WebSocketServer} wss The server
   * @returns {Promise<WebSocket>} The client, open
   */
  async function open(wss) {
    const client = scope.connect(theirs, wss);

    await once(client, 'open');
    return client;
  }

  describe('A socket', () => {
    it('is a stream that flows', async () => {
      const { server } = await pair();
      const { _socket: socket } = server;

      assert.strictEqual(socket._readableState.flowing, true);
      assert.deepStrictEqual(listeners(socket), LISTENED);
      assert.strictEqual(socket.readable, true);
      assert.strictEqual(socket.writable, true);
      assert.strictEqual(socket.destroyed, false);
      assert.strictEqual(socket.allowHalfOpen, true);
    });

    it('says the same before and after it is looked at', async () => {
      const { server } = await pair();
      const { _socket: socket } = server;
      const look = () => ({
        address: socket.address(),
        bufferSize: socket.bufferSize,
        destroyed: socket.destroyed,
        paused: socket.isPaused(),
        peer: [socket.remoteAddress, socket.remoteFamily],
        readable: socket.readable,
        readableHighWaterMark: socket.readableHighWaterMark,
        readableLength: socket.readableLength,
        readyState: socket.readyState,
        timeout: socket.timeout,
        writable: socket.writable,
        writableEnded: socket.writableEnded,
        writableLength: socket.writableLength
      });
      const before = look();

      assert.strictEqual(socket.listenerCount('drain'), 0);
      assert.strictEqual(socket._isAwake, false);
      assert.ok(socket._writableState);
      assert.strictEqual(socket._isAwake, true);
      assert.deepStrictEqual(look(), before);
    });

    it('emits to those who listen, after the WebSocket', async () => {
      const { client, server } = await pair();
      const events = [];

      server.on('close', () => events.push('close of the WebSocket'));
      for (const event of ['end', 'finish', 'close']) {
        server._socket.on(event, () => events.push(event));
      }
      client.close();
      await once(server, 'close');
      await new Promise(setImmediate);
      assert.deepStrictEqual(events.sort(), [
        'close',
        'close of the WebSocket',
        'end',
        'finish'
      ]);
    });

    it('can be looked at by listeners of the first tick', async () => {
      const wss = await scope.listen(native);
      const messages = [];
      const chunks = [];

      wss.on('connection', (ws) => {
        assert.deepStrictEqual(listeners(ws._socket), { ...LISTENED, data: 1 });
        ws._socket.on('data', (chunk) => chunks.push(chunk));
        ws.on('message', (data) => {
          messages.push(`${data}`);
          ws.send('back');
        });
      });

      const client = await open(wss);

      client.send('there');
      assert.strictEqual(`${(await once(client, 'message'))[0]}`, 'back');
      assert.deepStrictEqual(messages, ['there']);
      assert.ok(Buffer.concat(chunks).length > 0);
    });

    it('can be looked at by verifyClient', async () => {
      const { server } = await pair({
        verifyClient: ({ req }, callback) => {
          assert.deepStrictEqual(listeners(req.socket), { error: 1 });
          setImmediate(callback, true);
        }
      });

      assert.deepStrictEqual(listeners(server._socket), LISTENED);
    });

    it('pauses and goes on', async () => {
      const { client, server } = await pair();

      server.pause();
      assert.strictEqual(server._socket.isPaused(), true);
      client.send('one');
      server.on('message', () => assert.ok(!server.isPaused));
      await new Promise(setImmediate);
      server.resume();
      assert.strictEqual(server._socket.isPaused(), false);
      await once(server, 'message');
    });

    it('can be ended, destroyed and waited for', async () => {
      const { server } = await pair();
      const done = finished(server._socket);

      server._socket.end();
      await once(server, 'close');
      await done;
      assert.strictEqual(server._socket.writableFinished, true);
      assert.strictEqual(server._socket.readableEnded, true);

      const { server: other } = await pair();

      other._socket.destroy(new Error('enough'));
      await once(other, 'close');
      assert.strictEqual(other._socket.errored.message, 'enough');
    });

    it('emits "timeout"', async () => {
      const { server } = await pair();

      server._socket.setTimeout(20);
      await once(server._socket, 'timeout');
    });
  });

  describe('A request', () => {
    it('is an IncomingMessage that has ended', async () => {
      const { request } = await pair();

      assert.ok(request instanceof IncomingMessage);
      assert.strictEqual(request.constructor, IncomingMessage);
      assert.strictEqual(request.complete, true);
      assert.strictEqual(request.headers.upgrade, 'websocket');
      assert.deepStrictEqual(request.headersDistinct.upgrade, ['websocket']);
      assert.deepStrictEqual(request.trailers, {});
      for await (const chunk of request) assert.fail(`${chunk}`);
      assert.strictEqual(request.readableEnded, true);
    });

    it('emits "end" to those who read it', async () => {
      const { request } = await pair();

      request.resume();
      await once(request, 'end');
    });

    it('may have its headers changed by shouldHandle()', async () => {
      const wss = await scope.listen(native);
      const shouldHandle = wss.shouldHandle;

      wss.shouldHandle = (req) => {
        req.headers['sec-websocket-protocol'] = 'changed';
        return shouldHandle.call(wss, req);
      };
      wss.options.handleProtocols = (protocols) => {
        assert.deepStrictEqual([...protocols], ['changed']);
        return false;
      };

      const connected = once(wss, 'connection');

      await open(wss);
      assert.strictEqual((await connected)[0].protocol, '');
    });
  });

  describe('The Set of clients', () => {
    it('has the connections in order, and is kept up to date', async () => {
      const wss = await scope.listen(native);
      const all = [];

      wss.on('connection', (ws) => all.push(ws));

      const clients = [];

      for (let i = 0; i < 5; i++) {
        clients.push(await open(wss));
      }

      // Before anybody has looked: the first, the last, and one between.
      for (const i of [0, 4, 2]) {
        clients[i].close();
        await once(all[i], 'close');
      }
      assert.ok(wss.clients instanceof Set);
      assert.strictEqual(wss.clients, wss.clients);
      assert.ok(Object.keys(wss).includes('clients'));
      assert.deepStrictEqual([...wss.clients], [all[1], all[3]]);

      clients[1].close();
      await once(all[1], 'close');
      assert.deepStrictEqual([...wss.clients], [all[3]]);
      await open(wss);
      assert.deepStrictEqual([...wss.clients], [all[3], all[5]]);
    });
  });
});
