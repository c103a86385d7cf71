'use strict';

const assert = require('assert');
const { createHash } = require('crypto');
const { once } = require('events');
const net = require('net');

const { describeInBrowsers, echo } = require('./harness');

const MEBIBYTE = 1024 * 1024;

/**
 * @param {string} browserName Who offers the extension
 * @returns {Array} Names of kinds of compression, and the server's options
 */
function kinds(browserName) {
  return [
    ['without compression', false],
    ['with permessage-deflate', true],
    [
      'with permessage-deflate, small windows and no context takeover',
      {
        // Firefox does not offer it.
        ...(browserName === 'Chromium' && { clientMaxWindowBits: 10 }),
        clientNoContextTakeover: true,
        serverMaxWindowBits: 10,
        serverNoContextTakeover: true,
        threshold: 0
      }
    ]
  ];
}

describeInBrowsers('Messages', ({ browserName, connect, evaluate, server }) => {
  for (const [name, perMessageDeflate] of kinds(browserName)) {
    describe(name, () => {
      const extension = perMessageDeflate ? 'permessage-deflate' : '';

      it('agrees on the extension', async () => {
        const ws = await connect({ perMessageDeflate });
        const inPage = await evaluate(() => window.ws.extensions);

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

        const back = await evaluate(async (list) => {
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

        const back = await evaluate(async () => {
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

        const [sent, back] = await evaluate(async (length) => {
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

        const isInOrder = await evaluate(async (n) => {
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

        assert.deepStrictEqual(await evaluate(() => window.take(2)), [
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
      const upstream = net.connect(server().address().port, '127.0.0.1');

      socket.on('data', (data) => (carried.up += data.length));
      upstream.on('data', (data) => (carried.down += data.length));
      socket.pipe(upstream).pipe(socket);
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
    });

    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');

    const connected = once(server(), 'connection');

    await evaluate((port) => window.connect(port, []), proxy.address().port);
    echo((await connected)[0]);

    const length = await evaluate(async () => {
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

  it('exchanges a message of 100 MB', async () => {
    const length = 100 * 1000 * 1000;
    const ws = await connect();
    const received = once(ws, 'message');

    echo(ws);

    const [sent, back] = await evaluate(async (size) => {
      const bytes = new Uint8Array(size);

      // What repeats does not repeat at the borders of any buffer.
      for (let i = 0; i < 65521; i++) bytes[i] = (i * i) >> 7;
      for (let done = 65521; done < size; done *= 2) {
        bytes.copyWithin(done, 0, Math.min(done, size - done));
      }

      window.ws.binaryType = 'arraybuffer';
      window.ws.send(bytes);

      const [buffer] = await window.take(1);

      return [await window.digest(bytes), await window.digest(buffer)];
    }, length);

    const [data] = await received;

    assert.strictEqual(data.length, length);
    assert.strictEqual(createHash('sha256').update(data).digest('hex'), sent);
    assert.strictEqual(back, sent);
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
      await evaluate(async () => [await window.take(2), await window.ended]),
      [['first', 'second'], { code: 3000, reason: 'done', wasClean: true }]
    );
  });
});
