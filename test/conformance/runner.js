'use strict';

/**
 * Plays one case of a table against the module under test.
 *
 * A case is an object with these properties, all optional but `rfc` and `name`:
 *
 * - `rfc`, `name`: the document and section, and what is special
 * - `roles`: the roles of the module it is for, default both
 * - `options`: options of the module
 * - `deflate`: the parameters of permessage-deflate (see `deflateHeader()`)
 * - `do`: methods the module calls when it is open; `echo`: it sends back
 *   every message
 * - `send`: what the peer sends; `delivery`: how it is cut (see `cut()`);
 *   `early`: it comes together with the handshake
 * - `ending`: what the peer does then, see `ENDINGS`
 * - `events`: the messages, pings and pongs the module has to emit
 * - `wire`: the frames it has to send, without those of the ending
 * - `closes`: `[code, reason]` when `send` contains a close frame
 * - `fails`: the failure (see `errors.js`); `probe: false` if nothing is to be
 *   sent behind the frame that fails
 * - `late`: the failure that is reported when nothing can be sent any more
 * - `thrown`: the lines of what the methods in `do` throw
 * - `closed`: `[code, reason]` of 'close' if the ending does not tell
 * - `or`: properties of another outcome that is right too
 * - `keys`: how many masking keys there must be at least, or which
 * - `except`: names of modules that deliberately differ, with a `reason`
 */

const assert = require('assert');
const { setImmediate: turn } = require('timers/promises');

const {
  deflateHeader,
  request,
  response,
  sortedExtension
} = require('./handshake');
const { startClient, startServer } = require('./subject');
const { Peer, PeerServer } = require('./peer');
const { close, describe, frame, show, text } = require('./frames');
const { WireReader } = require('./wire');

/** How long, in ms, nothing may happen before a case is given up. */
const DEADLINE = Number(process.env.BEASTWS_TEST_DEADLINE) || 5000;

const PROBE = text('must not be seen');

/**
 * What the peer does after `send`, and what then has to come: the arguments of
 * 'close', and the lines of the wire.
 */
const ENDINGS = {
  // A closing handshake proves that the connection still works.
  close: { closed: [1000, ''], wire: ['close 1000 ""', 'FIN'] },
  // The module has to end the connection by itself.
  none: { closed: [1006, ''], wire: ['FIN'] },
  fin: { closed: [1006, ''], wire: ['FIN'] },
  'close and fin': { closed: [1000, ''], wire: ['close 1000 ""', 'FIN'] },
  // RST, once all events are there.
  reset: { closed: [1006, ''], wire: undefined },
  // The module starts the closing handshake, the peer answers it ...
  answer: { closed: undefined, wire: ['FIN'] },
  // ... or does not.
  'fin instead of close': { closed: [1006, ''], wire: ['FIN'] }
};

/**
 * Says what has to be observed.
 *
 * @param {Object} testCase The case
 * @param {String} role The role of the module
 * @return {Object} The lines of `events` and `wire`
 */
function expectation(testCase, role) {
  const { events = [], wire = [], thrown = [], fails, closes } = testCase;
  const expected = {
    events: [...thrown, ...events.map(describe)],
    wire: wire.map(describe)
  };

  if (fails) {
    const failure = fails[role] || fails;
    expected.events.push(failure.line, 'closed 1006 ""');
    expected.wire.push(`close ${failure.status} ""`, 'FIN');
    return expected;
  }

  const ending = ENDINGS[endingOf(testCase)];
  const [code, reason] = testCase.closed || closes || ending.closed;
  if (testCase.late) expected.events.push(testCase.late.line);
  expected.events.push(`closed ${code} ${show(Buffer.from(reason), true)}`);

  if (closes) {
    const echo = code === 1005 ? close() : close(code, reason);
    expected.wire.push(describe(echo), 'FIN');
  } else if (ending.wire) {
    expected.wire.push(...ending.wire);
  } else {
    expected.wire = undefined;
  }

  return expected;
}

/**
 * @param {Object} testCase The case
 * @return {String} Its ending
 */
function endingOf({ ending, fails, closes }) {
  return ending || (fails || closes ? 'none' : 'close');
}

/**
 * Lists everything the peer sends by itself.
 *
 * @param {Object} testCase The case
 * @return {Object[]} The frames
 */
function script(testCase) {
  const { send = [], fails, probe = true } = testCase;
  const ending = endingOf(testCase);

  if (fails && probe) return [...send, PROBE];
  if (!ending.startsWith('close')) return send;
  return [...send, close(1000)];
}

/**
 * Starts the module and the peer and joins them.
 *
 * @param {Object} game Gets `peer`, `recorder` (or a promise of it), `wire`,
 *     `closeSeen` and `stop()`
 * @param {Object} testCase The case
 * @param {String} role The role of the module
 * @param {Object} kind Options that choose the kind of connection
 * @return {Promise} Settled when the handshake is through
 */
