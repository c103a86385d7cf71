'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');
const { Server } = require('socket.io');
const { io: connect } = require('socket.io-client');
const WebSocket = require('beastws');

const { cleanup } = require('./support/cleanup');
const { assertRunsOnOurs } = require('./support/ours');
const { listen } = require('./support/net');

const CLIENTS = 1000;

describe('Socket.IO', () => {
  const defer = cleanup();

  /**
   * Start a server on our engine.
   *
   * @param {Object} [options] More options of Socket.IO's server
   * @returns {Promise<Object>} `{ io, url }`
   */
  async function serve(options) {
    const httpServer = http.createServer();
    const io = new Server(httpServer, {
      wsEngine: WebSocket.Server,
      ...options
    });
    const port = await listen(httpServer);

    defer(() => io.close());
    return { io, url: `http://127.0.0.1:${port}` };
  }

  /**
   * Connect a client.
   *
   * @param {string} url The server's address
   * @param {Object} [options] More options of the client
   * @returns {Promise<Object>} The client, connected
   */
  async function join(url, options) {
    const client = connect(url, {
      forceNew: true,
      transports: ['websocket'],
      ...options
    });

    defer(() => client.disconnect());
    await new Promise((resolve, reject) => {
      client.once('connect', resolve);
      client.once('connect_error', reject);
    });
    return client;
  }

  /**
   * Wait for an event of a client.
   *
   * @param {Object} client The client
   * @param {string} name The event's name
   * @returns {Promise<Array>} Its arguments
   */
  function event(client, name) {
    return new Promise((resolve) => {
      client.once(name, (...args) => resolve(args));
    });
  }

  it('runs on our server and our client', async () => {
    assertRunsOnOurs('engine.io');
    assertRunsOnOurs('engine.io-client');

    const { io, url } = await serve();
    const connection = once(io, 'connection');
    const client = await join(url);
    const [socket] = await connection;

    assert.ok(io.engine.ws instanceof WebSocket.Server);
    assert.ok(socket.conn.transport.socket instanceof WebSocket);
    assert.ok(client.io.engine.transport.ws instanceof WebSocket);
    assert.strictEqual(socket.handshake.address, '127.0.0.1');
  });

  it('sends text and binary with acknowledgements both ways', async () => {
    const { io, url } = await serve({ maxHttpBufferSize: 1e8 });
    const connection = once(io, 'connection');
    const client = await join(url);
    const [socket] = await connection;
    const big = Buffer.alloc(5 * 1024 * 1024, 'beast');

    socket.on('echo', (...args) => args.pop()(...args));
    assert.deepStrictEqual(
      await new Promise((resolve) => {
        client.emit('echo', 'a', 1, { b: big, n: null }, (...args) =>
          resolve(args)
        );
      }),
      ['a', 1, { b: big, n: null }]
    );

    client.on('echo', (value, done) => done(value));
    assert.deepStrictEqual(await socket.emitWithAck('echo', [big, 'x']), [
      big,
      'x'
    ]);
  });

  it('keeps rooms and namespaces apart', async () => {
    const { io, url } = await serve();

    io.of('/chat').on('connection', (socket) => {
      socket.join(socket.handshake.query.room);
      socket.on('say', (text) => {
        const [room] = [...socket.rooms].filter((name) => name !== socket.id);
        socket.to(room).emit('said', text);
      });
      socket.on('end', (done) => done());
    });

    const [a1, a2, b1] = await Promise.all(
      ['a', 'a', 'b'].map((room) => join(`${url}/chat`, { query: { room } }))
    );
    const heard = [];

    for (const [name, client] of Object.entries({ a1, a2, b1 })) {
      client.on('said', (text) => heard.push(`${name} ${text}`));
    }

    a1.emit('say', 'in a');
    b1.emit('say', 'in b');
    await Promise.all([a1, b1].map((client) => client.emitWithAck('end')));
    await a2.emitWithAck('end');
    assert.deepStrictEqual(heard, ['a2 in a']);
  });

  it('compresses', async () => {
    const perMessageDeflate = { threshold: 0 };
    const { io, url } = await serve({ perMessageDeflate });
    const connection = once(io, 'connection');
    const client = await join(url, { perMessageDeflate });
    const [socket] = await connection;
    const { socket: ws } = socket.conn.transport;
    const text = 'compress me '.repeat(100000);

    assert.strictEqual(ws.extensions, 'permessage-deflate');
    const received = event(client, 'text');
    socket.emit('text', text);
    assert.deepStrictEqual(await received, [text]);
    // Read before Socket.IO closes it: what went over the wire is small.
    assert.ok(ws._socket.bytesWritten < text.length / 10);
  });

  it('reconnects by itself and recovers its state', async () => {
    const { io, url } = await serve({
      connectionStateRecovery: { maxDisconnectionDuration: 60000 }
    });
    const connection = once(io, 'connection');
    const client = await join(url, { reconnectionDelay: 10 });
    const [socket] = await connection;
    const { id } = socket;

    // The recovery begins at the last message that came with an offset.
    const first = event(client, 'missed');
    socket.join('room');
    io.to('room').emit('missed', 0);
    await first;

    const disconnected = event(client, 'disconnect');
    const gone = once(socket, 'disconnect');
    const again = once(io, 'connection');
    const missed = [];

    client.on('missed', (n) => missed.push(n));
    socket.conn.transport.socket.terminate();
    await gone;
    io.to('room').emit('missed', 1);
    io.to('room').emit('missed', 2);

    assert.deepStrictEqual((await disconnected)[0], 'transport close');
    const [recovered] = await again;
    assert.strictEqual(recovered.id, id);
    assert.strictEqual(recovered.recovered, true);
    recovered.emit('end');
    await event(client, 'end');
    assert.deepStrictEqual(missed, [1, 2]);
  });

  it(`serves ${CLIENTS} clients`, async () => {
    const { io, url } = await serve({ transports: ['websocket'] });
    let welcomed = 0;

    io.on('connection', (socket) => {
      socket.join(welcomed++ % 2 ? 'odd' : 'even');
      socket.on('add', (a, b, done) => done(a + b));
    });

    const clients = [];
    while (clients.length < CLIENTS) {
      clients.push(
        ...(await Promise.all(Array.from({ length: 100 }, () => join(url))))
      );
    }
    assert.strictEqual(io.engine.clientsCount, CLIENTS);

    const sums = await Promise.all(
      clients.map((client, i) => client.emitWithAck('add', i, 1))
    );
    assert.deepStrictEqual(
      sums,
      clients.map((_, i) => i + 1)
    );

    const payload = { text: 'to all', data: Buffer.alloc(1000, 1) };
    const all = Promise.all(clients.map((client) => event(client, 'all')));
    io.emit('all', payload);
    assert.deepStrictEqual(
      await all,
      clients.map(() => [payload])
    );

    let half = 0;
    const reached = new Promise((resolve) => {
      for (const client of clients) {
        client.on('half', () => {
          if (++half === CLIENTS / 2) resolve();
        });
      }
    });
    io.to('odd').emit('half');
    await reached;
    const sync = Promise.all(clients.map((client) => event(client, 'sync')));
    io.emit('sync');
    await sync;
    assert.strictEqual(half, CLIENTS / 2);
  });
});
