'use strict';

const { once } = require('events');
const http = require('http');

const Browser = require('./browser');
const Firefox = require('./firefox');
const installHelpers = require('./page-helpers');
const { WebSocketServer } = require('../..');

const BROWSERS = [
  ['Chromium', Browser],
  ['Firefox', Firefox]
];

const running = new Map();

after(async () => {
  for (const browser of running.values()) await browser.close();
});

/**
 * Describe the same tests for each browser. All of them use one process of it,
 * and each test has a page and a server of its own.
 *
 * @param {string} title What is tested
 * @param {Function} define Defines the tests, with `browserName`, `connect()`,
 *     `evaluate()`, `goto()` and `server()`
 */
function describeInBrowsers(title, define) {
  for (const [name, Class] of BROWSERS) {
    describe(`${title} in ${name}`, () => {
      let browser;
      let page;
      let site;
      let wss;

      before(async () => {
        if (!running.has(Class)) running.set(Class, await Class.launch());
        browser = running.get(Class);
        site = http.createServer((request, response) => {
          response.setHeader('Content-Type', 'text/html');
          response.end('<!doctype html><link rel="icon" href="data:,">');
        });
        site.listen(0, '127.0.0.1');
        await once(site, 'listening');
      });

      after(() => {
        site.closeAllConnections();
        return new Promise((resolve) => site.close(resolve));
      });

      beforeEach(async () => {
        // Nobody knows the authority of the tests.
        page = await browser.open(`http://127.0.0.1:${site.address().port}/`, {
          ignoreHTTPSErrors: true
        });
        await page.evaluate(installHelpers);
      });

      afterEach(async () => {
        if (wss !== undefined) {
          for (const ws of wss.clients) ws.terminate();
          await new Promise((resolve) => wss.close(resolve));
          wss = undefined;
        }

        await browser.closePages();
      });

      /**
       * Start a server and let the page connect to it as `ws`.
       *
       * @param {Object} [options] Options of the server
       * @param {string[]} [protocols] The subprotocols that the page offers
       * @param {Function} [onConnection] Called with the server's WebSocket
       * @returns {Promise<WebSocket>} The server's WebSocket
       */
      async function connect(options, protocols = [], onConnection = () => {}) {
        wss = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
        wss.once('connection', onConnection);
        await once(wss, 'listening');

        const connected = once(wss, 'connection');

        await page.evaluate(
          ([port, list, scheme]) => window.connect(port, list, scheme),
          [wss.address().port, protocols, options?.tls ? 'wss' : 'ws']
        );

        return (await connected)[0];
      }

      define({
        browserName: name,
        connect,
        evaluate: (fn, arg) => page.evaluate(fn, arg),
        goto: (url) => page.goto(url),
        server: () => wss
      });
    });
  }
}

/**
 * @param {WebSocket} ws The server's WebSocket, which sends back everything
 */
function echo(ws) {
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
}

module.exports = { describeInBrowsers, echo };
