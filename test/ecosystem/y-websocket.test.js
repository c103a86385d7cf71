'use strict';

const assert = require('assert');
const { spawn } = require('child_process');
const { once } = require('events');
const path = require('path');
const WebSocket = require('ws');
const { WebsocketProvider } = require('y-websocket');
const Y = require('yjs');

const { cleanup } = require('./support/cleanup');
const { assertRunsOnOurs } = require('./support/ours');
const { freePort } = require('./support/net');

describe('y-websocket', () => {
  const defer = cleanup();

  /**
   * Run the server that the package brings along.
   *
   * @returns {Promise<string>} Its address
   */
  async function serve() {
    const port = await freePort();
    const script = path.join(
      path.dirname(require.resolve('@y/websocket-server/package.json')),
      'src/server.js'
    );
    const child = spawn(process.execPath, [script], {
      env: { ...process.env, HOST: '127.0.0.1', PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit']
    });

    defer(async () => {
      child.kill();
      await once(child, 'exit');
    });
    await once(child.stdout, 'data');
    return `ws://127.0.0.1:${port}`;
  }

  /**
   * Open a shared document.
   *
   * @param {string} url The server's address
   * @param {string} room The document's name
   * @returns {Promise<Object>} `{ doc, provider }`, synchronised
   */
  async function open(url, room) {
    const doc = new Y.Doc();
    const provider = new WebsocketProvider(url, room, doc, {
      WebSocketPolyfill: WebSocket,
      disableBc: true
    });

    defer(() => {
      provider.destroy();
      doc.destroy();
    });
    await new Promise((resolve) => provider.once('sync', resolve));
    assert.ok(provider.ws instanceof WebSocket);
    return { doc, provider };
  }

  /**
   * Wait until a text has come to say something.
   *
   * @param {Y.Text} text The text
   * @param {string} value What it is to say
   * @returns {Promise<void>} Resolved as soon as it does
   */
  function becomes(text, value) {
    return new Promise((resolve) => {
      const check = () => {
        if (text.toString() === value) resolve();
      };
      text.observe(check);
      check();
    });
  }

  it('merges what several clients write', async () => {
    assertRunsOnOurs('@y/websocket-server');

    const url = await serve();
    const documents = await Promise.all(
      Array.from({ length: 5 }, () => open(url, 'room'))
    );
    const texts = documents.map(({ doc }) => doc.getText('t'));

    for (const [i, text] of texts.entries()) text.insert(0, `${i}`);

    await Promise.all(
      texts.map(
        (text) =>
          new Promise((resolve) => {
            const check = () => {
              if (text.length === texts.length) resolve();
            };
            text.observe(check);
            check();
          })
      )
    );
    const final = texts[0].toString();

    assert.strictEqual([...final].sort().join(''), '01234');
    await Promise.all(texts.map((text) => becomes(text, final)));
  });

  it('sends a large document to a client that comes later', async () => {
    const url = await serve();
    const first = await open(url, 'large');
    const value = 'large document '.repeat(50000);

    first.doc.getText('t').insert(0, value);

    const second = await open(url, 'large');
    await becomes(second.doc.getText('t'), value);
  });

  it('shares who is there, and catches up after a pause', async () => {
    const url = await serve();
    const a = await open(url, 'aware');
    const b = await open(url, 'aware');
    const { awareness } = b.provider;
    const seen = new Promise((resolve) => {
      awareness.on('change', () => {
        const state = awareness.getStates().get(a.doc.clientID);
        if (state && state.name === 'Ada') resolve();
      });
    });

    a.provider.awareness.setLocalState({ name: 'Ada' });
    await seen;

    b.provider.disconnect();
    a.doc.getText('t').insert(0, 'while away');
    b.provider.connect();
    await becomes(b.doc.getText('t'), 'while away');
  });
});
