'use strict';

// Throws in a listener or a callback and tells what came of it.
// Arguments: the index of the kind, where to throw.

const { once } = require('events');

const { kinds } = require('../kinds');
const { closeFrame, frame, PING, PONG, TEXT } = require('../support/frames');
const { rawClient } = require('../support/raw-peer');

const kind = kinds[process.argv[2]];
const place = process.argv[3];
const boom = new Error('boom');
const log = [];

process.on('uncaughtException', (err, origin) => {
  log.push(`${err === boom ? 'boom' : err.stack} ${origin}`);
});

/**
 * Log an event and throw if it is the one.
 *
 * @param {string} name The event
 * @param {string} [text] What came with it
 */
function reach(name, text = '') {
  log.push(`${name}${text && ` ${text}`}`);
  if (name === place && !log.includes('boom uncaughtException')) throw boom;
}

/**
 * Listen to everything.
 *
 * @param {WebSocket} ws The websocket
 */
function watch(ws) {
  ws.on('message', (data) => reach('message', `${data}`));
  ws.on('ping', (data) => reach('ping', `${data}`));
  ws.on('pong', (data) => reach('pong', `${data}`));
  ws.on('error', (err) => reach('error', err.code));
  ws.on('close', (code) => reach('close', `${code}`));
}

/** Throw in a listener of the server's side. */
async function onServer() {
  const wss = await kind.listen();

  wss.on('connection', (ws) => {
    watch(ws);
    if (place === 'callback') ws.send('x', () => reach('callback'));
    reach('connection');
  });

  const peer = await rawClient(wss);
  const mask = { mask: true };

  await peer.write(
    frame(TEXT, 'a', mask),
    frame(TEXT, 'b', mask),
    frame(PING, 'c', mask),
    frame(PONG, 'd', mask)
  );
  for (let i = 0; i < 50; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await peer.write(frame(TEXT, 'e', mask));
  await peer.write(
    place === 'error' ? frame(3, '', mask) : closeFrame(1000, '', mask)
  );

  // After an exception ws answers nothing any more, so there is no event to
  // wait for.
  await Promise.race([
    peer.untilEnd(),
    new Promise((resolve) => setTimeout(resolve, 200))
  ]);
  peer.socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Throw in a listener of the client's side. */
async function onClient() {
  const wss = await kind.listen();

  wss.on('connection', (ws) => ws.send('a'));

  const ws = kind.connect(wss);

  watch(ws);
  ws.on('open', () => reach('open'));
  await once(ws, 'message');
  ws.close();
  await once(ws, 'close');
}

(place === 'open' ? onClient() : onServer()).then(() => {
  process.stdout.write(JSON.stringify(log), () => process.exit());
});
