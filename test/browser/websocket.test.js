'use strict';

const assert = require('assert');
const { createHash } = require('crypto');
const { once } = require('events');
const http = require('http');
const net = require('net');

const Browser = require('./browser');
const installHelpers = require('./page-helpers');
const { WebSocketServer } = require('../..');

const MEBIBYTE = 1024 * 1024;

const KINDS = [
  ['without compression', false],
  ['with permessage-deflate', true],
  [
    'with permessage-deflate, small windows and no context takeover',
    {
      clientMaxWindowBits: 10,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 10,
      serverNoContextTakeover: true,
      threshold: 0
    }
  ]
];

describe('The WebSocket of a browser', () => {
  let browser;
  let site;
  let page;
  let wss;

  before(async () => {
    browser = await Browser.launch();
    site = http.createServer((request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><link rel="icon" href="data:,">');
    });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
  });

  after(async () => {
    await browser.close();
    await new Promise((resolve) => site.close(resolve));
  });

  beforeEach(async () => {
    page = await browser.open(`http://127.0.0.1:${site.address().port}/`);
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
      ([port, list]) => window.connect(port, list),
      [wss.address().port, protocols]
    );

    return (await connected)[0];
  }

  /**
   * @param {WebSocket} ws The server's WebSocket, which sends back everything
   */
  function echo(ws) {
    ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
  }

  for (const [name, perMessageDeflate] of KINDS) {
    describe(name, () => {
      const extension = perMessageDeflate ? 'permessage-deflate' : '';

      it('agrees on the extension', async () => {
        const ws = await connect({ perMessageDeflate });
        const inPage = await page.evaluate(() => window.ws.extensions);

        assert.strictEqual(ws.extensions, extension);
        assert.strictEqual(inPage.split(';')[0], extension);
      });

      it('exchanges texts', async () => {
        const texts = ['', 'a', 'žluťoučký 🐎\0', 'x'.repeat(70000), '"'];
        const received = [];
        const ws = await connect({ perMessageDeflate });

        echo(ws);
        ws.on('message', (data, isBinary) => {
          received.push([data.toString(), isBinary]);
        });

        const back = await page.evaluate(async (list) => {
          for (const text of list) window.ws.send(text);

          return window.take(list.length);
        }, texts);

        assert.deepStrictEqual(
          received,
          texts.map((text) => [text, false])
        );
        assert.deepStrictEqual(back, texts);
      });

      it('exchanges Blobs, ArrayBuffers and views', async () => {
        const received = [];
        const ws = await connect({ perMessageDeflate });

        echo(ws);
        ws.on('message', (data, isBinary) => {
          received.push([data.toString('latin1'), isBinary]);
        });

        const back = await page.evaluate(async () => {
          const bytes = new TextEncoder().encode('0123456789');

          window.ws.binaryType = 'arraybuffer';
          window.ws.send(new Blob(['blob']));
          window.ws.send(bytes.buffer);
          window.ws.send(bytes.subarray(2, 5));
          window.ws.send(new DataView(bytes.buffer, 7));
          window.ws.send(new ArrayBuffer(0));

          const buffers = await window.take(5);

          window.ws.binaryType = 'blob';
          window.ws.send(bytes);

          const [blob] = await window.take(1);

          return [
            ...buffers.map((buffer) => [
              Object.prototype.toString.call(buffer),
              new TextDecoder().decode(buffer)
            ]),
            [Object.prototype.toString.call(blob), await blob.text()]
          ];
        });

        const contents = ['blob', '0123456789', '234', '789', '', '0123456789'];

        assert.deepStrictEqual(
          received,
          contents.map((text) => [text, true])
        );
        assert.deepStrictEqual(
          back,
          contents.map((text, i) => [
            i < 5 ? '[object ArrayBuffer]' : '[object Blob]',
            text
          ])
        );
      });

      it('exchanges a message of 16 MB', async () => {
        const ws = await connect({ perMessageDeflate });
        const received = once(ws, 'message');

        echo(ws);

        const [sent, back] = await page.evaluate(async (length) => {
          const bytes = new Uint8Array(length);
          let state = 1;

          // Half of it can be compressed.
          for (let i = 0; i < length; i++) {
            state = (Math.imul(state, 1103515245) + 12345) | 0;
            bytes[i] = i & 0x10000 ? i >> 8 : state >> 16;
          }

          window.ws.binaryType = 'arraybuffer';
          window.ws.send(bytes);

          const [buffer] = await window.take(1);

          return [await window.digest(bytes), await window.digest(buffer)];
        }, 16 * MEBIBYTE);

        const [data, isBinary] = await received;

        assert.strictEqual(isBinary, true);
        assert.strictEqual(data.length, 16 * MEBIBYTE);
        assert.strictEqual(
          createHash('sha256').update(data).digest('hex'),
          sent
        );
        assert.strictEqual(back, sent);
      });

      it('keeps thousands of messages in order', async () => {
        const count = 20000;
        const ws = await connect({ perMessageDeflate });

        echo(ws);

        const isInOrder = await page.evaluate(async (n) => {
          for (let i = 0; i < n; i++) window.ws.send(String(i));

          return (await window.take(n)).every((text, i) => text === String(i));
        }, count);

        assert.strictEqual(isInOrder, true);
      });

      it('puts the fragments of the server together', async () => {
        const ws = await connect({ perMessageDeflate });

        ws.send('one ', { fin: false });
        ws.ping();
        ws.send('two ', { fin: false });
        ws.send('', { fin: false });
        ws.send('three', { fin: true });
        ws.send('next');

        assert.deepStrictEqual(await page.evaluate(() => window.take(2)), [
          'one two three',
          'next'
        ]);
      });
    });
  }

  it('saves bytes with permessage-deflate', async () => {
    const carried = { up: 0, down: 0 };
    const ws = await connect({ perMessageDeflate: true });
    const proxy = net.createServer((socket) => {
      const upstream = net.connect(wss.address().port, '127.0.0.1');

      socket.on('data', (data) => (carried.up += data.length));
      upstream.on('data', (data) => (carried.down += data.length));
      socket.pipe(upstream).pipe(socket);
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
    });

    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');

    const connected = once(wss, 'connection');

    await page.evaluate(
      (port) => window.connect(port, []),
      proxy.address().port
    );
    echo((await connected)[0]);

    const length = await page.evaluate(async () => {
      window.ws.send('0123456789'.repeat(100000));

      return (await window.take(1))[0].length;
    });

    proxy.close();
    ws.terminate();
    assert.strictEqual(length, 1000000);
    assert.ok(carried.up > 1000 && carried.up < 50000, String(carried.up));
    assert.ok(
      carried.down > 1000 && carried.down < 50000,
      String(carried.down)
    );
  });

  it('answers pings', async () => {
    const ws = await connect();

    ws.ping('are you there?');
    assert.deepStrictEqual(await once(ws, 'pong'), [
      Buffer.from('are you there?')
    ]);
  });

  it('receives what the server sends at once', async () => {
    await connect({}, [], (ws) => {
      ws.send('first');
      ws.send('second');
      ws.close(3000, 'done');
    });

    assert.deepStrictEqual(
      await page.evaluate(async () => [
        await window.take(2),
        await window.ended
      ]),
      [['first', 'second'], { code: 3000, reason: 'done', wasClean: true }]
    );
  });

  describe('subprotocols', () => {
    it('takes the first one by default', async () => {
      const ws = await connect({}, ['chat.v2', 'chat.v1']);

      assert.strictEqual(ws.protocol, 'chat.v2');
      assert.strictEqual(
        await page.evaluate(() => window.ws.protocol),
        'chat.v2'
      );
    });

    it('takes the one that the server chooses', async () => {
      const offers = [];
      const handleProtocols = (protocols) => {
        offers.push([...protocols]);
        return 'chat.v1';
      };
      const ws = await connect({ handleProtocols }, ['chat.v2', 'chat.v1']);

      assert.deepStrictEqual(offers, [['chat.v2', 'chat.v1']]);
      assert.strictEqual(ws.protocol, 'chat.v1');
      assert.strictEqual(
        await page.evaluate(() => window.ws.protocol),
        'chat.v1'
      );
    });

    it('needs none', async () => {
      const ws = await connect();

      assert.strictEqual(ws.protocol, '');
      assert.strictEqual(await page.evaluate(() => window.ws.protocol), '');
    });
  });

  describe('closing', () => {
    /**
     * @param {Object} [code] What the page closes with
     * @param {string} [reason] Its reason
     * @returns {Promise<Object>} What the page's 'close' event says
     */
    const closeInPage = (...args) =>
      page.evaluate((list) => {
        window.ws.close(...list);
        return window.ended;
      }, args);

    for (const [code, reason] of [
      [1000, 'thank you'],
      [3001, 'Příliš 🐎'],
      [4999, ''],
      [4000, 'x'.repeat(123)]
    ]) {
      it(`by the page, ${code} with ${reason.length} characters`, async () => {
        const ws = await connect();
        const closed = once(ws, 'close');

        assert.deepStrictEqual(await closeInPage(code, reason), {
          code,
          reason,
          wasClean: true
        });
        assert.deepStrictEqual(await closed, [code, Buffer.from(reason)]);
      });

      it(`by the server, ${code} with ${reason.length} characters`, async () => {
        const ws = await connect();
        const closed = once(ws, 'close');

        ws.close(code, reason);
        assert.deepStrictEqual(await page.evaluate(() => window.ended), {
          code,
          reason,
          wasClean: true
        });
        assert.deepStrictEqual(await closed, [code, Buffer.from(reason)]);
      });
    }

    it('by the page, without a code', async () => {
      const ws = await connect();
      const closed = once(ws, 'close');

      assert.deepStrictEqual(await closeInPage(), {
        code: 1005,
        reason: '',
        wasClean: true
      });
      assert.deepStrictEqual(await closed, [1005, Buffer.alloc(0)]);
    });

    it('by the server, without a code', async () => {
      const ws = await connect();
      const closed = once(ws, 'close');

      ws.close();
      assert.deepStrictEqual(await page.evaluate(() => window.ended), {
        code: 1005,
        reason: '',
        wasClean: true
      });
      assert.deepStrictEqual(await closed, [1005, Buffer.alloc(0)]);
    });

    it('by a page that goes away', async () => {
      const ws = await connect();
      const closed = once(ws, 'close');

      await page.goto('about:blank');
      assert.strictEqual((await closed)[0], 1001);
    });

    it('by terminate()', async () => {
      const ws = await connect();

      ws.terminate();
      assert.deepStrictEqual(await page.evaluate(() => window.ended), {
        code: 1006,
        reason: '',
        wasClean: false
      });
    });

    it('because a message is too large', async () => {
      const ws = await connect({ maxPayload: 1000 });
      const failed = once(ws, 'error');

      const { code } = await page.evaluate(() => {
        window.ws.send('x'.repeat(1001));
        return window.ended;
      });

      assert.strictEqual(code, 1009);
      assert.strictEqual(
        (await failed)[0].code,
        'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
      );
    });
  });
});
