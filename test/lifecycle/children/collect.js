'use strict';

// Needs --expose-gc. Tells what the garbage collector cannot get rid of.
// Arguments: the index of the kind, what to look at.

const { once } = require('events');

const { kinds } = require('../../integration/kinds');
const { rawClient } = require('../../integration/support/raw-peer');

const kind = kinds[process.argv[2]];

/**
 * Collect garbage until a condition holds, or for five seconds.
 *
 * @param {Function} condition Returns true when that is enough
 */
async function collect(condition) {
  for (let i = 0; i < 500 && !condition(); i++) {
    global.gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const looks = {
  /** How many of 100 closed connections on both sides are collected. */
  async sockets() {
    const wss = await kind.listen();
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);

    wss.on('connection', (ws) => {
      registry.register(ws);
      registry.register(ws._socket);
      ws.on('message', (data) => ws.send(data));
    });

    const one = async (i) => {
      const ws = kind.connect(wss);

      registry.register(ws);
      await once(ws, 'open');
      registry.register(ws._socket);
      ws.send(Buffer.alloc(1000 * i));
      await once(ws, 'message');
      if (i % 3 === 0) ws.close();
      else if (i % 3 === 1) ws.terminate();
      else ws._socket.destroy();
      await once(ws, 'close');
    };

    for (let i = 0; i < 100; i++) await one(i);
    while (wss.clients.size) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await collect(() => collected >= 396);
    await new Promise((resolve) => wss.close(resolve));
    return collected;
  },

  /** How many of 100 failed handshakes are collected. */
  async failures() {
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    const wss = await kind.listen({ verifyClient: () => false });

    const one = async (i) => {
      const ws = kind.connect(wss);

      registry.register(ws);
      ws.on('error', () => {});
      if (i % 2) ws.terminate();
      await new Promise((resolve) => ws.on('close', () => resolve()));
    };

    for (let i = 0; i < 100; i++) await one(i);
    await collect(() => collected >= 98);
    await new Promise((resolve) => wss.close(resolve));
    return collected;
  },

  /** How many open connections without references of the user are lost. */
  async open() {
    const wss = await kind.listen({ clientTracking: false });
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    let messages = 0;

    wss.on('connection', (ws) => {
      registry.register(ws);
      ws.on('message', () => messages++);
    });

    const peers = await Promise.all(
      Array.from({ length: 20 }, () => rawClient(wss))
    );

    await collect(() => collected > 0 || !--looks.patience);
    for (const peer of peers) {
      await peer.write([0x81, 0x80, 0, 0, 0, 0]);
    }
    while (messages < 20 && collected === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const peer of peers) peer.socket.destroy();
    await new Promise((resolve) => wss.close(resolve));
    return { collected, messages };
  },

  /** How much memory is left of messages that nobody keeps, in MiB. */
  async payloads() {
    const wss = await kind.listen({ maxPayload: 0 });
    const connection = once(wss, 'connection');
    const client = kind.connect(wss);

    await once(client, 'open');

    const [server] = await connection;
    const before = process.memoryUsage();

    for (const size of [100, 20000, 100000, 4000000]) {
      for (let round = 0; round < 5; round++) {
        const count = Math.ceil(20000000 / size / 5);
        let got = 0;
        const done = new Promise((resolve) => {
          server.on('message', () => {
            if (++got === count) resolve();
          });
        });

        for (let i = 0; i < count; i++) client.send(Buffer.alloc(size));
        await done;
        server.removeAllListeners('message');
      }
    }

    const left = () => {
      const now = process.memoryUsage();

      return (now.arrayBuffers - before.arrayBuffers) / 1048576;
    };

    await collect(() => left() < 1);

    const arrayBuffers = left();
    const resident = (process.memoryUsage().rss - before.rss) / 1048576;

    client.close();
    await new Promise((resolve) => wss.close(resolve));
    return { arrayBuffers, resident };
  },

  /** How much a kept small message holds on to, in KiB. */
  async kept() {
    const wss = await kind.listen();
    const connection = once(wss, 'connection');
    const client = kind.connect(wss);

    await once(client, 'open');

    const [server] = await connection;
    const kept = [];
    const before = process.memoryUsage().arrayBuffers;

    for (let i = 0; i < 100; i++) {
      const got = once(server, 'message');

      client.send('x');
      kept.push((await got)[0]);
    }
    await collect(() => !--looks.patience);

    const held = process.memoryUsage().arrayBuffers - before;

    client.close();
    await new Promise((resolve) => wss.close(resolve));
    return held / 1024 / kept.length;
  },

  patience: 20
};

looks[process.argv[3]]().then((result) => {
  process.stdout.write(JSON.stringify(result));
});
