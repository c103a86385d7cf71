'use strict';

/**
 * Calls that make something. `call(party, url)` gets the module and the URL
 * of a raw server that never answers.
 */
const constructions = [];

/**
 * Calls on a websocket. `call(ws, log)`; what it throws is compared as well.
 */
const calls = [];

/**
 * Add a construction.
 *
 * @param {string} title What is wrong
 * @param {Function} call `(party, url)`
 */
function construct(title, call) {
  constructions.push({ title, call });
}

/**
 * Add a call on a websocket.
 *
 * @param {string} title The call
 * @param {Function} call `(ws, log)`
 */
function on(title, call) {
  calls.push({ title, call });
}

for (const address of [
  '',
  'foo',
  'ws:',
  'ws://',
  'ws://[',
  'ws://127.0.0.1:99999',
  'ws://127.0.0.1:1/#',
  'ws://127.0.0.1/#x',
  'http://127.0.0.1/#x',
  'ftp://127.0.0.1',
  'file:///x',
  'ws+unix:',
  'ws+unix://',
  'ws+unix:#x',
  '//127.0.0.1'
]) {
  construct(`new WebSocket('${address}')`, (party) => party.connect(address));
}
construct('new WebSocket()', ({ WebSocket }) => new WebSocket());
construct(
  'new WebSocket(undefined)',
  ({ WebSocket }) => new WebSocket(undefined)
);
construct('new WebSocket(5)', ({ WebSocket }) => new WebSocket(5));
construct('new WebSocket({})', ({ WebSocket }) => new WebSocket({}));
construct('new WebSocket(null)', ({ WebSocket }) => new WebSocket(null));
construct('WebSocket() without new', ({ WebSocket }) => WebSocket('ws://x'));
construct('WebSocketServer() without new', ({ WebSocketServer }) =>
  WebSocketServer({ port: 0 })
);

for (const protocols of [
  null,
  '',
  ' ',
  'a b',
  'a,b',
  'ä',
  5,
  true,
  ['a', 'a'],
  ['a', ''],
  [5],
  [null],
  [['a']]
]) {
  construct(`protocols ${JSON.stringify(protocols)}`, (party, url) => {
    return new party.WebSocket(url, protocols, party.options);
  });
  construct(`option protocols ${JSON.stringify(protocols)}`, (party, url) =>
    party.connect(url, { protocols })
  );
}
for (const protocolVersion of [0, 7, 12, 14, '13', null, NaN]) {
  construct(
    `protocolVersion ${JSON.stringify(protocolVersion)}`,
    (party, url) => party.connect(url, { protocolVersion })
  );
}
for (const [name, options] of Object.entries({
  'a header with a bad name': { headers: { 'a b': 'x' } },
  'a header with a bad value': { headers: { a: 'x\ny' } },
  'a header without value': { headers: { a: undefined } },
  'an agent that is none': { agent: 5 },
  'a bad origin': { origin: 'a\r\nb' },
  'a signal that is none': { signal: {} },
  'a bad family': { family: 5 },
  'a bad lookup': { lookup: 5 },
  'a bad localAddress': { localAddress: 'x' },
  'a bad timeout': { handshakeTimeout: 'x' },
  'a bad generateMask': { generateMask: 5 },
  'an insecure parser that is none': { insecureHTTPParser: 5 },
  'unknown options': { foo: 1, maxPayload: 'x', perMessageDeflate: 5 }
})) {
  construct(name, (party, url) => party.connect(url, options));
}
construct('createConnection that throws', (party, url) =>
  party.connect(url, {
    createConnection: () => {
      throw new Error('not today');
    }
  })
);
for (const [name, options] of Object.entries({
  'no options': undefined,
  'null as options': null,
  'empty options': {},
  'port and server': { port: 0, server: {} },
  'port and noServer': { port: 0, noServer: true },
  'server and noServer': { server: {}, noServer: true },
  'noServer false': { noServer: false },
  'port 65536': { port: 65536 },
  'port -1': { port: -1 },
  'port NaN': { port: NaN },
  "port 'x'": { port: 'x' },
  'a server that is none': { server: {} },
  'a port of somebody else': { port: 0, host: '192.0.2.1' }
})) {
  construct(
    `new WebSocketServer: ${name}`,
    ({ WebSocketServer, options: o }) =>
      options && Object.keys(options).length
        ? new WebSocketServer({ ...o, ...options })
        : new WebSocketServer(options)
  );
}
construct('address() without a server', (party) =>
  party.server({ noServer: true }).address()
);
construct('handleUpgrade() without arguments', (party) =>
  party.server({ noServer: true }).handleUpgrade()
);
construct('createWebSocketStream() of nothing', ({ WebSocket }) =>
  WebSocket.createWebSocketStream()
);
for (const offers of [
  '',
  ';',
  'a;',
  'a; b=',
  'a; b="',
  'a b',
  ',a',
  'a; "b"'
]) {
  construct(`extension.parse('${offers}')`, ({ WebSocket }) =>
    WebSocket.extension.parse(offers)
  );
}
for (const header of ['', ',', 'a,', 'a,,b', 'a b', 'a, a', 'ä', ' a']) {
  construct(`subprotocol.parse('${header}')`, ({ WebSocket }) =>
    WebSocket.subprotocol.parse(header)
  );
}

