'use strict';

// Ends, or does not end, in one of many ways.
// Arguments: the index of the kind, the way, the URL to connect to ('' to
// listen and print the port).

const { kinds } = require('../../integration/kinds');

const kind = kinds[process.argv[2]];
const way = process.argv[3];
const url = process.argv[4];

const ways = {
  /** Send a lot and exit at once. */
  send(ws) {
    for (let i = 0; i < 200; i++) ws.send(`${i}`);
    ws.send(Buffer.alloc(60000, 'x'));
    ws.ping('ping');
    process.exit(3);
  },

  /** Send something larger than a socket takes at once. */
  sendLarge(ws) {
    ws.send(Buffer.alloc(1000000, 'x'));
    process.exit(3);
  },

  /** Start the closing handshake and exit. */
  close(ws) {
    ws.send('last words');
    ws.close(4000, 'bye');
    process.exit(3);
  },

  /** Terminate and exit. */
  terminate(ws) {
    ws.send('last words');
    ws.terminate();
    process.exit(3);
  },

  /** Exit inside of a listener. */
  exitInMessage(ws) {
    ws.on('message', () => process.exit(7));
    ws.send('ready');
  },

  /** Exit inside of a send callback. */
  exitInCallback(ws) {
    ws.send('ready', () => process.exit(8));
  },

  /** Let nobody catch an error. */
  throwInMessage(ws) {
    ws.on('message', () => {
      throw new Error('boom in a listener');
    });
    ws.send('ready');
  },

  /** Die without any chance to say so. */
  kill(ws) {
    ws.on('message', () => process.kill(process.pid, 'SIGKILL'));
    ws.send('ready');
  },

  /** Set the exit code and let the process end. */
  exitCode(ws) {
    process.exitCode = 9;
    ws.send('last words');
    ws.close(1000);
  },

  /** Send from an 'exit' listener. */
  exitListener(ws) {
    process.on('exit', () => ws.send('from the exit listener'));
    process.exit(3);
  },

  /** Do nothing: the connection keeps the process alive. */
  idle(ws) {
    ws.on('message', (data) => ws.send(data));
  },

  /** The connection does not keep the process alive. */
  unref(ws) {
    ws._socket.unref();
    ws.send('unreferenced');
  },

  /** It does again. */
  ref(ws) {
    ws._socket.unref();
    ws._socket.ref();
    ws.on('message', (data) => ws.send(data));
  },

  /** Close and wait for a peer that does not answer. */
  closeTimer(ws) {
    ws.close(1000);
  }
};

if (way === 'load') {
  kind.server({ noServer: true });
} else if (way === 'listenAndClose') {
  const wss = kind.server({ port: 0, host: '127.0.0.1' });

  wss.on('listening', () => wss.close());
} else if (way === 'refused') {
  kind.connect('ws://127.0.0.1:1').on('error', () => {});
} else if (way === 'abort') {
  const ws = kind.connect(url);

  ws.on('error', () => {});
  ws.close();
} else if (url) {
  const ws = kind.connect(url, { closeTimeout: 300 });

  ws.on('open', () => ways[way](ws));
} else {
  const wss = kind.server({ port: 0, host: '127.0.0.1' });

  wss.on('listening', () => console.log(wss.address().port));
  wss.on('connection', (ws) => {
    // Only the connection is left to keep the process alive.
    wss.close();
    ways[way](ws);
  });
}
