'use strict';

const assert = require('assert');
const { once } = require('events');
const net = require('net');
const { Duplex } = require('stream');

const { echo } = require('../integration/support/echo');
const { closeFrame, frame, TEXT } = require('../integration/support/frames');
const {
  rawClient,
  rawConnect,
  upgradeRequest
} = require('../integration/support/raw-peer');
const { useScope } = require('../integration/support/scope');
const { native, theirs } = require('./support/parties');

describe('A socket of a native listener', () => {
  const scope = useScope();

  /**
   * Connect ws's client with a native server.
   *
   * @param {Object} [options] Options of the server
   * @returns {Promise<Object>} As `Scope.prototype.pair()`
   */
  const pair = (options) =>
    scope.pair({ client: theirs, server: native }, { server: options });

  it('is a Duplex and no net.Socket', async () => {
    const { server, request } = await pair();

    assert.ok(server._socket instanceof Duplex);
    assert.ok(!(server._socket instanceof net.Socket));
    assert.strictEqual(request.socket, server._socket);
    assert.strictEqual(server._socket.encrypted, undefined);
    assert.strictEqual(server._socket.readyState, 'open');
  });

  it('counts bytes, after the end as well', async () => {
    const { client, server } = await pair();
    const { _socket: socket } = server;
    const before = [socket.bytesRead, socket.bytesWritten];

    server.on('message', (data) => server.send(data));
    client.send('0123456789');
    await once(client, 'message');
    client.close();
    await once(server, 'close');
    // Two frames and two close frames.
    assert.strictEqual(socket.bytesRead - before[0], 16 + 8 - 2);
    assert.ok(before[0] > 100, `${before[0]}`);
    assert.ok(socket.bytesWritten > 100 + 12 + 2, `${socket.bytesWritten}`);
    assert.strictEqual(socket.remoteAddress, '127.0.0.1');
    assert.strictEqual(socket.destroyed, true);
  });

  it('delivers what comes together with the request', async () => {
    const wss = await scope.listen(native);
    const received = [];

    wss.on('connection', (ws) => {
      ws.on('message', (data) => received.push(`${data}`));
    });

    const connection = once(wss, 'connection');

    await rawClient(wss, {
      first: Buffer.concat([
        frame(TEXT, 'a', { mask: true }),
        frame(TEXT, 'b', { mask: true }),
        closeFrame(1000, 'x', { mask: true })
      ])
    });

    const [ws] = await connection;

    if (ws.readyState !== ws.CLOSED) await once(ws, 'close');
    assert.deepStrictEqual(received, ['a', 'b']);
    assert.strictEqual(ws._closeCode, 1000);
  });

  it('writes raw bytes between frames', async () => {
    const { client, server } = await pair();
    const received = [];

    client.on('message', (data) => received.push(`${data}`));
    server.send('1');
    server._socket.write(frame(TEXT, '2'));
    server._socket.cork();
    server._socket.write(frame(TEXT, '3').subarray(0, 1));
    server._socket.write(frame(TEXT, '3').subarray(1));
    server._socket.uncork();
    server.send('4');
    server.close();
    await once(client, 'close');
    assert.deepStrictEqual(received, ['1', '2', '3', '4']);
  });

  it('shows its bytes to listeners of the first tick', async () => {
    const wss = await scope.listen(native);
    const chunks = [];

    wss.on('connection', (ws) => {
      ws._socket.on('data', (chunk) => chunks.push(chunk));
      echo(ws);
    });

    const client = scope.connect(theirs, wss);

    await once(client, 'open');
    client.send('hello');
    assert.strictEqual(`${(await once(client, 'message'))[0]}`, 'hello');
    assert.strictEqual(Buffer.concat(chunks).length, 11);
  });

  it('ends a WebSocket by destroy(), end() and resetAndDestroy()', async () => {
    for (const how of ['destroy', 'end', 'resetAndDestroy', 'destroySoon']) {
      const { client, server } = await pair();
      const closed = Promise.all([
        once(client, 'close'),
        once(server, 'close')
      ]);
      const gone = once(server._socket, 'close');

      server._socket[how]();

      const [[code], [serverCode]] = await closed;

      assert.strictEqual(code, 1006, how);
      assert.strictEqual(serverCode, 1006, how);
      await gone;
    }
  });

  it("emits 'timeout' when nothing happens, and not before", async () => {
    const { client, server } = await pair();
    const { _socket: socket } = server;
    const start = Date.now();
    let last = start;
    const timer = setInterval(() => {
      if (Date.now() - start > 300) clearInterval(timer);
      last = Date.now();
      client.send('x');
    }, 30);

    await new Promise((resolve) => socket.setTimeout(120, resolve));
    clearInterval(timer);
    assert.ok(Date.now() - last >= 100, `${Date.now() - last}`);
    assert.ok(last - start >= 250, `${last - start}`);
    assert.throws(() => socket.setTimeout('1'), TypeError);
    assert.throws(() => socket.setTimeout(-1), RangeError);
  });

  it('stops reading by pause()', async () => {
    const { client, server } = await pair();
    const received = [];

    server.on('message', (data) => received.push(`${data}`));
    server.pause();
    client.send('a');
    client.ping();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepStrictEqual(received, []);
    server.resume();
    await once(client, 'pong');
    assert.deepStrictEqual(received, ['a']);
  });

  it('can be paused from the first tick on', async () => {
    const wss = await scope.listen(native);
    const received = [];

    wss.on('connection', (ws) => {
      ws.pause();
      ws.on('message', (data) => received.push(`${data}`));
      setTimeout(() => {
        received.push('resume');
        ws.resume();
      }, 50);
    });

    const peer = await rawClient(wss, {
      first: frame(TEXT, 'a', { mask: true })
    });

    peer.write(closeFrame(1000, '', { mask: true }));
    await peer.untilEnd();
    assert.deepStrictEqual(received, ['resume', 'a']);
  });

  it('sends 20 MB, and lets a slow reader take its time', async () => {
    const { client, server } = await pair();
    const big = Buffer.alloc(5e6, 'x');
    let size = 0;

    client.pause();
    for (let i = 0; i < 4; i++) server.send(big);
    assert.ok(server.bufferedAmount > 0);
    setTimeout(() => client.resume(), 50);
    client.on('message', (data) => {
      size += data.length;
      if (size === 2e7) client.close();
    });
    await once(client, 'close');
    assert.strictEqual(size, 2e7);
  });

  describe('during the handshake', () => {
    it("belongs to listeners of 'wsClientError'", async () => {
      const wss = await scope.listen(native);

      wss.on('wsClientError', (err, socket, req) => {
        socket.end(`HTTP/1.1 400 Mine\r\n\r\n${err.message} ${req.url}`);
      });

      const peer = await rawConnect(wss);
      const closed = new Promise((resolve) =>
        wss.once('wsClientError', (err, socket) => socket.on('close', resolve))
      );

      scope.stream(peer.socket);
      peer.write(
        'GET /x HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n'
      );
      await peer.untilEnd();
      assert.match(
        `${peer.received}`,
        /400 Mine\r\n\r\nInvalid Upgrade .* \/x$/
      );
      await closed;
    });

    it('can be read as it is', async () => {
      const wss = await scope.listen(native);

      wss.on('wsClientError', (err, socket) => {
        socket.on('data', (chunk) => socket.write(`${chunk}`.toUpperCase()));
        socket.on('end', () => socket.end('!'));
      });

      const peer = await rawConnect(wss, {
        allowHalfOpen: true
      });

      scope.stream(peer.socket);
      peer.write(
        'GET /x HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n'
      );
      await once(wss, 'wsClientError');
      peer.write('abc');
      await peer.until(() => `${peer.received}` === 'ABC');
      peer.socket.end('def');
      await peer.untilEnd();
      assert.strictEqual(`${peer.received}`, 'ABCDEF!');
    });

    it('waits for verifyClient, and gets 503 when the server closes', async () => {
      let answer;
      const wss = await scope.listen(native, {
        verifyClient: (info, callback) => {
          assert.strictEqual(info.secure, false);
          answer = callback;
        }
      });
      const peer = await rawConnect(wss);

      scope.stream(peer.socket);
      peer.write(upgradeRequest(), frame(TEXT, 'early', { mask: true }));
      await new Promise((resolve) => wss._server.once('upgrade', resolve));

      const closed = new Promise((resolve) => wss.close(resolve));

      answer(true);
      await peer.untilEnd();
      assert.match(`${peer.received}`, /^HTTP\/1\.1 503 Service Unavailable\r/);
      peer.socket.end();
      await closed;
    });

    it('may be gone before verifyClient answers', async () => {
      let answer;
      const wss = await scope.listen(native, {
        verifyClient: (info, callback) => {
          answer = callback;
        }
      });
      const peer = await rawConnect(wss);

      peer.write(upgradeRequest());
      await new Promise((resolve) => wss._server.once('upgrade', resolve));

      const closed = once(wss, 'connection').then(([ws]) => once(ws, 'close'));

      peer.socket.resetAndDestroy();
      await peer.untilClosed();
      answer(true);
      assert.strictEqual((await closed)[0], 1006);
    });

    it('cannot be upgraded twice', async () => {
      const wss = await scope.listen(native);
      const error = new Promise((resolve) => {
        wss._server.on('upgrade', (req, socket, head) => {
          try {
            wss.handleUpgrade(req, socket, head, () => {});
          } catch (err) {
            resolve(err);
          }
        });
      });

      scope.connect(theirs, wss);
      assert.match((await error).message, /called more than once/);
    });
  });

  it('runs with 300 connections at once, ended in every way', async () => {
    const wss = await scope.listen(native);

    const closed = [];

    wss.on('connection', (ws, req) => {
      closed.push(once(ws, 'close'));
      echo(ws);
      if (req.url === '/terminate') ws.terminate();
      if (req.url === '/close') ws.close(4000);
    });

    const ways = ['/', '/terminate', '/close', '/leave'];
    const ended = [];

    for (let i = 0; i < 300; i++) {
      const client = new theirs.WebSocket(
        `ws://127.0.0.1:${wss.address().port}${ways[i % 4]}`
      );

      client.on('error', () => {});
      client.on('message', () => client.close());
      client.on('open', () => {
        if (i % 4 === 0) client.send('x'.repeat(i * 1000));
        if (i % 4 === 3) client.terminate();
      });
      ended.push(once(client, 'close'));
    }
    await Promise.all(ended);
    await new Promise((resolve) => wss.close(resolve));
    await Promise.all(closed);
    assert.strictEqual(closed.length, 300);
    assert.strictEqual(wss.clients.size, 0);
  });
});
