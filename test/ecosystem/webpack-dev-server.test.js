'use strict';

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');
const webpack = require('webpack');
const WebpackDevServer = require('webpack-dev-server');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { assertRunsOnOurs } = require('./support/ours');

describe('webpack-dev-server', () => {
  const defer = cleanup();

  /**
   * Start a server for a program of one file.
   *
   * @returns {Promise<Object>} `{ server, file, port }`
   */
  async function serve() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-webpack-'));
    const file = path.join(folder, 'index.js');

    defer(() => fs.rmSync(folder, { recursive: true, force: true }));
    fs.writeFileSync(file, 'console.log(1);\n');

    const compiler = webpack({
      mode: 'development',
      context: folder,
      entry: './index.js',
      output: { path: path.join(folder, 'out') },
      infrastructureLogging: { level: 'none' },
      stats: 'none'
    });
    const server = new WebpackDevServer(
      { host: '127.0.0.1', port: 'auto', static: false, hot: true },
      compiler
    );

    await server.start();
    defer(() => server.stop());
    return { server, file, port: server.server.address().port };
  }

  /**
   * Connect as a page does, and collect what comes.
   *
   * @param {number} port The server's port
   * @returns {Object} `{ ws, until }`: `until(type)` resolves with the data of
   *     the next message of that type
   */
  function connect(port) {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/ws`, {
      origin: `http://127.0.0.1:${port}`
    });
    const messages = [];
    let wake = () => {};

    ws.on('message', (text) => {
      messages.push(JSON.parse(text));
      wake();
    });
    defer(() => ws.terminate());

    const until = async (type) => {
      for (;;) {
        while (messages.length > 0) {
          const message = messages.shift();
          if (message.type === type) return message.data;
        }
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
    };
    return { ws, until };
  }

  it('tells pages of every build', async () => {
    assertRunsOnOurs('webpack-dev-server');

    const { server, file, port } = await serve();
    const { until } = connect(port);

    assert.ok(
      server.webSocketServer.implementation instanceof WebSocket.Server
    );
    const first = await until('hash');
    await until('ok');

    fs.writeFileSync(file, 'console.log(2);\n');
    assert.notStrictEqual(await until('hash'), first);
    await until('ok');

    fs.writeFileSync(file, 'console.log(;\n');
    const [error] = await until('errors');
    assert.match(error.message, /Unexpected token/);
  });

  it('drops a page that does not answer its pings', async () => {
    const { port } = await serve();
    const { ws, until } = connect(port);

    await until('ok');
    ws.pause();
    const { ws: alive, until: untilAlive } = connect(port);
    await untilAlive('ok');
    await once(alive, 'ping');
    await once(alive, 'ping');
    ws.resume();
    const [code] = await once(ws, 'close');
    assert.strictEqual(code, 1006);
    assert.strictEqual(alive.readyState, WebSocket.OPEN);
  });
});
