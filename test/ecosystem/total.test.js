'use strict';

const assert = require('assert');
const { fork } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');
const WebSocket = require('beastws');

const { cleanup } = require('./support/cleanup');
const { closed, freePort, nextMessage } = require('./support/net');

describe('Total.js', () => {
  const defer = cleanup();

  /**
   * Run a script that uses Total.js, which changes the prototypes of the
   * language and writes into its folder.
   *
   * @param {string} name The script's name
   * @param {...*} args Its arguments
   * @returns {ChildProcess} The process
   */
  function run(name, ...args) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-total-'));
    const child = fork(
      path.join(__dirname, 'children', name),
      args.map(String),
      { cwd: folder, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }
    );
    const exited = once(child, 'exit');

    defer(async () => {
      child.kill();
      await exited;
      fs.rmSync(folder, { recursive: true, force: true });
    });
    return child;
  }

  /**
   * Wait for a message of a script. Total.js sends some of its own.
   *
   * @param {ChildProcess} child The script's process
   * @param {string} key What the message has
   * @returns {Promise<Object>} The message
   */
  function message(child, key) {
    return new Promise((resolve) => {
      child.on('message', (value) => {
        if (value && value[key] !== undefined) resolve(value);
      });
    });
  }

  describe('its routes and our client', () => {
    for (const perMessageDeflate of [false, { threshold: 0 }]) {
      const how = perMessageDeflate ? 'compressed' : 'uncompressed';

      it(`exchange text, bytes and JSON, ${how}`, async () => {
        const port = await freePort();
        await message(run('total-server.js', port), 'ready');

        const connect = async (route) => {
          const ws = new WebSocket(`ws://127.0.0.1:${port}/${route}`, {
            perMessageDeflate
          });

          defer(() => ws.terminate());
          await once(ws, 'open');
          assert.strictEqual(
            ws.extensions,
            perMessageDeflate ? 'permessage-deflate' : ''
          );
          return ws;
        };
        const [text, binary, json] = await Promise.all(
          ['text', 'binary', 'json'].map(connect)
        );

        for (const size of [1, 126, 70000, 1000000]) {
          text.send('ä'.repeat(size));
          assert.strictEqual(await nextMessage(text), 'ä'.repeat(size));
          binary.send(Buffer.alloc(size, 200));
          assert.deepStrictEqual(
            await nextMessage(binary),
            Buffer.alloc(size, 200)
          );
        }

        json.send('{"a":[1,"größer"]}');
        assert.deepStrictEqual(JSON.parse(await nextMessage(json)), {
          got: { a: [1, 'größer'] }
        });

        const end = closed(text);
        text.send('close');
        assert.deepStrictEqual(await end, [4005, 'told to']);
      });
    }

    it('end when our client closes', async () => {
      const port = await freePort();
      await message(run('total-server.js', port), 'ready');

      const ws = new WebSocket(`ws://127.0.0.1:${port}/text`);
      await once(ws, 'open');
      ws.close(3000);
      // Total.js drops the connection instead of answering.
      assert.strictEqual((await closed(ws))[0], 1006);
    });
  });

  describe('WEBSOCKETCLIENT and our server', () => {
    /**
     * Start our server.
     *
     * @param {Object} [options] Its options
     * @returns {Promise<Object>} `{ wss, url }`
     */
    async function serve(options) {
      const wss = new WebSocket.Server({
        host: '127.0.0.1',
        port: 0,
        ...options
      });

      await once(wss, 'listening');
      defer(() => new Promise((resolve) => wss.close(resolve)));
      defer(() => wss.clients.forEach((ws) => ws.terminate()));
      return { wss, url: `ws://127.0.0.1:${wss.address().port}/` };
    }

    for (const compress of [false, true]) {
      const how = compress ? 'compressed' : 'uncompressed';

      it(`exchange messages when it masks, ${how}`, async () => {
        const { wss, url } = await serve({
          perMessageDeflate: { threshold: 0 }
        });
        const connection = once(wss, 'connection');
        const options = { masking: true, compress, type: 'text' };
        const child = run('total-client.js', url, JSON.stringify(options));
        const [ws, req] = await connection;

        assert.strictEqual(await nextMessage(ws), 'hello');
        // Its offer names a parameter as if it were an extension.
        assert.match(
          req.headers['sec-websocket-extensions'],
          /(^|, )client_max_window_bits$/
        );
        assert.strictEqual(ws.extensions, compress ? 'permessage-deflate' : '');

        for (const size of [1, 126, 70000, 1000000]) {
          const answer = nextMessage(ws);
          ws.send('ä'.repeat(size));
          assert.strictEqual(await answer, 'ä'.repeat(size));
        }

        const end = message(child, 'code');
        ws.close(4006, 'over');
        assert.deepStrictEqual(await end, { code: 4006, reason: 'over' });
      });
    }

    it('end with 1002 when it does not mask', async () => {
      const { wss, url } = await serve();
      const connection = once(wss, 'connection');
      const options = { masking: false, type: 'text' };
      const child = run('total-client.js', url, JSON.stringify(options));
      const [ws] = await connection;
      const end = message(child, 'code');
      const error = once(ws, 'error');

      assert.strictEqual((await error)[0].code, 'WS_ERR_EXPECTED_MASK');
      assert.strictEqual((await end).code, 1002);
    });
  });
});