async function join(game, testCase, role, kind) {
  const { deflate, options, delivery = 'whole' } = testCase;
  const extension = deflate ? deflateHeader(deflate, role) : undefined;
  const headers = extension ? { 'Sec-WebSocket-Extensions': extension } : {};
  const behaviour = { actions: testCase.do, echo: testCase.echo };
  const settings = { perMessageDeflate: !!deflate, ...options, ...kind };

  game.closeSeen = new Promise((resolve) => {
    game.wire = new WireReader({
      masked: role === 'client',
      deflate: deflate && {
        bits: deflate.ownBits || 15,
        takeover: deflate.ownTakeover !== false
      },
      onClose: resolve
    });
  });

  if (role === 'server') {
    const server = await startServer(settings, behaviour);
    game.stop = async () => {
      if (game.peer) game.peer.destroy();
      await server.stop();
    };
    game.peer = await Peer.connect(server.port);
    game.recorder = server.recorder;

    const early = testCase.early ? game.peer.encode(script(testCase)) : [];
    await game.peer.write([request({ headers }), ...early], delivery);
    const head = await game.peer.head;
    assert.match(head.first, /^HTTP\/1\.1 101 /);
    assert.strictEqual(
      sortedExtension(head.headers['sec-websocket-extensions']),
      sortedExtension(extension)
    );
    game.peer.readFrames(game.wire);
    return;
  }

  const listener = await PeerServer.listen();
  const url = `ws://127.0.0.1:${listener.port}`;
  const client = startClient(url, [], settings, behaviour);
  game.stop = () => Promise.all([client.stop(), listener.stop()]);
  game.recorder = client.recorder;
  game.peer = await listener.accepted;

  const head = await game.peer.head;
  game.peer.readFrames(game.wire);
  const early = testCase.early ? game.peer.encode(script(testCase)) : [];
  await game.peer.write(
    [response(head.headers['sec-websocket-key'], { headers }), ...early],
    testCase.early ? delivery : 'whole'
  );
}

/**
 * Plays the peer's part until both sides are closed.
 *
 * @param {Object} game What `join()` returned
 * @param {Object} testCase The case
 */
async function converse(game, testCase) {
  const { peer } = game;
  const ending = endingOf(testCase);

  const recorder = await game.recorder;

  if (!testCase.early) {
    // The frames must not come in one read with the handshake by chance.
    await recorder.opened;
    await turn();
    const bytes = peer.encode(script(testCase));
    await peer.write(bytes, testCase.delivery || 'whole');
  }

  if (ending === 'fin' || ending === 'close and fin') peer.end();
  if (ending === 'reset') {
    await recorder.reached((testCase.events || []).length);
    peer.reset();
  }
  if (ending === 'answer') {
    const payload = await Promise.race([game.closeSeen, peer.ended]);
    if (Buffer.isBuffer(payload)) {
      await peer.write(peer.encode([frame(8, payload)]), 'whole');
    }
  }
  if (ending === 'fin instead of close') {
    await Promise.race([game.closeSeen, peer.ended]);
    peer.end();
  }

  await peer.ended;
  peer.end();
  await recorder.closed;
}

/**
 * Lets a promise take only a limited time. An exception that nobody catches
 * ends the wait as well, and belongs to this case only.
 *
 * @param {Promise} promise The promise
 * @param {Function} explain Makes the error
 * @return {Promise} Settled as the promise, or rejected with the error
 */
async function within(promise, explain) {
  let timer;
  const failed = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(explain()), DEADLINE);
    process.setUncaughtExceptionCaptureCallback(reject);
  });

  try {
    return await Promise.race([promise, failed]);
  } finally {
    process.setUncaughtExceptionCaptureCallback(null);
    clearTimeout(timer);
  }
}

/**
 * Checks the masking keys of a client (RFC 6455 5.3): they cannot be predicted,
 * so that more than one collision among a few hundred is no chance.
 *
 * @param {(Number|String[]|undefined)} wanted How many keys, or which
 * @param {Set} keys The keys that were seen, as hex digits
 */
function checkKeys(wanted, keys) {
  if (Array.isArray(wanted)) assert.deepStrictEqual([...keys], wanted);
  else if (wanted) assert.ok(keys.size >= wanted - 1, `${keys.size} keys`);
}

/**
 * Plays a case.
 *
 * @param {Object} testCase The case
 * @param {String} role The role of the module, `'server'` or `'client'`
 * @param {Object} kind Options that choose the kind of connection
 * @return {Promise} Rejected with an AssertionError if it does not behave
 */
async function play(testCase, role, kind) {
  const outcomes = [testCase, ...(testCase.or || [])].map((outcome) =>
    expectation({ ...testCase, ...outcome }, role)
  );
  const game = {};
  let recorder;

  const observed = () => ({
    events: recorder ? recorder.lines : ['not open'],
    wire: outcomes[0].wire ? game.wire.lines : undefined
  });
  const late = (what) => () =>
    new assert.AssertionError({
      message: `${what} within ${DEADLINE} ms`,
      actual: observed(),
      expected: outcomes[0],
      operator: 'deepStrictEqual'
    });

  try {
    await within(
      (async () => {
        await join(game, testCase, role, kind);
        Promise.resolve(game.recorder).then((value) => {
          recorder = value;
        });
        await converse(game, testCase);
      })(),
      late('not closed on both sides')
    );

    const actual = observed();
    checkKeys(testCase.keys, game.wire.keys);
    const other = outcomes.slice(1).some((outcome) => {
      return JSON.stringify(outcome) === JSON.stringify(actual);
    });
    if (!other) assert.deepStrictEqual(actual, outcomes[0]);
  } finally {
    if (game.stop) await within(game.stop(), late('not stopped'));
  }
}

module.exports = { DEADLINE, play, within };
