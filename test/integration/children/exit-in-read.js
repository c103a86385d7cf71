'use strict';

// Forks a server that ends its process while it emits the second of three
// messages of one read, and prints what it has answered.

const { fork } = require('child_process');
const { once } = require('events');

const { frame, TEXT } = require('../support/frames');
const { rawClient } = require('../support/raw-peer');

/** The server's process. */
function serve() {
  const WebSocket = require('../../..');
  const wss = new WebSocket.Server(
    { host: '127.0.0.1', ioThread: false, port: 0 },
    () => process.send(wss.address().port)
  );

  wss.on('connection', (ws) => {
    process.on('exit', () => ws.send('from exit'));
    ws.on('message', (data) => {
      ws.send(`answer to ${data}`);
      if (`${data}` === 'b') process.exit();
    });
  });
}

/** The client's process. */
async function ask() {
  const child = fork(__filename, ['serve']);

  process.on('exit', () => child.kill());

  const [port] = await once(child, 'message');
  const peer = await rawClient(port);
  const mask = { mask: true };

  await peer.write(
    frame(TEXT, 'a', mask),
    frame(TEXT, 'b', mask),
    frame(TEXT, 'c', mask)
  );
  await peer.untilEnd();
  process.stdout.write(
    JSON.stringify(peer.frames.map(({ payload }) => `${payload}`))
  );
}

if (process.argv[2] === 'serve') serve();
else ask();
