'use strict';

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const net = require('net');
const os = require('os');
const path = require('path');

const { echo, tryEcho } = require('../integration/support/echo');
const { rawConnect } = require('../integration/support/raw-peer');
const { useScope } = require('../integration/support/scope');
const { slowness } = require('../support/sanitized');
const { http, native, theirs } = require('./support/parties');

describe('A native listener', () => {
  const scope = useScope();

  /**
   * Make a server that echoes and wait until it listens.
   *
   * @param {Object} options Options of `WebSocketServer`
   * @returns {Promise<WebSocketServer>} The server
   */
  async function listen(options) {
    const wss = scope.server(native.server(options));

    wss.on('connection', echo);
    await once(wss, 'listening');
    return wss;
  }

  it('listens on IPv4 and IPv6 by default, and says so at once', async () => {
    const wss = scope.server(native.server({ port: 0 }));
    const expected = scope.server(theirs.server({ port: 0 }));
    const { port, ...rest } = wss.address();

    assert.deepStrictEqual(
      { ...rest, port: 0 },
      { ...expected.address(), port: 0 }
    );
    assert.ok(port > 0);
    wss.on('connection', echo);
    await once(wss, 'listening');
    assert.strictEqual(wss._server.listening, true);
    await tryEcho(scope, theirs, `ws://127.0.0.1:${port}`);
    await tryEcho(scope, theirs, `ws://localhost:${port}`);
  });

  for (const host of ['127.0.0.1', 'localhost', '::1', '0.0.0.0']) {
    it(`listens on ${host}`, async () => {
      const wss = await listen({ port: 0, host });
      const expected = scope.server(theirs.server({ port: 0, host }));

      await once(expected, 'listening');
      assert.deepStrictEqual(
        { ...wss.address(), port: 0 },
        { ...expected.address(), port: 0 }
      );

      const { address, family, port } = wss.address();
      const name = family === 'IPv6' ? `[${address}]` : address;

      await tryEcho(scope, theirs, `ws://${name}:${port}`);
    });
  }

  it('shows both ends as a net.Socket does', async () => {
    const found = [];

    for (const party of [native, theirs]) {
      for (const target of ['127.0.0.1', '[::1]']) {
        const wss = scope.server(party.server({ port: 0 }));

        await once(wss, 'listening');

        const { port } = wss.address();
        const client = scope.connect(theirs, `ws://${target}:${port}`);
        const [ws] = await once(wss, 'connection');
        const { _socket: socket } = ws;

        await once(client, 'open');
        assert.strictEqual(socket.localPort, port);
        assert.strictEqual(socket.remotePort, client._socket.localPort);
        assert.strictEqual(socket.address().port, port);
        found.push([
          socket.remoteAddress,
          socket.remoteFamily,
          socket.localAddress,
          socket.localFamily,
          socket.address().address,
          socket.address().family
        ]);
      }
    }
    assert.deepStrictEqual(found.slice(0, 2), found.slice(2));
  });

  it('listens on a unix socket', async () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'native-'));
    const file = path.join(dir, 'socket');

    scope.defer(() => fs.rmSync(dir, { recursive: true }));

    const wss = await listen({ port: file });

    assert.strictEqual(wss.address(), file);
    await tryEcho(scope, theirs, `ws+unix://${file}:/x`);

    const [ws] = wss.clients;

    assert.strictEqual(ws._socket.remoteAddress, undefined);
    assert.deepStrictEqual(ws._socket.address(), {});

    const other = native.server({ port: file });
    const [err] = await once(other, 'error');

    assert.strictEqual(err.code, 'EADDRINUSE');
    assert.strictEqual(err.address, file);
    assert.strictEqual(err.port, undefined);
    for (const client of wss.clients) client.terminate();
    await new Promise((resolve) => wss.close(resolve));
    assert.strictEqual(fs.existsSync(file), false);
  });

  it('shares a port by reusePort', async () => {
    const first = await listen({ port: 0, host: '127.0.0.1', reusePort: true });
    const { port } = first.address();

    await listen({ port, host: '127.0.0.1', reusePort: true });
  });

  describe('fails as an http.Server', () => {
    /**
     * Try to listen.
     *
     * @param {Party} party Which server
     * @param {Object} options Options of `WebSocketServer`
     * @returns {Promise<Object>} The error's members
     */
    async function fail(party, options) {
      try {
        const [err] = await once(scope.server(party.server(options)), 'error');

        return { emitted: true, message: err.message, ...err };
      } catch (err) {
        return { name: err.name, message: err.message, code: err.code };
      }
    }

    it('on a port in use', async () => {
      const other = scope.listener(net.createServer());

      other.listen(0);
      await once(other, 'listening');

      const { port } = other.address();

      for (const host of [undefined, '::', '127.0.0.1']) {
        const err = await fail(native, { port, host });

        assert.deepStrictEqual(err, await fail(http, { port, host }));
        assert.strictEqual(err.code, 'EADDRINUSE');
      }
    });

    for (const options of [
      { port: 0, host: '192.0.2.1' },
      { port: 0, host: 'name.invalid' },
      { port: -1 },
      { port: 65536 },
      { port: NaN },
      { port: 1.5 }
    ]) {
      it(`with ${JSON.stringify(options)}`, async () => {
        assert.deepStrictEqual(
          await fail(native, options),
          await fail(http, options)
        );
      });
    }
  });

  it('refuses options that cannot be', () => {
    const make = (options) => () => native.server(options);

    assert.throws(make({ noServer: true }), TypeError);
    assert.throws(make({ server: {} }), TypeError);
    assert.throws(make({ port: 0, tls: { SNICallback() {} } }), TypeError);
    assert.throws(make({ noServer: true, tls: {} }), TypeError);
    assert.throws(make({ port: 0, tls: {}, native: false }), TypeError);
    assert.throws(make({ port: 0, ioThread: false }), TypeError);
    assert.throws(make({ port: 0, handshakeTimeout: 0 }), RangeError);
    assert.throws(make({ port: 0, handshakeTimeout: '1' }), TypeError);
    assert.throws(make({ port: 0, maxHandshakes: 0 }), RangeError);
    assert.throws(make({ port: 0, maxHeaderSize: Infinity }), RangeError);
  });

  describe('close()', () => {
    it('frees the port in the same tick', async () => {
      const first = await listen({ port: 0, host: '127.0.0.1' });
      const { port } = first.address();
      const closed = once(first, 'close');

      first.close();

      const second = native.server({ port, host: '127.0.0.1' });

      scope.server(second).on('connection', echo);
      await Promise.all([closed, once(second, 'listening')]);
      assert.strictEqual(first.address(), null);
      await tryEcho(scope, theirs, `ws://127.0.0.1:${port}`);
    });

    it('waits for connections, and comes before the last close', async () => {
      const wss = await listen({ port: 0, host: '127.0.0.1' });
      const ws = await tryEcho(
        scope,
        theirs,
        `ws://127.0.0.1:${wss.address().port}`
      );
      const [peer] = wss.clients;
      const order = [];

      peer.on('close', () => order.push('websocket'));
      wss.on('close', () => order.push('server'));
      wss.close();
      ws.send('still there');
      assert.strictEqual(`${(await once(ws, 'message'))[0]}`, 'still there');
      assert.deepStrictEqual(order, []);

      const closed = once(peer, 'close');

      ws.close();
      await closed;
      assert.deepStrictEqual(order, ['server', 'websocket']);
    });

    it('ends idle connections and answers late requests with 503', async () => {
      const wss = await listen({ port: 0, host: '127.0.0.1' });
      const { port } = wss.address();
      const idle = await rawConnect(port);
      const late = await rawConnect(port);

      scope.stream(idle.socket);
      scope.stream(late.socket);
      late.write('GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n');

      const count = () =>
        new Promise((resolve) =>
          wss._server.getConnections((err, number) => resolve(number))
        );
      const early = await rawConnect(port);

      // Served behind the others.
      scope.stream(early.socket);
      early.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await early.until(() => early.head !== null);
      assert.strictEqual(await count(), 3);

      const closed = new Promise((resolve) => wss.close(resolve));

      await idle.untilClosed();
      await early.untilClosed();
      late.write('Connection: Upgrade\r\n\r\n');
      await late.untilEnd();
      assert.match(`${late.received}`, /^HTTP\/1\.1 503 Service Unavailable\r/);
      late.socket.end();
      await closed;
    });

    it('before it listens', async () => {
      const wss = native.server({ port: 0, host: '127.0.0.1' });

      wss.on('listening', () => assert.fail('listens'));
      await new Promise((resolve) => wss.close(resolve));
      assert.strictEqual(wss.address(), null);
    });
  });

  it('does not keep the process alive after unref()', async () => {
    const { status, stdout } = require('child_process').spawnSync(
      process.execPath,
      [
        '-e',
        `const { WebSocketServer } = require(${JSON.stringify(
          path.resolve(__dirname, '../..')
        )});
        const wss = new WebSocketServer({ port: 0, native: true });
        wss.on('listening', () => { wss._server.unref(); });
        process.on('exit', () => console.log('ended'));`
      ],
      { encoding: 'utf8', timeout: 8000 * slowness }
    );

    assert.strictEqual(stdout, 'ended\n');
    assert.strictEqual(status, 0);
  });
});
