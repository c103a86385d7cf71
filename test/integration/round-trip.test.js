'use strict';

const assert = require('assert');

const { directions, forEachKind } = require('./kinds');
const { Journal } = require('./support/journal');
const { hash, noise, receive, send, text } = require('./support/messages');
const { useScope } = require('./support/scope');

const MIB = 1024 * 1024;
const sizes = [0, 1, 125, 126, 127, 65535, 65536, MIB, 16 * MIB];

// Kept, because making them takes longer than sending them.
const messages = sizes.map((size) => ({ size, bytes: noise(size) }));

describe('Round trip', function () {
  this.timeout(60000);

  forEachKind((kind) => {
    for (const peers of directions(kind)) {
      describe(peers.name, () => {
        const scope = useScope();

        /**
         * Send messages one after the other and compare what arrives.
         *
         * @param {WebSocket} from The sender
         * @param {WebSocket} to The receiver
         */
        const exchange = async (from, to) => {
          for (const { size, bytes } of messages) {
            const binary = receive(to, 1);

            from.send(bytes);

            const [{ data, isBinary }] = await binary;

            assert.strictEqual(isBinary, true);
            assert.ok(data.equals(bytes), `${size} bytes`);
            assert.strictEqual(data.length, size);

            if (size > MIB) continue;

            const sent = text(size);
            const received = receive(to, 1);

            from.send(sent);

            const [message] = await received;

            assert.strictEqual(message.isBinary, false);
            assert.ok(Buffer.isBuffer(message.data));
            assert.ok(message.data.equals(Buffer.from(sent)), `${size} text`);
          }
        };

        it('carries 0 bytes to 16 MiB from the client', async () => {
          const { client, server } = await scope.pair(peers);
          const before = messages.map(({ bytes }) => hash(bytes));

          await exchange(client, server);
          assert.deepStrictEqual(
            messages.map(({ bytes }) => hash(bytes)),
            before
          );
        });

        it('carries 0 bytes to 16 MiB from the server', async () => {
          const { client, server } = await scope.pair(peers);

          await exchange(server, client);
        });

        // It takes a second, so not in every combination.
        if (kind.options.ioThread !== false || peers.client === peers.server) {
          it('carries 100 MiB, the default limit, there and back', async () => {
            const { client, server } = await scope.pair(peers);
            const bytes = Buffer.alloc(100 * MIB, noise(65521));
            const echoed = receive(client, 1);

            server.on('message', (data) => server.send(data));
            client.send(bytes);

            const [{ data }] = await echoed;

            assert.ok(data.equals(bytes));
          });
        }

        it('carries many small messages of all lengths at once', async () => {
          const { client, server } = await scope.pair(peers);
          const bytes = noise(3000);

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            const all = receive(to, 3000);

            for (let i = 0; i < 3000; i++) from.send(bytes.subarray(0, i));

            const received = await all;

            for (let i = 0; i < 3000; i++) {
              assert.ok(received[i].data.equals(bytes.subarray(0, i)), `${i}`);
            }
          }
        });

        it('carries several large messages at once in order', async () => {
          const { client, server } = await scope.pair(peers);
          const lengths = [65536, 3, 3 * MIB, 70000, 0, 5 * MIB, 65535, 1];
          const payloads = lengths.map((length, i) => noise(length, i + 1));

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            const all = receive(to, payloads.length);
            const sent = payloads.map((payload) => send(from, payload));
            const received = await all;

            await Promise.all(sent);
            received.forEach(({ data }, i) => {
              assert.ok(data.equals(payloads[i]), `message ${i}`);
            });
          }
        });

        it('carries every type of data that send() takes', async () => {
          const { client, server } = await scope.pair(peers);
          const bytes = Buffer.from('abcdefgh');
          const { buffer } = Uint8Array.from(bytes);

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            const all = receive(to, 14);

            from.send('abcdefgh');
            from.send(12.5);
            from.send('');
            from.send(bytes, { binary: false });
            from.send('abcdefgh', { binary: true });
            from.send(bytes.subarray(2, 5));
            from.send(buffer);
            from.send(new Uint16Array(buffer, 2, 2));
            from.send(new DataView(buffer, 1, 3));
            from.send([97, 98]);
            from.send(new Blob(['blob ', bytes]));
            from.send(new Blob([]));
            from.send(null);
            from.send(undefined);

            assert.deepStrictEqual(
              (await all).map(({ data, isBinary }) => [`${data}`, isBinary]),
              [
                ['abcdefgh', false],
                ['12.5', false],
                ['', false],
                ['abcdefgh', false],
                ['abcdefgh', true],
                ['cde', true],
                ['abcdefgh', true],
                ['cdef', true],
                ['bcd', true],
                ['ab', true],
                ['blob abcdefgh', true],
                ['', true],
                ['', true],
                ['', true]
              ]
            );
          }
        });

        it('sends what a buffer held when send() was called', async () => {
          const { client, server } = await scope.pair(peers);

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            for (const length of [1, 125, 126, 4096, 16384]) {
              const original = noise(length);
              const buffer = Buffer.from(original);
              const received = receive(to, 2);

              from.send(buffer);
              buffer.fill(0);
              buffer.set(original);
              from.send(buffer.buffer);
              buffer.fill(0);

              for (const { data } of await received) {
                const at = data.length === length ? 0 : buffer.byteOffset;

                assert.ok(
                  data.subarray(at, at + length).equals(original),
                  `${length} bytes`
                );
              }
            }
          }
        });

        it('carries pings and pongs of 0 to 125 bytes', async () => {
          const { client, server } = await scope.pair(peers);

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            const pings = new Journal(to);
            const pongs = new Journal(from);

            from.ping();
            from.ping('text');
            from.ping(7);
            from.ping(new Uint8Array([97, 98]).buffer);
            from.ping(Buffer.alloc(125, 'x'));
            from.ping(new Blob(['blob']));

            const expected = ['', 'text', '7', 'ab', '125 bytes', 'blob'];

            await pongs.until(6);
            assert.deepStrictEqual(
              pings.lines,
              expected.map((data) => `ping ${data}`)
            );
            assert.deepStrictEqual(
              pongs.lines,
              expected.map((data) => `pong ${data}`)
            );

            to.pong('unasked');
            await pongs.until('pong unasked');
            from.removeAllListeners();
            to.removeAllListeners();
          }
        });

        it('keeps the order of all that is sent', async () => {
          const { client, server } = await scope.pair(peers, {
            client: { autoPong: false },
            server: { autoPong: false }
          });

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            const journal = new Journal(to);

            from.send('a');
            from.ping('b');
            from.send('c', { fin: false });
            from.ping('d');
            from.send('', { fin: false });
            from.pong('e');
            from.send('f', { fin: true });
            from.send(new Blob(['g']));
            from.ping('h');
            from.send(Buffer.alloc(100000));
            from.send(new Blob(['i']));
            from.send(new Blob(['j']));
            from.pong('k');
            from.send('l');

            await journal.until('text l');
            assert.deepStrictEqual(journal.lines, [
              'text a',
              'ping b',
              'ping d',
              'pong e',
              'text cf',
              'binary g',
              'ping h',
              'binary 100000 bytes',
              'binary i',
              'binary j',
              'pong k',
              'text l'
            ]);
            to.removeAllListeners();
          }
        });
      });
    }
  });
});