// Made anew for each call: ws masks a SharedArrayBuffer in place.
const values = () => ({
  'a symbol': Symbol('x'),
  'a function': () => {},
  'an object': {},
  'an object with length': { length: 2 },
  true: true,
  false: false,
  'a bigint': 10n,
  'a date': new Date(0),
  'a map': new Map(),
  null: null,
  'nothing at all': undefined,
  'not a number': NaN,
  'a boxed string': new String('x'),
  'a nested array': [[1, 2], 3],
  'an array of strings': ['a', '7'],
  'a serialised buffer': { type: 'Buffer', data: [97, 98] },
  'a SharedArrayBuffer': new SharedArrayBuffer(2),
  'a lone surrogate': '\ud800'
});

for (const name of Object.keys(values())) {
  on(`send(${name})`, (ws) => ws.send(values()[name]));
  on(`ping(${name})`, (ws) => ws.ping(values()[name]));
  on(`close(1000, ${name})`, (ws) => ws.close(1000, values()[name]));
  on(`close(${name})`, (ws) => ws.close(values()[name]));
}
for (const code of [0, 1, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5]) {
  on(`close(${code})`, (ws) => ws.close(code));
}
on('close with a reason of 124 bytes', (ws) => ws.close(1000, 'x'.repeat(124)));
on('close with a reason of 124 bytes in 62 characters', (ws) =>
  ws.close(1000, 'ü'.repeat(62))
);
on('close with a reason that is not UTF-8', (ws) =>
  ws.close(1000, Buffer.from([0xff]))
);
on('close with a reason and no code', (ws) => ws.close(undefined, 'x'));
on('close twice', (ws) => {
  ws.close(1001);
  ws.close(999);
});
for (const method of ['ping', 'pong']) {
  on(`${method} of 126 bytes`, (ws) => ws[method](Buffer.alloc(126)));
  on(`${method} of a Blob of 126 bytes`, (ws) =>
    ws[method](new Blob([Buffer.alloc(126)]))
  );
  on(`${method} of 126 bytes in 63 characters`, (ws) =>
    ws[method]('ü'.repeat(63))
  );
  on(`${method} with arguments left out`, (ws, log) => {
    ws[method](() => log.add('callback'));
    ws[method]('x', () => log.add('callback'));
    ws[method](null, null, () => log.add('callback'));
  });
}
for (const method of ['ping', 'pong', 'send']) {
  on(`${method} with everything and a callback`, (ws, log) => {
    ws[method]('abc', undefined, (err) => {
      log.add(err ? `${err.name} ${err.message}` : 'sent');
    });
    log.add(`buffered ${ws.bufferedAmount}`);
  });
}
on('send with null as options', (ws) => ws.send('x', null));
on('send with a string as options', (ws) => ws.send('x', 'binary'));
on('send with odd options', (ws) => {
  ws.send('x', { binary: 1, fin: 'yes', compress: 1 });
  ws.send('y', { binary: undefined, fin: undefined });
  ws.send('z');
});
on('send with the other masking', (ws) => {
  ws.send('x', { mask: ws._isServer });
  ws.send('y', { mask: ws._isServer, binary: true });
});
on('send of an unreadable Blob', (ws, log) => {
  const blob = new Blob(['x']);

  blob.arrayBuffer = () => Promise.reject(new TypeError('unreadable'));
  ws.send(blob, (err) => log.add(`callback ${err && err.message}`));
  ws.send('behind', (err) => log.add(`callback ${err && err.message}`));
});
on('binaryType of unknown values', (ws, log) => {
  for (const type of ['', 'text', 'NODEBUFFER', null, 5, {}]) {
    ws.binaryType = type;
    log.add(ws.binaryType);
  }
});
on('assignment of what is read-only', (ws, log) => {
  for (const name of [
    'readyState',
    'bufferedAmount',
    'extensions',
    'isPaused',
    'protocol',
    'url',
    'OPEN'
  ]) {
    try {
      ws[name] = 'x';
      log.add(`${name} assigned`);
    } catch (err) {
      log.add(`${name} ${err.name}`);
    }
  }
});
on('listeners that are none', (ws, log) => {
  for (const listener of [null, undefined, 5, 'x', {}]) {
    ws.onmessage = listener;
    log.add(String(ws.onmessage));
    try {
      ws.addEventListener('foo', listener);
      ws.removeEventListener('message', listener);
      log.add('nothing');
    } catch (err) {
      log.add(`${err.name} ${err.message}`);
    }
  }
});
on('pause() and resume() in any state', (ws, log) => {
  ws.resume();
  ws.pause();
  log.add(`${ws.isPaused}`);
  ws.resume();
  log.add(`${ws.isPaused}`);
});
on('terminate() twice', (ws) => {
  ws.terminate();
  ws.terminate();
});

module.exports = { calls, constructions };
