'use strict';

const { once } = require('events');
const http = require('http');

const { closeFrame, frame, TEXT } = require('../support/frames');
const { describeError, Journal } = require('../support/journal');
const {
  rawClient,
  rawConnect,
  RawServer,
  upgradeRequest,
  upgradeResponse
} = require('../support/raw-peer');
const { Scope } = require('../support/scope');

/**
 * What a peer received, without what differs from run to run.
 *
 * @param {RawPeer} peer The peer
 * @returns {string[]} A line for each frame
 */
function wire(peer) {
  return peer.frames.map(
    ({ fin, rsv, opcode, masked, payload }) =>
      `${fin ? 'fin' : '...'} rsv ${rsv} opcode ${opcode}` +
      `${masked ? ' masked' : ''} ${payload.toString('hex')}`
  );
}

/**
 * Take ports and dates out of a text.
 *
 * @param {string} text The text
 * @returns {string} The text that remains the same
 */
function steady(text) {
  return text
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/Date: [^\r]*/g, 'Date: NOW');
}

/**
 * Run a function with a scope that is closed behind it.
 *
 * @param {Function} run Gets the scope
 * @returns {Promise<*>} What it returns
 */
async function within(run) {
  const scope = new Scope();

  try {
    return await run(scope);
  } finally {
    await scope.close();
  }
}

/**
 * A websocket and its raw peer.
 *
 * @param {Scope} scope Where to close them
 * @param {Party} party The module
 * @param {string} role 'client' or 'server': the websocket's
 * @param {Object} [options] Its options
 * @param {string} [extensions] The other side's Sec-WebSocket-Extensions
 * @returns {Promise<Object>} `{ ws, peer }`
 */
async function open(scope, party, role, options, extensions) {
  const lines = extensions ? [`Sec-WebSocket-Extensions: ${extensions}`] : [];

  if (role === 'server') {
    const wss = await scope.listen(party, options);
    const connection = once(wss, 'connection');
    const peer = await rawClient(wss, { lines, allowHalfOpen: true });

    scope.stream(peer.socket);
    return { ws: (await connection)[0], peer };
  }

  const server = await new RawServer((peer) => {
    peer.write(upgradeResponse(peer.head, lines));
  }).listen();

  scope.defer(() => server.close());

  const ws = scope.connect(party, server.url, options);

  await once(ws, 'open');
  return { ws, peer: await server.peer() };
}

/**
 * Send the frames of a case between two good messages.
 *
 * @param {Party} party The module
 * @param {Object} example The case
 * @param {string} role 'client' or 'server': who receives
 * @param {boolean} bytewise Whether each byte is written by itself
 * @returns {Promise<Object>} `{ events, wire }`
 */
function runFrames(party, example, role, bytewise) {
  return within(async (scope) => {
    const mask = role === 'server';
    const { ws, peer } = await open(
      scope,
      party,
      role,
      example.options,
      example.extensions
    );
    const journal = new Journal(ws);
    const bytes = Buffer.concat([
      frame(TEXT, 'before', { mask }),
      example.bytes(mask),
      ...(example.cut
        ? []
        : [frame(TEXT, 'after', { mask }), closeFrame(1000, '', { mask })])
    ]);

    if (bytewise) {
      for (const byte of bytes.subarray(0, 600)) await peer.write([byte]);
      if (bytes.length > 600) await peer.write(bytes.subarray(600));
    } else {
      await peer.write(bytes);
    }
    if (!example.cut) await peer.untilEnd();
    peer.socket.end();
    await journal.until('close');
    await peer.untilEnd();
    return { events: journal.lines, wire: wire(peer) };
  });
}

/**
 * Send a request to a server.
 *
 * @param {Party} party The module
 * @param {Object} example The case
 * @returns {Promise<Object>} `{ events, answer }`
 */
function runRequest(party, example) {
  return within(async (scope) => {
    const wss = await scope.listen(party, example.options);
    const journal = new Journal();

    wss.on('connection', (ws, req) => {
      journal.add(`connection ${req.url} '${ws.protocol}' '${ws.extensions}'`);
      ws.on('close', (code) => journal.add(`close ${code}`));
    });
    if (example.prepare) example.prepare(wss, journal);

    const peer = await rawConnect(wss);

    scope.stream(peer.socket);
    peer.write(`${example.lines.join('\r\n')}\r\n\r\n`, example.body || '');
    await peer.until(() => peer.head !== null || peer.closed);

    if (peer.head && peer.head.startsWith('HTTP/1.1 101')) {
      peer.write(closeFrame(1000, '', { mask: true }));
      await journal.until('close');
    } else if (peer.head && /keep-alive/i.test(peer.head)) {
      peer.socket.end();
    }
    await peer.untilClosed();
    return { events: journal.lines, answer: steady(`${peer.received}`) };
  });
}

/**
 * Answer the request of a client.
 *
 * @param {Party} party The module
 * @param {Object} example The case
 * @param {boolean} listens Whether there is an 'unexpected-response' listener
 * @returns {Promise<Object>} `{ events, requests }`
 */
