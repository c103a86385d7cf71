'use strict';

const assert = require('assert');
const { once } = require('events');

const { directions, forEachKind } = require('./kinds');
const { BINARY, CONTINUATION, frame, PING, TEXT } = require('./support/frames');
const { Journal } = require('./support/journal');
const { hash, noise, receive, send } = require('./support/messages');
const { rawClient } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

/**
 * Send a message in pieces.
 *
 * @param {WebSocket} ws The sender
 * @param {Array} pieces The pieces
 * @param {Object} [options] Options of `send()`
 * @returns {Promise} Fulfilled when all were sent
 */
function sendPieces(ws, pieces, options) {
  return Promise.all(
    pieces.map((piece, i) =>
      send(ws, piece, { ...options, fin: i === pieces.length - 1 })
    )
  );
}

describe('Fragments and binaryType', function () {
  this.timeout(20000);

  forEachKind((kind) => {
    for (const peers of directions(kind)) {
      describe(peers.name, () => {
        const scope = useScope();

        it('joins fragments of text and binary messages', async () => {
          const { client, server } = await scope.pair(peers);

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            const all = receive(to, 5);
            const large = [noise(70000), noise(0), noise(65536, 2), noise(3)];

            // A character may be cut in two.
            const umlaut = Buffer.from('ö');

            sendPieces(from, ['a', 'b', '', 'c']);
            sendPieces(from, ['', '', '']);
            sendPieces(from, [umlaut.subarray(0, 1), umlaut.subarray(1)], {
              binary: false
            });
            sendPieces(from, large);
            sendPieces(from, Array(500).fill(Buffer.from('0123456789')));

            const [abc, empty, cut, joined, many] = await all;

            assert.strictEqual(`${abc.data}`, 'abc');
            assert.strictEqual(abc.isBinary, false);
            assert.strictEqual(`${empty.data}`, '');
            assert.strictEqual(empty.isBinary, false);
            assert.strictEqual(`${cut.data}`, 'ö');
            assert.ok(joined.data.equals(Buffer.concat(large)));
            assert.strictEqual(joined.isBinary, true);
            assert.strictEqual(`${many.data}`, '0123456789'.repeat(500));
          }
        });

        it('sends a Blob as a fragment', async () => {
          const { client, server } = await scope.pair(peers);

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            const all = receive(to, 2);

            sendPieces(from, [new Blob(['one ']), 'two ', new Blob(['three'])]);
            from.send('after');

            const [joined, after] = await all;

            assert.strictEqual(`${joined.data}`, 'one two three');
            assert.strictEqual(joined.isBinary, true);
            assert.strictEqual(`${after.data}`, 'after');
          }
        });

        it('lets control frames pass between fragments', async () => {
          const { client, server } = await scope.pair(peers, {
            client: { autoPong: false },
            server: { autoPong: false }
          });

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            const journal = new Journal(to);

            from.send('one', { fin: false });
            from.ping('ping');
            from.send(' two', { fin: false });
            from.pong('pong');
            from.send(' three', { fin: true });

            await journal.until('text');
            assert.deepStrictEqual(journal.lines, [
              'ping ping',
              'pong pong',
              'text one two three'
            ]);
            to.removeAllListeners();
          }
        });

        for (const binaryType of [
          'nodebuffer',
          'arraybuffer',
          'fragments',
          'blob'
        ]) {
          it(`delivers binaryType ${binaryType}`, async () => {
            const { client, server } = await scope.pair(peers);
            const bytes = noise(200000);
            const cuts = [0, 10, 10, 66000, 200000];
            const pieces = cuts
              .slice(1)
              .map((end, i) => bytes.subarray(cuts[i], end));

            for (const [from, to] of [
              [client, server],
              [server, client]
            ]) {
              to.binaryType = binaryType;
              assert.strictEqual(to.binaryType, binaryType);

              const all = receive(to, 5);

              from.send('text');
              from.send(bytes);
              sendPieces(from, pieces);
              from.send(Buffer.alloc(0));
              from.send(Buffer.from('small'));

              const [plain, ...binary] = await all;

              assert.ok(Buffer.isBuffer(plain.data));
              assert.strictEqual(plain.isBinary, false);

              for (const [i, { data, isBinary }] of binary.entries()) {
                const expected = [bytes, bytes, '', 'small'][i];
                let whole = data;

                assert.strictEqual(isBinary, true);
                if (binaryType === 'nodebuffer') {
                  assert.ok(Buffer.isBuffer(data));
                } else if (binaryType === 'arraybuffer') {
                  assert.ok(data instanceof ArrayBuffer);
                  assert.strictEqual(data.byteLength, expected.length);
                  whole = Buffer.from(data);
                } else if (binaryType === 'blob') {
                  assert.ok(data instanceof Blob);
                  assert.strictEqual(data.size, expected.length);
                  whole = Buffer.from(await data.arrayBuffer());
                } else {
                  assert.deepStrictEqual(
                    data.map((part) => part.length),
                    [[200000], [10, 65990, 134000], [], [5]][i]
                  );
                  assert.ok(data.every((part) => Buffer.isBuffer(part)));
                  whole = Buffer.concat(data);
                }
                assert.strictEqual(hash(whole), hash(expected));
              }
            }
          });
        }
      });
    }

    describe('raw client, server here', () => {
      const scope = useScope();

      it('puts together what comes in single bytes', async () => {
        const wss = await scope.listen(kind);
        const connection = once(wss, 'connection');
        const peer = await rawClient(wss);

        scope.stream(peer.socket);

        const [ws] = await connection;
        const journal = new Journal(ws);
        const bytes = Buffer.concat([
          frame(TEXT, 'a', { mask: true, fin: false }),
          frame(PING, 'b', { mask: true }),
          frame(CONTINUATION, '', { mask: true, fin: false }),
          frame(CONTINUATION, 'c', { mask: true }),
          frame(BINARY, Buffer.alloc(300, 'x'), { mask: true }),
          frame(BINARY, 'short', { mask: true, form: 16 }),
          frame(BINARY, 'short', { mask: true, form: 64 })
        ]);

        for (const byte of bytes) await peer.write([byte]);

        await journal.until(5);
        assert.deepStrictEqual(journal.lines, [
          'ping b',
          'text ac',
          'binary 300 bytes',
          'binary short',
          'binary short'
        ]);
        assert.strictEqual((await peer.untilFrames(1)).length, 1);
      });

      it('takes binaryType from the handler of the message before', async () => {
        const wss = await scope.listen(kind);
        const connection = once(wss, 'connection');
        const peer = await rawClient(wss);

        scope.stream(peer.socket);

        const [ws] = await connection;
        const seen = [];
        const types = ['arraybuffer', 'fragments', 'blob', 'nodebuffer', 'x'];
        const done = new Promise((resolve) => {
          ws.on('message', (data) => {
            seen.push(data.constructor.name);
            if (types.length) ws.binaryType = types.shift();
            else resolve();
          });
        });

        await peer.write(...Array(6).fill(frame(BINARY, 'x', { mask: true })));
        await done;
        assert.deepStrictEqual(seen, [
          'Buffer',
          'ArrayBuffer',
          'Array',
          'Blob',
          'Buffer',
          'Buffer'
        ]);
        assert.strictEqual(ws.binaryType, 'nodebuffer');
      });
    });
  });
});
