'use strict';

const assert = require('assert');
const { once } = require('events');
const net = require('net');

const { echo, tryEcho } = require('../integration/support/echo');
const { rawConnect } = require('../integration/support/raw-peer');
const { useScope } = require('../integration/support/scope');
const { native, theirs } = require('./support/parties');

describe('Limits of a native listener', () => {
  const scope = useScope();

  it('cut a handshake that takes too long', async () => {
    const wss = await scope.listen(native, { handshakeTimeout: 150 });
    const { port } = wss.address();
    const silent = await rawConnect(port);
    const half = await rawConnect(port);
    const start = Date.now();

    scope.stream(silent.socket);
    scope.stream(half.socket);
    half.write('GET / HTTP/1.1\r\nHost:');

    const dripping = setInterval(() => half.socket.write('a'), 20);

    half.socket.on('error', () => {});
    await Promise.all([silent.untilEnd(), half.untilEnd()]);
    clearInterval(dripping);
    assert.ok(Date.now() - start >= 120);
    assert.strictEqual(silent.received.length, 0);
    assert.strictEqual(
      `${half.received}`,
      'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'
    );
  });

  it('leave websockets alone that took their time before', async () => {
    const wss = await scope.listen(native, { handshakeTimeout: 100 });

    wss.on('connection', echo);

    const ws = await tryEcho(
      scope,
      theirs,
      `ws://127.0.0.1:${wss.address().port}`
    );

    await new Promise((resolve) => setTimeout(resolve, 250));
    ws.send('x');
    await once(ws, 'message');
  });

  it('apply to the size of a head', async () => {
    const wss = await scope.listen(native, { maxHeaderSize: 500 });
    const { port } = wss.address();
    const connect = (size) =>
      scope.connect(theirs, `ws://127.0.0.1:${port}`, {
        headers: { 'X-Long': 'a'.repeat(size) }
      });

    await once(connect(200), 'open');

    const [err] = await once(connect(400), 'error');

    assert.strictEqual(err.message, 'Unexpected server response: 431');
  });

  it('drop the oldest handshake for a new one', async () => {
    const wss = await scope.listen(native, { maxHandshakes: 3 });

    wss.on('connection', echo);

    const { port } = wss.address();
    const peers = [];

    for (let i = 0; i < 4; i++) {
      const peer = await rawConnect(port);

      scope.stream(peer.socket);
      peers.push(peer);
    }
    await peers[0].untilClosed();
    await tryEcho(scope, theirs, `ws://127.0.0.1:${port}`);
    await peers[1].untilClosed();
    assert.strictEqual(peers[2].closed, false);
    assert.strictEqual(peers[3].closed, false);
  });

  it('bound what 2000 slow handshakes cost', async function () {
    this.timeout(30000);

    const wss = await scope.listen(native, {
      handshakeTimeout: 1500,
      maxHandshakes: 1000
    });

    wss.on('connection', echo);

    const { port } = wss.address();
    const before = process.memoryUsage().arrayBuffers;
    const slow = [];
    let open = 0;

    for (let i = 0; i < 2000; i++) {
      const socket = net.connect(port, '127.0.0.1');

      scope.stream(socket);
      socket.resume();
      socket.on('error', () => {});
      socket.on('close', () => open--);
      slow.push(once(socket, 'close'));
      await once(socket, 'connect');
      open++;
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Half:');
      // Those who are quick are served meanwhile.
      if (i % 500 === 499) {
        await tryEcho(scope, theirs, `ws://127.0.0.1:${port}`);
      }
    }

    const count = await new Promise((resolve) =>
      wss._server.getConnections((err, number) => resolve(number))
    );

    assert.ok(count <= 1000 + 4, `${count} connections`);
    assert.ok(open <= 1004, `${open} open`);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1e7);
    await Promise.all(slow);
    await tryEcho(scope, theirs, `ws://127.0.0.1:${port}`);
  });
});
