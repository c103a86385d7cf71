'use strict';

/**
 * Plays one case about the opening handshake.
 *
 * A case for the server under test has
 *
 * - `options`: options of WebSocketServer
 * - `request`: what differs in the request (see `request()`), or `bytes`: all
 *   of it
 * - `opens`: headers the 101 has to have (undefined: must not have), by
 *   lower-case name; or
 * - `status`, `headers`, `body`: what else has to be replied
 *
 * A case for the client under test has
 *
 * - `options`, `protocols`: what WebSocket is called with; `target`: the part
 *   of the URL behind the port
 * - `asks`: the request line and headers (a string, a RegExp, or undefined)
 * - `response`: what differs in the response (see `response()`), or `bytes`:
 *   a function from the key to all of it
 * - `opens`: properties of the open WebSocket; or
 * - `fails`: the line of the error, or a RegExp
 */

const assert = require('assert');

const { KEY, acceptOf, parseHead, request, response } = require('./handshake');
const { startClient, startServer } = require('./subject');
const { DEADLINE, within } = require('./runner');
const { Peer, PeerServer } = require('./peer');
const { WireReader } = require('./wire');
const { close, text } = require('./frames');

/**
 * Compares headers.
 *
 * @param {Object} actual The headers, with lower-case names
 * @param {Object} expected Strings, regular expressions, or undefined
 */
function checkHeaders(actual, expected) {
  for (const [name, value] of Object.entries(expected)) {
    if (value instanceof RegExp) {
      assert.match(String(actual[name]), value, name);
    } else {
      assert.strictEqual(actual[name], value, name);
    }
  }
}

/**
 * Proves that an open connection works: a message, a ping and the closing
 * handshake.
 *
 * @param {Peer} peer The peer
 * @param {Recorder} recorder What the module emits
 * @param {Boolean} masked Whether the module masks
 */
async function checkConnection(peer, recorder, masked) {
  const wire = new WireReader({ masked });

  peer.readFrames(wire);
  await peer.write(peer.encode([text('Hello'), close(1000)]), 'whole');
  await peer.ended;
  peer.end();
  await recorder.closed;
  assert.deepStrictEqual(
    { events: recorder.lines, wire: wire.lines },
    {
      events: ['text (5) "Hello"', 'closed 1000 ""'],
      wire: ['close 1000 ""', 'FIN']
    }
  );
}

/**
 * Makes a promise fail when it takes too long.
 *
 * @param {Function} steps An async function
 * @param {Function} stop Cleans up
 */
async function limited(steps, stop) {
  const late = () => new Error(`not finished within ${DEADLINE} ms`);

  try {
    await within(steps(), late);
  } finally {
    await within(stop(), late);
  }
}

/**
 * Plays a case against the server under test.
 *
 * @param {Object} testCase The case
 * @param {String} role `'server'`
 * @param {Object} kind Options that choose the kind of connection
 */
async function playServer(testCase, role, kind) {
  const server = await startServer({ ...testCase.options, ...kind });
  let peer;

  await limited(
    async () => {
      peer = await Peer.connect(server.port);
      await peer.write(
        [testCase.bytes || request(testCase.request)],
        testCase.delivery || 'whole'
      );
      const head = await peer.head;

      if (testCase.opens) {
        assert.strictEqual(head.first, 'HTTP/1.1 101 Switching Protocols');
        checkHeaders(head.headers, {
          upgrade: 'websocket',
          connection: 'Upgrade',
          'sec-websocket-accept': acceptOf(KEY),
          'sec-websocket-protocol': undefined,
          'sec-websocket-extensions': undefined,
          ...testCase.opens
        });
        const recorder = await server.recorder;
        await checkConnection(peer, recorder, false);
        return;
      }

      await peer.ended;
      assert.strictEqual(head.first, `HTTP/1.1 ${testCase.status}`);
      checkHeaders(head.headers, testCase.headers || {});
      if (testCase.body !== undefined) {
        const body = parseHead(peer.bytes).rest.toString();
        assert.strictEqual(body, testCase.body);
      }
      assert.strictEqual(server.connections, 0);
    },
    async () => {
      if (peer) peer.destroy();
      await server.stop();
    }
  );
}

/**
 * Plays a case against the client under test.
 *
 * @param {Object} testCase The case
 * @param {String} role `'client'`
 * @param {Object} kind Options that choose the kind of connection
 */
async function playClient(testCase, role, kind) {
  const { asks, opens, fails, target = '/' } = testCase;
  const listener = await PeerServer.listen();
  const client = startClient(
    `ws://127.0.0.1:${listener.port}${target}`,
    testCase.protocols,
    { perMessageDeflate: false, ...testCase.options, ...kind }
  );
  const { recorder } = client;

  await limited(
    async () => {
      const peer = await listener.accepted;
      const head = await peer.head;
      const key = head.headers['sec-websocket-key'];

      if (asks) {
        const { line = 'GET / HTTP/1.1', ...headers } = asks;
        assert.strictEqual(head.first, line);
        checkHeaders(head.headers, {
          host: `127.0.0.1:${listener.port}`,
          upgrade: 'websocket',
          connection: 'Upgrade',
          'sec-websocket-key': /^[+/0-9A-Za-z]{22}==$/,
          'sec-websocket-version': '13',
          'sec-websocket-protocol': undefined,
          'sec-websocket-extensions': undefined,
          ...headers
        });
        assert.strictEqual(Buffer.from(key, 'base64').length, 16);
      }

      await peer.write(
        [
          testCase.bytes
            ? testCase.bytes(key)
            : response(key, testCase.response)
        ],
        testCase.delivery || 'whole'
      );

      if (fails) {
        // The client has to end the connection by itself.
        await recorder.closed;
        await peer.ended;
        assert.strictEqual(recorder.lines.length, 2, `${recorder.lines}`);
        if (fails instanceof RegExp) assert.match(recorder.lines[0], fails);
        else assert.strictEqual(recorder.lines[0], `error Error -: ${fails}`);
        assert.strictEqual(recorder.lines[1], 'closed 1006 ""');
        assert.strictEqual(
          peer.bytes.length,
          peer.bytes.indexOf('\r\n\r\n') + 4,
          'something was sent behind the request'
        );
        return;
      }

      await recorder.opened;
      for (const [name, value] of Object.entries(opens)) {
        assert.strictEqual(recorder.ws[name], value, name);
      }
      await checkConnection(peer, recorder, true);
    },
    () => Promise.all([client.stop(), listener.stop()])
  );
}

module.exports = { playClient, playServer };
