'use strict';

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const net = require('net');
const tls = require('tls');

const { duplexPair } = require('../integration/support/duplex-pair');
const { useTls } = require('../support/tls-scope');

/** How many peers stop in the middle of a handshake. */
const COUNT = 200;

/**
 * @returns {number} How many descriptors this process has
 */
const descriptors = () => fs.readdirSync('/proc/self/fd').length;

describe('Half handshakes of TLS leave no descriptors behind', function () {
  this.timeout(30000);

  const scope = useTls();

  /**
   * Makes the first message of a client.
   *
   * @returns {Promise<Buffer>} The message, in a record
   */
  async function greeting() {
    const [above, below] = duplexPair();
    const client = scope.stream(tls.connect({ socket: above }));

    client.on('error', () => {});
    return (await once(below, 'data'))[0];
  }

  /**
   * Connects peers, each of which stops somewhere else.
   *
   * @param {WebSocketServer} server Where to
   * @returns {Promise<net.Socket[]>} They, when the server has heard of all
   */
  async function besiege(server) {
    const hello = await greeting();
    const sizes = [0, 1, 5, hello.length >> 1, hello.length];
    const sockets = [];
    let answers = 0;

    for (let i = 0; i < COUNT; i++) {
      const socket = scope.stream(net.connect(server.address().port));

      socket.on('error', () => {});
      // To the whole message the server answers.
      socket.once('data', () => answers++);
      await once(socket, 'connect');
      socket.write(hello.subarray(0, sizes[i % sizes.length]));
      sockets.push(socket);
    }
    while (answers < COUNT / sizes.length) {
      await new Promise((resolve) => setImmediate(resolve));
    }

    const count = await new Promise((resolve) =>
      server._server.getConnections((err, number) => resolve(number))
    );

    assert.strictEqual(count, COUNT);
    return sockets;
  }

  /**
   * Talks over a connection, and ends it.
   *
   * @param {WebSocketServer} server Where to
   */
  async function talk(server) {
    const { client } = await scope.pairTheirs(server);
    const gone = [...server.clients].map((ws) => once(ws, 'close'));

    client.send('hello');
    assert.strictEqual(`${(await once(client, 'message'))[0]}`, 'hello');
    client.close();
    await Promise.all([once(client, 'close'), ...gone]);
  }

  const closed = (sockets) =>
    Promise.all(
      sockets.map((socket) =>
        socket.closed ? undefined : new Promise((r) => socket.once('close', r))
      )
    );

  /** Waits until there are as many descriptors again, or fewer. */
  async function settle(before) {
    const end = Date.now() + 5000;

    while (descriptors() > before && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.ok(descriptors() <= before, `${descriptors()}, before ${before}`);
  }

  it('when they are cut by the timeout', async () => {
    const server = await scope.listenNatively({
      ...scope.pki.server,
      handshakeTimeout: 3000
    });
    const codes = [];

    server._server.on('tlsClientError', ({ code }) => codes.push(code));
    await talk(server);

    const before = descriptors();
    const sockets = await besiege(server);

    await talk(server);
    await closed(sockets);
    while (codes.length < COUNT) await once(server._server, 'tlsClientError');
    assert.deepStrictEqual([...new Set(codes)], ['ERR_TLS_HANDSHAKE_TIMEOUT']);
    await settle(before);
    await talk(server);
  });

  it('when peers reset them', async () => {
    const server = await scope.listenNatively();
    const codes = [];

    server._server.on('tlsClientError', ({ code }) => codes.push(code));
    await talk(server);

    const before = descriptors();
    const sockets = await besiege(server);

    for (const socket of sockets) socket.resetAndDestroy();
    await closed(sockets);
    while (codes.length < COUNT) await once(server._server, 'tlsClientError');
    assert.deepStrictEqual([...new Set(codes)], ['ECONNRESET']);
    await settle(before);
    await talk(server);
  });

  it('when the server closes', async () => {
    // What is made once for a process is there before.
    await talk(await scope.listenNatively());
    await scope.close();

    const before = descriptors();
    const server = await scope.listenNatively();
    const sockets = await besiege(server);
    const gone = once(server, 'close');

    server.close();
    await Promise.all([gone, closed(sockets)]);
    await settle(before);
  });
});
