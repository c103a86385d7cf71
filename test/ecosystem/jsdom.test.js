'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');
const { JSDOM, CookieJar } = require('jsdom');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { assertRunsOnOurs } = require('./support/ours');
const { close, listen } = require('./support/net');

describe('jsdom', () => {
  const defer = cleanup();

  /**
   * Start our server and a page that came from it.
   *
   * @param {Object} [options] Options of our server
   * @param {Object} [pageOptions] Options of the page
   * @returns {Promise<Object>} `{ wss, window, url }`
   */
  async function open(options, pageOptions) {
    const server = http.createServer();
    const wss = new WebSocket.Server({ server, ...options });
    const port = await listen(server);
    const dom = new JSDOM('', {
      url: `http://localhost:${port}/page`,
      ...pageOptions
    });

    defer(() => close(server));
    defer(() => dom.window.close());
    return { wss, window: dom.window, url: `ws://127.0.0.1:${port}` };
  }

  /**
   * Wait for an event of a page's object.
   *
   * @param {EventTarget} target The object
   * @param {string} type The event's type
   * @returns {Promise<Event>} The event
   */
  function event(target, type) {
    return new Promise((resolve) => {
      target.addEventListener(type, resolve, { once: true });
    });
  }

  it('gives pages a WebSocket on our client', async () => {
    assertRunsOnOurs('jsdom');

    const { wss, window, url } = await open({
      perMessageDeflate: { threshold: 0 },
      handleProtocols: () => 'second'
    });
    const connection = once(wss, 'connection');
    const ws = new window.WebSocket(url, ['first', 'second']);
    const [peer, req] = await connection;

    assert.strictEqual(req.headers.origin, window.location.origin);
    if (ws.readyState === 0) await event(ws, 'open');
    assert.strictEqual(ws.protocol, 'second');
    assert.match(peer.extensions, /^permessage-deflate/);

    peer.on('message', (data, isBinary) =>
      peer.send(data, { binary: isBinary })
    );

    ws.send('text');
    assert.strictEqual((await event(ws, 'message')).data, 'text');

    ws.binaryType = 'arraybuffer';
    ws.send(new window.Uint8Array([1, 2, 3]));
    const { data } = await event(ws, 'message');
    assert.ok(data instanceof window.ArrayBuffer);
    assert.deepStrictEqual([...new window.Uint8Array(data)], [1, 2, 3]);

    ws.binaryType = 'blob';
    ws.send(new window.Blob(['blob']));
    const blob = (await event(ws, 'message')).data;
    assert.ok(blob instanceof window.Blob);
    assert.strictEqual(blob.size, 4);

    const end = once(peer, 'close');
    const closing = event(ws, 'close');
    ws.close(3001, 'bye');
    const { code, reason, wasClean } = await closing;
    assert.deepStrictEqual([code, reason, wasClean], [3001, 'bye', true]);
    const [peerCode, peerReason] = await end;
    assert.deepStrictEqual([peerCode, String(peerReason)], [3001, 'bye']);
  });

  it('sends the cookies of the page', async () => {
    const cookieJar = new CookieJar();
    const { wss, window } = await open({}, { cookieJar });

    window.document.cookie = 'session=abc';
    const connection = once(wss, 'connection');
    const ws = new window.WebSocket(window.location.href.replace('http', 'ws'));
    const [, req] = await connection;

    assert.strictEqual(req.headers.cookie, 'session=abc');
    ws.close();
    await event(ws, 'close');
  });

  it('ends connections with the window', async () => {
    const { wss, window, url } = await open();
    const connection = once(wss, 'connection');
    const ws = new window.WebSocket(url);
    const [[peer]] = await Promise.all([connection, event(ws, 'open')]);

    window.close();
    const [code] = await once(peer, 'close');
    assert.strictEqual(code, 1001);
  });

  it('tells a page of a failed connection', async () => {
    const { window, url } = await open({ verifyClient: () => false });
    const ws = new window.WebSocket(url);
    const errors = [];

    ws.onerror = ({ type }) => errors.push(type);
    const { code, wasClean } = await event(ws, 'close');
    assert.deepStrictEqual([code, wasClean, errors], [1006, false, ['error']]);
  });
});
