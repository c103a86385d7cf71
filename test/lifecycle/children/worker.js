'use strict';

// What a worker does. workerData: { index, way, url }.

const { once } = require('events');
const { parentPort, workerData } = require('worker_threads');

const { kinds } = require('../../integration/kinds');
const { urlOf } = require('../../integration/support/party');

const { index, way, url } = workerData;
const kind = kinds[index];

/**
 * Listen and echo.
 *
 * @returns {Promise<WebSocketServer>} The server
 */
async function listen() {
  const wss = await kind.listen();

  wss.on('connection', (ws) => {
    ws.on('message', (data, binary) => ws.send(data, { binary }));
    ws.on('error', () => {});
  });
  return wss;
}

const ways = {
  /** Echo until the last connection is gone. */
  async server() {
    const wss = await listen();

    parentPort.postMessage(wss.address().port);
    wss.on('connection', (ws) => {
      ws.on('close', () => {
        if (!wss.clients.size) wss.close();
      });
    });
  },

  /** Send numbers, count the echoes and close. */
  async client() {
    const ws = kind.connect(url);
    let count = 0;

    await once(ws, 'open');
    ws.on('message', (data) => {
      if (+`${data}` !== count) throw new Error(`${data} after ${count}`);
      if (++count === 1000) ws.close();
    });
    for (let i = 0; i < 1000; i++) ws.send(`${i}`);
    await once(ws, 'close');
    parentPort.postMessage(count);
  },

  /** Keep many connections busy for ever. */
  async busy() {
    const wss = await listen();
    const address = urlOf(wss);
    const clients = [url, address, address, address].map((to) =>
      kind.connect(to)
    );

    await Promise.all(clients.map((ws) => once(ws, 'open')));
    for (const ws of clients) {
      ws.on('message', (data) => ws.send(data));
      for (let i = 0; i < 5; i++) ws.send(Buffer.alloc(1000 * i));
    }
    parentPort.postMessage('ready');
  },

  /** The same with messages whose memory is lent in both directions. */
  async large() {
    const wss = await listen();
    const address = urlOf(wss);
    const clients = [url, address, address].map((to) => kind.connect(to));

    await Promise.all(clients.map((ws) => once(ws, 'open')));
    for (const ws of clients) {
      ws.on('message', (data) => ws.send(data));
      for (let i = 0; i < 5; i++) ws.send(Buffer.alloc(200000, i));
    }
    await once(clients[0], 'message');
    parentPort.postMessage('ready');
  },

  /** Open connections all the time. */
  async storm() {
    const wss = await listen();
    const address = urlOf(wss);

    parentPort.postMessage('ready');
    for (;;) {
      const ws = kind.connect(address);

      ws.on('error', () => {});
      await new Promise((resolve) => setImmediate(resolve));
    }
  },

  /** Exit inside of a listener. */
  async exit() {
    const ws = kind.connect(url);

    ws.on('message', () => process.exit(5));
    ws.on('open', () => ws.send('x'));
  },

  /** Throw inside of a listener. */
  async throw() {
    const ws = kind.connect(url);

    ws.on('message', () => {
      throw new Error('boom in a worker');
    });
    ws.on('open', () => ws.send('x'));
  }
};

ways[way]();
