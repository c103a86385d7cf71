'use strict';

const assert = require('assert');
const { once } = require('events');
const uWS = require('@rjweb/uws');
const WebSocket = require('beastws');

const { cleanup } = require('./support/cleanup');

/**
 * What the chat does with a command. `ws` and `app` have the words of
 * uWebSockets.js, whoever makes them.
 *
 * @param {Object} app `publish()` and `numSubscribers()`
 * @param {Object} ws The connection
 * @param {string} name Whose it is
 * @param {string} command The command
 */
function answer(app, ws, name, command) {
  const [verb, room, ...words] = command.split(' ');
  const reply = (value) => ws.send(`${verb} ${room}: ${value}`);

  switch (verb) {
    case 'join':
      reply(ws.subscribe(room));
      app.publish('lobby', `${name} is in ${room}`);
      break;
    case 'leave':
      reply(ws.unsubscribe(room));
      break;
    case 'say':
      ws.send('before');
      ws.publish(room, `${name}: ${words.join(' ')}`);
      ws.send('behind');
      break;
    case 'shout':
      app.publish(room, Buffer.from(words.join(' ')), true);
      break;
    case 'twice':
      app.publish(room, 'one', false, true);
      ws.unsubscribe(room);
      app.publish(room, 'two', false, true);
      break;
    case 'who':
      reply(app.numSubscribers(room));
      break;
    case 'where':
      reply(ws.getTopics().sort());
      break;
    case 'in':
      reply(ws.isSubscribed(room));
      break;
  }
}

/** Who says what; '' ends the connection. */
const SCRIPT = [
  ['ann', 'where x'],
  ['ann', 'join tea'],
  ['bob', 'join tea'],
  ['bob', 'join tea'],
  ['bob', 'join te'],
  ['cid', 'join tea/#'],
  ['ann', 'who tea'],
  ['cid', 'who nothing'],
  ['ann', 'say tea hello everybody'],
  ['cid', 'say tea I am outside'],
  ['bob', 'shout tea äöü'],
  ['bob', 'say empty nobody hears'],
  ['bob', 'where x'],
  ['ann', 'in tea'],
  ['ann', 'in te'],
  ['bob', 'twice tea'],
  ['bob', 'leave tea'],
  ['ann', 'leave never'],
  ['bob', 'who tea'],
  ['ann', ''],
  ['bob', 'who tea'],
  ['cid', 'who lobby'],
  ['bob', 'shout lobby the end']
];

describe('The words of uWebSockets.js', () => {
  const defer = cleanup();

  /**
   * Starts the chat on uWebSockets.js.
   *
   * @returns {Promise<string>} Its address
   */
  async function theirs() {
    const app = uWS.App();

    app.ws('/*', {
      compression: uWS.SHARED_COMPRESSOR,
      upgrade: (res, req, context) => {
        res.upgrade(
          { name: req.getQuery('name') },
          req.getHeader('sec-websocket-key'),
          req.getHeader('sec-websocket-protocol'),
          req.getHeader('sec-websocket-extensions'),
          context
        );
      },
      open: (ws) => ws.subscribe('lobby'),
      message: (ws, message) => {
        const { name } = ws.getUserData();

        answer(app, ws, name, Buffer.from(message).toString());
      },
      close: (ws) => app.publish('lobby', `${ws.getUserData().name} is gone`)
    });

    const token = await new Promise((resolve) => {
      app.listen('127.0.0.1', 0, resolve);
    });

    defer(() => uWS.closeSocket(token));
    return `ws://127.0.0.1:${uWS.getSocketPort(token)}`;
  }

  /**
   * Starts the same chat on beastws.
   *
   * @param {Object} options More options of the server
   * @returns {Promise<string>} Its address
   */
  async function ours(options) {
    const wss = new WebSocket.Server({
      host: '127.0.0.1',
      port: 0,
      perMessageDeflate: { threshold: 0 },
      ...options
    });

    wss.on('connection', (ws, request) => {
      const { searchParams } = new URL(request.url, 'ws://chat');
      const name = searchParams.get('name');

      ws.subscribe('lobby');
      ws.on('message', (message) => answer(wss, ws, name, `${message}`));
      ws.on('close', () => wss.publish('lobby', `${name} is gone`));
    });
    defer(() => wss.close());
    await once(wss, 'listening');
    return `ws://127.0.0.1:${wss.address().port}`;
  }

  /**
   * Plays the script.
   *
   * @param {string} url Where
   * @returns {Promise<Object>} What everybody got, by name
   */
  async function play(url) {
    const clients = {};
    const got = {};

    for (const name of ['ann', 'bob', 'cid']) {
      const ws = new WebSocket(`${url}/?name=${name}`, {
        perMessageDeflate: name === 'cid'
      });

      defer(() => ws.terminate());
      clients[name] = ws;
      got[name] = [];
      ws.on('message', (data, isBinary) => {
        got[name].push(isBinary ? `binary ${data}` : `${data}`);
      });
      await once(ws, 'open');
    }
    for (const [name, command] of SCRIPT) {
      if (command === '') {
        const gone = once(clients.bob, 'message');

        clients[name].close();
        await gone;
        delete clients[name];
      } else {
        clients[name].send(command);
      }
      // When everybody has an answer, nothing is on its way any more.
      for (const round of [1, 2]) {
        for (const ws of Object.values(clients)) {
          const message = nextMatching(ws, /^who barrier/);

          ws.send(`who barrier${round}`);
          await message;
        }
      }
    }
    return got;
  }

  /**
   * Waits for a message.
   *
   * @param {WebSocket} ws Who gets it
   * @param {RegExp} pattern What it matches
   * @returns {Promise} Fulfilled then
   */
  function nextMatching(ws, pattern) {
    return new Promise((resolve) => {
      ws.on('message', function onMessage(data) {
        if (!pattern.test(`${data}`)) return;
        ws.removeListener('message', onMessage);
        resolve();
      });
    });
  }

  let reference;

  before(async () => {
    reference = await play(await theirs());
    // What is compared is not empty.
    assert.ok(reference.bob.includes('ann: hello everybody'));
    assert.ok(reference.cid.includes('binary the end'));
    assert.ok(!reference.ann.includes('ann is gone'));
  });

  for (const options of [{}, { ioThread: false }, { native: true }]) {
    it(`mean the same here: ${JSON.stringify(options)}`, async () => {
      assert.deepStrictEqual(await play(await ours(options)), reference);
    });
  }
});
