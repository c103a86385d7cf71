'use strict';

const assert = require('assert');
const { once } = require('events');
const net = require('net');
const { Duplex } = require('stream');

const { forEachKind, theirs } = require('./kinds');
const { closeFrame, frame, PING, PONG, TEXT } = require('./support/frames');
const { Journal } = require('./support/journal');
const { receive, send } = require('./support/messages');
const { rawClient, RawServer } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

describe('_socket, _receiver and _sender', () => {
  forEachKind((kind) => {
    for (const role of kind.roles) {
      describe(`_socket of the ${role}`, () => {
        const scope = useScope();
        const mask = role === 'server';
        const isNative = kind.isNative && role === 'server';

        /**
         * Open a connection with ws as the peer.
         *
         * @returns {Promise<Object>} `{ ws, other, wss }`
         */
        const open = async () => {
          const pair = await scope.pair(
            role === 'client'
              ? { client: kind, server: theirs }
              : { client: theirs, server: kind }
          );

          return {
            ws: pair[role],
            other: role === 'client' ? pair.server : pair.client,
            wss: pair.wss
          };
        };

        /**
         * Open a connection with a peer made of bytes.
         *
         * @returns {Promise<Object>} `{ ws, peer, journal }`
         */
        const openRaw = async () => {
          if (role === 'server') {
            const wss = await scope.listen(kind);
            const connection = once(wss, 'connection');
            const peer = await rawClient(wss);

            scope.stream(peer.socket);

            const [ws] = await connection;

            return { ws, peer, journal: new Journal(ws) };
          }

          const server = await new RawServer().listen();

          scope.defer(() => server.close());

          const ws = scope.connect(kind, server.url);

          await once(ws, 'open');
          return { ws, peer: await server.peer(), journal: new Journal(ws) };
        };

        it('has the addresses, after the end as well', async () => {
          const { ws, other, wss } = await open();
          const { port } = wss.address();
          const addresses = () => [
            ws._socket.remoteAddress,
            ws._socket.remoteFamily,
            typeof ws._socket.remotePort
          ];

          assert.ok(ws._socket instanceof (isNative ? Duplex : net.Socket));
          assert.deepStrictEqual(addresses(), ['127.0.0.1', 'IPv4', 'number']);
          assert.strictEqual(ws._socket.localAddress, '127.0.0.1');
          assert.strictEqual(
            role === 'client' ? ws._socket.remotePort : ws._socket.localPort,
            port
          );
          assert.strictEqual(ws._socket.remotePort, other._socket.localPort);
          assert.strictEqual(ws._socket.address().address, '127.0.0.1');
          assert.strictEqual(ws._socket.address().port, ws._socket.localPort);
          if (!isNative) {
            assert.strictEqual(typeof ws._socket._handle.fd, 'number');
          }

          const closed = new Promise((resolve) => {
            ws.on('close', () => resolve(addresses()));
          });

          other.close();
          assert.deepStrictEqual(await closed, ['127.0.0.1', 'IPv4', 'number']);
        });

        it('takes settings', async () => {
          const { ws, other } = await open();

          assert.strictEqual(ws._socket.setNoDelay(true), ws._socket);
          assert.strictEqual(ws._socket.setNoDelay(false), ws._socket);
          assert.strictEqual(ws._socket.setKeepAlive(true, 1000), ws._socket);
          assert.strictEqual(ws._socket.ref(), ws._socket);

          const received = receive(other, 1);

          ws.send('x');
          await received;
        });

        it('counts bytes', async () => {
          const { ws, peer, journal } = await openRaw();
          const read = ws._socket.bytesRead;
          const written = ws._socket.bytesWritten;
          const bytes = frame(TEXT, Buffer.alloc(5000, 'x'), { mask });

          assert.ok(read > 100 && written > 100);
          await peer.write(bytes);
          await journal.until(1);
          assert.strictEqual(ws._socket.bytesRead - read, bytes.length);
          await send(ws, Buffer.alloc(70000));
          assert.strictEqual(
            ws._socket.bytesWritten - written,
            70000 + (mask ? 10 : 14)
          );
          assert.strictEqual(ws._socket.writableLength, 0);
          assert.strictEqual(ws._socket._writableState.length, 0);
        });

        it('writes raw bytes in order', async () => {
          const { ws, peer } = await openRaw();
          const raw = (text) => frame(TEXT, text, { mask: !mask });

          ws.send('a');
          ws._socket.write(raw('b'));
          ws.send('c');
          ws._socket.cork();
          ws._socket.write(raw('d'));
          ws._socket.write(raw('e'));
          ws._socket.uncork();
          ws.ping('f');
          await new Promise((resolve) => ws._socket.write(raw('g'), resolve));
          assert.deepStrictEqual(
            (await peer.untilFrames(7)).map(({ payload }) => `${payload}`),
            [...'abcdefg']
          );
        });

        it('can be destroyed', async () => {
          const { ws, other } = await open();
          const journal = new Journal(ws);
          const theirJournal = new Journal(other);

          ws._socket.on('close', () => journal.add('socket close'));
          ws._socket.destroy();
          assert.strictEqual(ws._socket.destroyed, true);
          await journal.until('socket close');
          await theirJournal.until('close');
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, [
            'socket close',
            "close 1006 '' state 3"
          ]);
          assert.deepStrictEqual(theirJournal.lines, ["close 1006 '' state 3"]);
          assert.strictEqual(ws._socket.destroyed, true);
        });

        it('can be destroyed with an error', async () => {
          const { ws } = await open();
          const journal = new Journal(ws);

          ws._socket.on('error', (err) => journal.add(err.message));
          ws._socket.destroy(new Error('enough'));
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, [
            'enough',
            "close 1006 '' state 3"
          ]);
        });

        it('can be ended', async () => {
          const { ws, other } = await open();
          const journal = new Journal(ws);
          const theirJournal = new Journal(other);

          ws.send('before');
          ws._socket.end();
          await journal.until('close');
          await theirJournal.until('close');
          assert.deepStrictEqual(journal.lines, ["close 1006 '' state 3"]);
          assert.deepStrictEqual(theirJournal.lines, [
            'text before',
            "close 1006 '' state 3"
          ]);
        });

        it("is destroyed and has its 'close' at the end", async () => {
          const { ws, other } = await open();
          const journal = new Journal(ws);

          ws._socket.on('end', () => journal.add('socket end'));
          ws._socket.on('close', () => journal.add('socket close'));
          other.close(1000);
          await journal.until('socket close');
          assert.deepStrictEqual(journal.lines, [
            'socket end',
            "close 1000 '' state 3",
            'socket close'
          ]);
          assert.strictEqual(ws._socket.destroyed, true);
          assert.strictEqual(ws.bufferedAmount, 0);
        });

        it('pauses and resumes', async () => {
          const { ws, peer, journal } = await openRaw();

          ws._socket.pause();
          await peer.write(frame(TEXT, 'a', { mask }));
          for (let i = 0; i < 20; i++) {
            await new Promise((resolve) => setImmediate(resolve));
          }
          assert.deepStrictEqual(journal.lines, []);
          ws._socket.resume();
          await journal.until('text a');
        });

        it("shows what it reads to 'data' listeners", async () => {
          const { ws, peer, journal } = await openRaw();
          const chunks = [];

          ws._socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)));

          const bytes = Buffer.concat([
            frame(TEXT, 'a', { mask }),
            frame(PING, 'b', { mask })
          ]);

          await peer.write(bytes);
          await journal.until(2);
          assert.strictEqual(Buffer.concat(chunks).length, bytes.length);
        });

        it('times out when nothing happens', async function () {
          this.timeout(5000);

          const { ws, other } = await open();
          const start = Date.now();
          const idle = [];
          let last = start;

          // A busy machine may stop this process for longer than that, so
          // what counts is the time since something happened, as far as the
          // event loop knows.
          ws._socket.setTimeout(200, () => idle.push(Date.now() - last));
          other.on('message', (data) => other.send(data));
          while (Date.now() - start < 500) {
            const answered = once(ws, 'message');

            ws.send('x');
            await answered;
            last = Date.now();
          }
          if (!idle.length) await once(ws._socket, 'timeout');
          assert.ok(
            idle.every((time) => time >= 100),
            `${idle}`
          );
          ws._socket.setTimeout(0);
          assert.strictEqual(ws.readyState, 1);
        });

        it('has plain fields for the state', async () => {
          const { ws, other } = await open();

          assert.strictEqual(ws._isServer, role === 'server');
          assert.strictEqual(ws._readyState, 1);
          assert.strictEqual(ws._binaryType, 'nodebuffer');
          assert.strictEqual(ws._protocol, '');
          assert.strictEqual(ws._paused, false);
          assert.strictEqual(ws._closeCode, 1006);
          assert.strictEqual(ws._closeTimer, null);
          assert.strictEqual(ws._errorEmitted, false);
          assert.strictEqual(ws._autoPong, true);
          assert.strictEqual(ws._closeTimeout, 30000);
          assert.deepStrictEqual(ws._extensions, {});
          ws.close(1001, 'x');
          assert.strictEqual(ws._readyState, 2);
          assert.notStrictEqual(ws._closeTimer, null);
          await Promise.all([once(ws, 'close'), once(other, 'close')]);
          assert.strictEqual(ws._closeFrameSent, true);
          assert.strictEqual(ws._closeFrameReceived, true);
          assert.strictEqual(ws._closeCode, 1001);
          assert.strictEqual(`${ws._closeMessage}`, 'x');
        });

        it('_receiver takes new limits', async () => {
          const { ws, peer, journal } = await openRaw();

          assert.strictEqual(ws._receiver._maxPayload, 104857600);
          assert.strictEqual(
            typeof ws._receiver.removeAllListeners,
            'function'
          );
          ws._receiver._skipUTF8Validation = true;
          await peer.write(frame(TEXT, Buffer.from([0xff]), { mask }));
          await journal.until('text');
          ws._receiver._skipUTF8Validation = false;
          ws._receiver._maxPayload = 3;
          await peer.write(
            frame(TEXT, 'abc', { mask }),
            frame(TEXT, 'abcd', { mask })
          );
          await peer.untilEnd();
          peer.socket.end();
          await journal.until('close');
          assert.strictEqual(journal.lines[1], 'text abc');
          assert.match(journal.lines[2], /WS_ERR_UNSUPPORTED_MESSAGE_LENGTH/);
        });

        it("_receiver's listeners can be removed", async () => {
          const { ws, peer, journal } = await openRaw();

          ws._receiver.removeAllListeners('ping');
          ws._receiver.removeAllListeners('message');
          ws._receiver.on('message', (data) => journal.add(`taken ${data}`));
          await peer.write(
            frame(PING, 'a', { mask }),
            frame(TEXT, 'b', { mask }),
            frame(PONG, 'c', { mask })
          );
          await journal.until('pong');
          assert.deepStrictEqual(journal.lines, ['taken b', 'pong c']);
          assert.deepStrictEqual(peer.frames, []);
        });

        it("_receiver emits 'conclude'", async () => {
          const { ws, peer, journal } = await openRaw();

          ws._receiver.on('conclude', (code, reason) =>
            journal.add(`conclude ${code} ${reason} state ${ws.readyState}`)
          );
          await peer.write(closeFrame(4000, 'x', { mask }));
          await peer.untilEnd();
          peer.socket.end();
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, [
            'conclude 4000 x state 2',
            "close 4000 'x' state 3"
          ]);
        });

        it("_receiver's listeners can be removed at once", async () => {
          if (role === 'client') {
            const server = await new RawServer().listen();
            const ws = scope.connect(kind, server.url);
            const journal = new Journal(ws);

            scope.defer(() => server.close());
            ws.on('open', () => ws._receiver.removeAllListeners('conclude'));
            await once(ws, 'open');
            await checkDead(ws, await server.peer(), journal);
            return;
          }

          const wss = await scope.listen(kind);
          const connection = new Promise((resolve) => {
            wss.on('connection', (ws) => {
              ws._receiver.removeAllListeners('conclude');
              resolve(ws);
            });
          });
          const peer = await rawClient(wss);

          scope.stream(peer.socket);

          const ws = await connection;

          await checkDead(ws, peer, new Journal(ws));
        });

        /**
         * Check that a websocket does not answer a close frame.
         *
         * @param {WebSocket} ws The websocket
         * @param {RawPeer} peer Its peer
         * @param {Journal} journal Its events
         */
        const checkDead = async (ws, peer, journal) => {
          await peer.write(
            frame(TEXT, 'a', { mask }),
            closeFrame(1000, '', { mask })
          );
          await journal.until('text a');
          ws.send('b');
          assert.strictEqual(`${(await peer.untilFrames(1))[0].payload}`, 'b');
          assert.strictEqual(ws.readyState, 1);
        };

        it('_sender sends frames that were made once', async () => {
          const { ws, peer } = await openRaw();
          const { Sender } = kind.WebSocket;
          const make = (data, opcode) =>
            Sender.frame(Buffer.from(data), {
              readOnly: false,
              mask: !mask,
              rsv1: false,
              opcode,
              fin: true
            });
          const log = [];

          assert.strictEqual(make('x', 1).length, 2);
          assert.strictEqual(make('', 1).length, 1);
          ws.send('a');
          ws._sender.sendFrame(make('b', 1), () => log.push('b'));
          ws._sender.sendFrame(make('', 2), () => log.push('empty'));
          ws.send('c', () => log.push('c'));
          ws._sender.sendFrame(make('d', 9));
          assert.deepStrictEqual(
            (await peer.untilFrames(5)).map(({ opcode, payload }) => [
              opcode,
              `${payload}`
            ]),
            [
              [1, 'a'],
              [1, 'b'],
              [2, ''],
              [1, 'c'],
              [9, 'd']
            ]
          );
          assert.deepStrictEqual(log, ['b', 'empty', 'c']);
        });
      });
    }
  });
});
