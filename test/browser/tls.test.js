'use strict';

const assert = require('assert');
const { once } = require('events');

const { certificates } = require('../support/certificates');
const { describeInBrowsers, echo } = require('./harness');

describeInBrowsers('Native TLS', ({ connect, evaluate, server }) => {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    describe(version, () => {
      /**
       * Starts a server and lets the page connect.
       *
       * @param {Object} [options] Options of the server
       * @param {Object} [tls] More options of its TLS
       * @param {Function} [onConnection] Called with the server's WebSocket
       * @returns {Promise<WebSocket>} The server's WebSocket
       */
      const open = (options, tls, onConnection) =>
        connect(
          {
            ...options,
            tls: {
              ...certificates().server,
              minVersion: version,
              maxVersion: version,
              ...tls
            }
          },
          [],
          onConnection
        );

      it('is what they agree on', async () => {
        const ws = await open();

        assert.strictEqual(ws._socket.getProtocol(), version);
        assert.strictEqual(ws._socket.encrypted, true);
        assert.strictEqual(ws._socket.isSessionReused(), false);
      });

      it('takes a certificate with an elliptic key', async () => {
        echo(await open({}, certificates().elliptic));
        assert.deepStrictEqual(
          await evaluate(() => {
            window.ws.send('hello');
            return window.take(1);
          }),
          ['hello']
        );
      });

      for (const perMessageDeflate of [false, true]) {
        const how = perMessageDeflate ? ', compressed' : '';

        it(`carries messages of all sizes${how}`, async () => {
          echo(await open({ perMessageDeflate }));

          const differences = await evaluate(async () => {
            const wrong = [];

            window.ws.binaryType = 'arraybuffer';
            for (const size of [0, 1, 126, 16384, 65536, 1000000, 2 ** 24]) {
              const bytes = new Uint8Array(size);

              for (let i = 0; i < size; i++) bytes[i] = (i * i) >> 5;
              window.ws.send(bytes);

              const [buffer] = await window.take(1);

              if (
                (await window.digest(bytes)) !== (await window.digest(buffer))
              ) {
                wrong.push(size);
              }
            }

            return wrong;
          });

          assert.deepStrictEqual(differences, []);
        });

        it(`keeps thousands of messages in order${how}`, async () => {
          echo(await open({ perMessageDeflate }));
          assert.strictEqual(
            await evaluate(async (n) => {
              for (let i = 0; i < n; i++) window.ws.send(String(i));

              return (await window.take(n)).every((text, i) => text === `${i}`);
            }, 20000),
            true
          );
        });
      }

      it('says what the server says at once, and how it ended', async () => {
        await open({}, {}, (ws) => {
          ws.send('first');
          ws.close(3000, 'done');
        });
        assert.deepStrictEqual(
          await evaluate(async () => [
            await window.take(1),
            await window.ended
          ]),
          [['first'], { code: 3000, reason: 'done', wasClean: true }]
        );
      });

      it('learns that the page has closed', async () => {
        const ws = await open();
        const closed = once(ws, 'close');

        await evaluate(() => {
          window.ws.close(3001, 'enough');
          return window.ended;
        });

        const [code, reason] = await closed;

        assert.deepStrictEqual([code, `${reason}`], [3001, 'enough']);
      });

      it('resumes sessions, if the browser does', async () => {
        await open();

        const { port } = server().address();
        const connected = once(server(), 'connection');

        // The same page once more; browsers may or may not use their ticket.
        await evaluate((at) => window.connect(at, [], 'wss'), port);

        const [ws] = await connected;

        echo(ws);
        assert.deepStrictEqual(
          await evaluate(() => {
            window.ws.send('again');
            return window.take(1);
          }),
          ['again']
        );
      });
    });
  }
});