function runResponse(party, example, listens) {
  return within(async (scope) => {
    const journal = new Journal();
    const requests = [];
    const server = await new RawServer((peer) => {
      requests.push(peer.head.replace(/^(Host|Sec-WebSocket-Key):.*/gm, '$1'));
      peer.write(example.respond(peer.head));
      if (example.end || /HTTP\/1.1 3/.test(example.respond(peer.head))) {
        peer.socket.end();
      }
    }).listen();

    scope.defer(() => server.close());

    const options =
      typeof example.options === 'function'
        ? example.options()
        : example.options;
    const ws = scope.connect(party, server.url, options);

    journal.watch(ws);
    ws.on('upgrade', (res) => journal.add(`upgrade ${res.statusCode}`));
    ws.on('redirect', (url) => journal.add(`redirect ${steady(url)}`));
    ws.on('open', () => {
      journal.add(`'${ws.protocol}' '${ws.extensions}' state ${ws.readyState}`);
      ws.terminate();
    });
    if (listens) {
      ws.on('unexpected-response', (req, res) => {
        journal.add(`unexpected-response ${res.statusCode} ${ws.readyState}`);
        res.on('data', (chunk) => journal.add(`data ${chunk}`));
        res.on('end', () => {
          journal.add('end');
          req.destroy();
          ws.close();
        });
        res.on('error', () => ws.close());
      });
    }
    await journal.until('close');
    return { events: journal.lines.map(steady), requests };
  });
}

/**
 * Make something that cannot be made.
 *
 * @param {Party} party The module
 * @param {Object} example The case
 * @returns {Promise<Object>} `{ events }`
 */
function runConstruction(party, example) {
  return within(async (scope) => {
    const journal = new Journal();
    const server = await new RawServer((peer) => {
      journal.add(peer.head.replace(/^(Host|Sec-WebSocket-Key):.*/gm, '$1'));
      peer.socket.destroy();
    }).listen();

    scope.defer(() => server.close());

    let made;

    try {
      made = example.call(party, server.url);
    } catch (err) {
      journal.add(`threw ${steady(describeError(err))}`);
      return { events: journal.lines };
    }

    if (made instanceof party.WebSocket && made.url !== undefined) {
      scope.socket(made);
      journal.watch(made);
      await journal.until('close');
    } else if (made instanceof party.WebSocketServer) {
      await new Promise((resolve) => {
        made.on('listening', () => {
          journal.add('listening');
          made.close(resolve);
        });
        made.on('error', (err) => {
          journal.add(`error ${describeError(err)}`);
          resolve();
        });
      });
    } else {
      journal.add(`made ${JSON.stringify(made)}`);
    }
    return { events: journal.lines.map(steady) };
  });
}

/**
 * Call something on a websocket and close it.
 *
 * @param {Party} party The module
 * @param {Object} example The case
 * @param {string} role 'client' or 'server'
 * @param {string} state 'connecting', 'open', 'closing' or 'closed'
 * @returns {Promise<Object>} `{ events, wire }`
 */
function runCall(party, example, role, state) {
  return within(async (scope) => {
    const journal = new Journal();
    const attempt = (ws) => {
      try {
        const result = example.call(ws, journal);

        journal.add(result === undefined ? 'returned' : `returned ${result}`);
      } catch (err) {
        journal.add(`threw ${describeError(err)}`);
      }
      journal.add(`state ${ws.readyState} buffered ${ws.bufferedAmount}`);
    };

    if (state === 'connecting') {
      const server = await new RawServer((peer) => {
        peer.write(upgradeResponse(peer.head));
      }).listen();

      scope.defer(() => server.close());

      const ws = scope.connect(party, server.url);

      journal.watch(ws);
      attempt(ws);
      await journal.until(
        (lines) =>
          lines.includes('open') || lines.some((line) => /^close/.test(line))
      );
      return { events: journal.lines };
    }

    const { ws, peer } = await open(scope, party, role, { closeTimeout: 5000 });

    journal.watch(ws);
    if (state === 'closing') ws.close(1000);
    if (state === 'closed') {
      ws.terminate();
      await journal.until('close');
    }
    attempt(ws);
    if (state === 'closed') {
      await new Promise((resolve) => setImmediate(resolve));
      return { events: journal.lines };
    }

    // Blobs are read asynchronously; a ping behind them marks the end.
    ws.ping('end of the call', undefined, () => {});
    if (state === 'open') ws.close(1000);
    await peer.until(
      () => peer.ended || peer.frames.some(({ opcode }) => opcode === 8)
    );
    peer.write(closeFrame(1000, '', { mask: role === 'server' }));
    await peer.untilEnd();
    peer.socket.end();
    await journal.until('close');
    return { events: journal.lines, wire: wire(peer) };
  });
}

/**
 * Upgrade a connection with options that throw.
 *
 * @param {Party} party The module
 * @param {Object} example The case
 * @returns {Promise<Object>} `{ events, answer }`
 */
function runUpgrade(party, example) {
  return within(async (scope) => {
    const journal = new Journal();
    const wss = scope.server(
      party.server({ noServer: true, ...example.options })
    );
    const server = scope.listener(http.createServer());

    server.on('upgrade', (req, socket, head) => {
      socket.on('error', () => {});
      try {
        wss.handleUpgrade(req, socket, head, (ws) => {
          journal.add('upgraded');
          ws.on('close', (code) => journal.add(`close ${code}`));
          ws.close(1000);
        });
        journal.add('returned');
      } catch (err) {
        journal.add(`threw ${describeError(err)}`);
        socket.destroy();
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');

    const peer = await rawConnect(server.address().port, {
      allowHalfOpen: true
    });

    scope.stream(peer.socket);
    peer.write(
      upgradeRequest([
        'Sec-WebSocket-Extensions: permessage-deflate',
        'Sec-WebSocket-Protocol: a, b'
      ])
    );
    await peer.until(
      () =>
        peer.ended ||
        peer.closed ||
        (/^HTTP\/1.1 101 /.test(peer.head) && peer.frames.length > 0)
    );
    peer.socket.end(closeFrame(1000, '', { mask: true }));
    await peer.untilClosed();
    return { events: journal.lines, answer: steady(`${peer.received}`) };
  });
}

module.exports = {
  runCall,
  runConstruction,
  runFrames,
  runRequest,
  runResponse,
  runUpgrade
};
