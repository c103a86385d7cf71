'use strict';

const assert = require('assert');
const http = require('http');
const WebSocket = require('ws');

const { startChromium } = require('./support/chromium');
const { cleanup } = require('./support/cleanup');
const { close, listen } = require('./support/net');

/**
 * Load Playwright with its copy of ws, which is inside a bundle where neither
 * an alias nor an override reaches it, replaced.
 *
 * @param {Function} [Class] The class that takes the place of `WebSocket`
 * @returns {Object} Playwright
 */
function loadPlaywright(Class = WebSocket) {
  const bundle = require.resolve('playwright-core/lib/utilsBundle');

  for (const file of Object.keys(require.cache)) {
    if (/[\\/]playwright-core[\\/]lib[\\/]coreBundle/.test(file)) {
      delete require.cache[file];
    }
  }

  const original = require(bundle);

  assert.strictEqual(typeof original.ws, 'function');
  require.cache[bundle].exports = {
    ...original,
    ws: Class,
    wsReceiver: WebSocket.Receiver,
    wsSender: WebSocket.Sender,
    wsServer: WebSocket.Server
  };
  delete require.cache[require.resolve('playwright-core')];
  return require('playwright-core');
}

describe('playwright-core', () => {
  const defer = cleanup();

  /**
   * Connect to a browser that runs already.
   *
   * @param {Object} playwright Playwright
   * @returns {Promise<Object>} Playwright's browser
   */
  async function connect(playwright) {
    const { endpoint, stop } = await startChromium();

    defer(stop);
    const browser = await playwright.chromium.connectOverCDP(endpoint);
    defer(() => browser.close());
    return browser;
  }

  it('drives Chromium over CDP', async () => {
    const urls = [];
    const playwright = loadPlaywright(
      class extends WebSocket {
        constructor(url, ...rest) {
          super(url, ...rest);
          urls.push(String(url));
        }
      }
    );
    const browser = await connect(playwright);
    const page = await (await browser.newContext()).newPage();

    assert.strictEqual(urls.length, 1);
    assert.match(urls[0], /devtools\/browser/);

    await page.setContent('<title>On our client</title><button>go</button>');
    assert.strictEqual(await page.title(), 'On our client');
    await page.evaluate(() => {
      globalThis.document.querySelector('button').onclick = () => {
        globalThis.document.title = 'clicked';
      };
    });
    await page.getByRole('button').click();
    assert.strictEqual(await page.title(), 'clicked');

    const text = 'x'.repeat(8 * 1024 * 1024);
    assert.strictEqual(
      await page.evaluate((value) => value + 'y', text),
      text + 'y'
    );
    assert.ok((await page.screenshot()).length > 100);
  });

  it('serves a browser to others on our server', async () => {
    const playwright = loadPlaywright();
    const server = await playwright.chromium.launchServer({
      executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium',
      args: ['--no-sandbox'],
      host: '127.0.0.1'
    });

    defer(() => server.close());

    const browser = await playwright.chromium.connect(server.wsEndpoint());
    const page = await browser.newPage();

    await page.setContent('<title>Served</title>');
    assert.strictEqual(await page.title(), 'Served');

    const disconnected = new Promise((resolve) => {
      browser.once('disconnected', resolve);
    });
    await server.close();
    await disconnected;
  });

  it('sees the frames between a page and our server', async () => {
    const browser = await connect(loadPlaywright());
    const server = http.createServer((req, res) => res.end('<p>page'));
    const wss = new WebSocket.Server({ server, perMessageDeflate: true });
    const port = await listen(server);

    defer(() => close(server));
    wss.on('connection', (ws) => {
      ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
    });

    const page = await (await browser.newContext()).newPage();
    const frames = [];

    await page.goto(`http://127.0.0.1:${port}`);
    page.on('websocket', (ws) => {
      ws.on('framereceived', ({ payload }) => frames.push(payload));
    });
    await page.evaluate(
      (url) =>
        new Promise((resolve, reject) => {
          const ws = new globalThis.WebSocket(url);
          ws.onopen = () => ws.send('from the page');
          ws.onmessage = () => ws.close(3000, 'done');
          ws.onclose = ({ code }) =>
            code === 3000 ? resolve() : reject(new Error(String(code)));
        }),
      `ws://127.0.0.1:${port}`
    );
    assert.deepStrictEqual(frames, ['from the page']);
  });
});
