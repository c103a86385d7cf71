'use strict';

// Tries to send the socket of a WebSocket to another process.
// Arguments: the index of the kind, the options of `child.send()` as JSON.

const { fork } = require('child_process');
const { once } = require('events');

const { kinds } = require('../kinds');

if (process.send) {
  process.on('message', (message, handle) => {
    process.send(`${message} ${handle === undefined ? 'alone' : 'with it'}`);
    if (message === 'after') process.disconnect();
  });
} else {
  const kind = kinds[process.argv[2]];
  const options = JSON.parse(process.argv[3]);

  (async () => {
    const child = fork(__filename);
    const wss = await kind.listen();
    const connection = once(wss, 'connection');
    const client = kind.connect(wss);
    const log = [];

    await once(client, 'open');

    const [ws] = await connection;

    ws.on('message', (data) => ws.send(data));
    child.on('message', (message) => log.push(`child ${message}`));
    client.send('a');
    await once(client, 'message');

    try {
      log.push(
        await new Promise((resolve) => {
          child.send('socket', ws._socket, options, (err) =>
            resolve(err ? err.code : 'sent')
          );
        })
      );
    } catch (err) {
      log.push(err.message);
    }
    child.send('after');
    await once(child, 'disconnect');
    client.send('b');

    const [data] = await once(client, 'message');

    log.push(`${data} comes back`);
    client.close();
    await once(ws, 'close');
    wss.close();
    process.stdout.write(JSON.stringify(log));
  })();
}
