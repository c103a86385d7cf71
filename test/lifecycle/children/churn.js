'use strict';

// Opens connections and destroys them at random moments, under load.
// Arguments: the index of the kind, how many, the seed.

const { once } = require('events');
const net = require('net');

const { kinds } = require('../../integration/kinds');
const { closeFrame, frame } = require('../../integration/support/frames');
const { upgradeRequest } = require('../../integration/support/raw-peer');
const { descriptors } = require('./answer');

const kind = kinds[process.argv[2]];
const count = +process.argv[3];
let state = +process.argv[4];

/**
 * A random number.
 *
 * @param {number} limit More than the largest one
 * @returns {number} An integer
 */
function random(limit) {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % limit;
}

/**
 * Wait for a random number of turns of the event loop, none included.
 *
 * @returns {Promise} Fulfilled after them
 */
async function turns() {
  for (let i = random(6); i > 0; i--) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * End a socket in one of several ways.
 *
 * @param {net.Socket} socket The socket
 */
function end(socket) {
  const way = random(3);

  if (way === 0) socket.destroy();
  else if (way === 1) socket.resetAndDestroy();
  else socket.end(() => socket.destroySoon());
}

/**
 * A connection made of bytes that leaves somewhere on its way. Where TLS is
 * expected, the first of them are wrong already.
 *
 * @param {number} port The server's port
 */
async function rawConnection(port) {
  const socket = net.connect(port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.on('close', resolve));
  const bytes = Buffer.concat([
    Buffer.from(upgradeRequest()),
    frame(1, 'hello', { mask: true }),
    frame(2, Buffer.alloc(70000), { mask: true }),
    random(2) ? closeFrame(1000, 'bye', { mask: true }) : Buffer.alloc(0)
  ]);
  const cut = random(3) ? random(300) : random(bytes.length);

  socket.on('error', () => {});
  socket.resume();
  await turns();
  socket.write(bytes.subarray(0, cut));
  await turns();
  if (random(2)) socket.write(bytes.subarray(cut));
  await turns();
  end(socket);
  await closed;
}

/**
 * A client that is given up somewhere on its way.
 *
 * @param {WebSocketServer} wss The server
 */
async function client(wss) {
  const ws = kind.connect(wss, { perMessageDeflate: random(2) === 0 });
  const closed = new Promise((resolve) => ws.on('close', () => resolve()));
  const moment = random(7);

  const leave = () => {
    const way = random(4);

    if (way === 0) ws.close();
    else if (way === 1 && ws._socket) ws._socket.destroy();
    else ws.terminate();
  };

  ws.on('error', () => {});
  if (moment === 0) leave();
  else if (moment === 1) ws._req.on('socket', leave);
  else if (moment === 2) ws.on('upgrade', leave);
  else if (moment === 3) ws.on('open', leave);
  else if (moment === 4) {
    ws.on('open', () => {
      ws.send('x');
      ws.send(Buffer.alloc(70000), leave);
    });
  } else if (moment === 5) {
    ws.on('message', leave);
    ws.on('open', () => ws.send('x'));
  } else {
    turns().then(leave);
  }

  // Some of these ways leave it to the other side to answer.
  const timer = setTimeout(() => ws.terminate(), 1000);

  await closed;
  clearTimeout(timer);
}

/**
 * Wait until a server has no connections.
 *
 * @param {WebSocketServer} wss The server
 */
async function gone(wss) {
  const connections = () =>
    new Promise((resolve) => {
      wss._server.getConnections((err, number) => resolve(number));
    });

  // Those that verifyClient left behind are not websockets.
  while (wss.clients.size || (await connections())) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

(async () => {
  const wss = await kind.listen({
    perMessageDeflate: true,
    closeTimeout: 1000,
    verifyClient: ({ req }, callback) => {
      const way = random(10);

      if (way === 0) req.socket.destroy();
      if (way === 1) callback(false, 403);
      else if (way < 5) callback(true);
      else turns().then(() => callback(true));
    }
  });
  const steady = await kind.listen({ perMessageDeflate: true });
  let opened = 0;

  wss.on('headers', (headers, req) => {
    if (!random(20)) req.socket.destroy();
  });
  wss.on('connection', (ws) => {
    opened++;
    ws.on('error', () => {});
    ws.on('message', (data) => ws.send(data));

    const way = random(10);

    if (way === 0) ws.terminate();
    else if (way === 1) turns().then(() => ws.close(1001));
  });
  steady.on('connection', (ws) => ws.on('message', (data) => ws.send(data)));

  // The load: connections that must not notice any of it.
  const busy = Array.from({ length: 5 }, () => kind.connect(steady));
  let echoes = 0;
  let lost = 0;

  await Promise.all(busy.map((ws) => once(ws, 'open')));
  for (const ws of busy) {
    ws.on('close', () => lost++);
    ws.on('message', (data) => {
      echoes++;
      ws.send(data);
    });
  }

  for (const ws of busy) {
    for (let i = 0; i < 10; i++) ws.send(Buffer.alloc(1000));
  }

  const { port } = wss.address();

  /**
   * Open some connections, forty at a time, and wait for their end.
   *
   * @param {number} total How many
   */
  const open = async (total) => {
    let left = total;
    const lane = async () => {
      while (left-- > 0) await (random(2) ? rawConnection(port) : client(wss));
    };

    await Promise.all(Array.from({ length: 40 }, lane));
  };

  // Whatever is started once and kept is there after these.
  await open(100);
  await gone(wss);

  const before = descriptors();

  await open(count);
  await gone(wss);

  const after = descriptors();
  const result = { opened, echoes, lost, leaked: after - before };

  for (const ws of busy) ws.terminate();
  await Promise.all(
    [wss, steady].map((wss) => new Promise((resolve) => wss.close(resolve)))
  );
  process.stdout.write(JSON.stringify(result));
})();
