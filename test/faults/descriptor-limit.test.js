'use strict';

const assert = require('assert');
const { once } = require('events');
const net = require('net');

const { isReference, kinds, WebSocket } = require('../integration/kinds');
const { useScope } = require('../integration/support/scope');
const { Helper } = require('../lifecycle/support');

const LIMIT = 128;

/** How long to look whether a process rests, in milliseconds. */
const LOOK = 400;

/**
 * Connect, and say something.
 *
 * @param {number} port Where to
 * @returns {Promise<string>} The answer, or the code of the error
 */
async function talk(port) {
  const ws = new WebSocket(`ws://127.0.0.1:${port}`);
  const outcome = await new Promise((resolve) => {
    ws.on('open', () => ws.send('hello'));
    ws.on('message', (data) => resolve(data.toString()));
    ws.on('error', (err) => resolve(err.code));
  });

  if (ws.readyState === WebSocket.OPEN) {
    ws.close();
    await once(ws, 'close');
  }
  return outcome;
}

if (!isReference) {
  describe('A server without descriptors', function () {
    this.timeout(60000);

    const scope = useScope();

    for (const [index, kind] of kinds.entries()) {
      if (kind.isSecure) continue;

      /**
       * Start a server, and take its descriptors away.
       *
       * @returns {Promise<Object>} `{ server, port, old }`, of which `old` is a
       *     connection from before
       */
      const start = async () => {
        const server = new Helper('server.js', [index], LIMIT);

        scope.defer(() => server.kill());

        const port = await server.ask('listen');
        const old = scope.socket(new WebSocket(`ws://127.0.0.1:${port}`));

        await once(old, 'open');
        assert.strictEqual(await server.ask('exhaust'), 'EMFILE');
        return { server, port, old };
      };

      it(`rests, and serves again when there are some (${kind.name})`, async () => {
        const { server, port, old } = await start();
        const crowd = Array.from({ length: 5 }, () => talk(port));
        const load = await server.ask('load', LOOK);

        assert.ok(load < 0.5, `a load of ${load}`);

        // Who is connected does not suffer.
        old.send('still here');
        assert.strictEqual(
          (await once(old, 'message'))[0].toString(),
          'still here'
        );

        await server.ask('release');

        // Node.js resets connections that it cannot have. Ours wait.
        const outcomes = await Promise.all(crowd);

        if (kind.listening) {
          assert.deepStrictEqual(outcomes, Array(5).fill('hello'));
        }
        assert.strictEqual(await talk(port), 'hello');

        old.close();
        await once(old, 'close');
        await server.ask('close');
        assert.strictEqual(await server.end(), 0);
      });

      it(`can be closed meanwhile (${kind.name})`, async () => {
        const { server, port, old } = await start();
        const waiting = net.connect(port, '127.0.0.1');

        waiting.on('error', () => {});
        await once(waiting, 'connect');
        await server.ask('load', LOOK);

        const closed = server.ask('close');
        const load = await server.ask('load', LOOK);

        assert.ok(load < 0.5, `a load of ${load}`);
        old.close();
        await once(old, 'close');
        waiting.destroy();
        await closed;
        await server.ask('release');
        assert.strictEqual(await server.end(), 0);
      });
    }
  });
}
