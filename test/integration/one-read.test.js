'use strict';

const assert = require('assert');
const { once } = require('events');
const net = require('net');
const path = require('path');

const { forEachKind, isReference } = require('./kinds');
const { run } = require('./support/child');
const { BINARY, CLOSE, frame, PING, PONG, TEXT } = require('./support/frames');
const { rawClient } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

const mask = { mask: true };

/**
 * Describe frames in a few characters.
 *
 * @param {Object[]} frames What a peer has received
 * @returns {string[]} Opcode and payload of each
 */
function describeFrames(frames) {
  return frames.map(({ opcode, payload }) =>
    payload.length > 40
      ? `${opcode} ${payload.length} bytes`
      : `${opcode} ${payload}`
  );
}

/**
 * Count the calls of `write()` of all sockets.
 *
 * @param {Scope} scope What ends it
 * @returns {Function} Returns the sockets that were written to since
 */
function countWrites(scope) {
  const { write } = net.Socket.prototype;
  const sockets = [];

  net.Socket.prototype.write = function (...args) {
    sockets.push(this);
    return write.apply(this, args);
  };
  scope.defer(() => {
    net.Socket.prototype.write = write;
  });
  return () => sockets.splice(0);
}

describe('Several messages in one read', () => {
  forEachKind((kind) => {
    describe('of a server', () => {
      const scope = useScope();

      /**
       * A connection with a peer made of bytes.
       *
       * @returns {Promise<Object>} `{ ws, peer }`
       */
      const open = async () => {
        const wss = await scope.listen(kind);
        const connection = once(wss, 'connection');
        const peer = await rawClient(wss, { allowHalfOpen: true });

        scope.stream(peer.socket);

        const [ws] = await connection;

        // Whatever comes first in the life of a connection is over.
        ws.once('message', (data) => ws.send(data));
        await peer.write(frame(TEXT, 'first', mask));
        await peer.untilFrames(1);
        return { ws, peer };
      };

      it('are answered in the order of the calls', async () => {
        const { ws, peer } = await open();
        const other = await open();
        const large = Buffer.alloc(5000, 'l');
        const medium = Buffer.alloc(300, 'm');

        ws.on('message', (data, binary) => {
          ws.send(data, { binary });
          other.ws.send(`other ${data}`);
          ws.send(medium);
          if (`${data}` === 'b') ws.send(large);
          if (`${data}` === 'c') {
            ws.send('fragment', { fin: false });
            ws.ping('p');
            ws.send(' end');
          }
          if (`${data}` === 'd') ws._socket.write(frame(TEXT, 'raw'));
          ws.send(`é${data}`);
        });
        await peer.write(
          frame(TEXT, 'a', mask),
          frame(BINARY, 'b', mask),
          frame(PING, 'x', mask),
          frame(TEXT, 'c', mask),
          frame(TEXT, 'd', mask),
          frame(TEXT, 'e', mask)
        );

        const frames = await peer.untilFrames(22);

        assert.deepStrictEqual(describeFrames(frames.slice(1)), [
          '1 a',
          '2 300 bytes',
          '1 éa',
          '2 b',
          '2 300 bytes',
          '2 5000 bytes',
          '1 éb',
          '10 x',
          '1 c',
          '2 300 bytes',
          '1 fragment',
          '9 p',
          '0  end',
          '1 éc',
          '1 d',
          '2 300 bytes',
          '1 raw',
          '1 éd',
          '1 e',
          '2 300 bytes',
          '1 ée'
        ]);
        assert.deepStrictEqual(
          describeFrames(await other.peer.untilFrames(6)).slice(1),
          ['a', 'b', 'c', 'd', 'e'].map((name) => `1 other ${name}`)
        );
      });

      it('can be many, with listeners that read others meanwhile', async () => {
        const { ws, peer } = await open();
        const other = await open();
        const texts = Array.from({ length: 4000 }, (_, i) => `${i}`);
        const received = [];

        ws.on('message', (data) => {
          // Another connection reads while this one's messages are emitted.
          other.ws._socket.emit('data', frame(TEXT, `o${data}`, mask));
          ws.send(data, { binary: false });
        });
        other.ws.on('message', (data) => received.push(`${data}`));
        await peer.write(...texts.map((text) => frame(TEXT, text, mask)));

        const frames = await peer.untilFrames(4001);

        assert.deepStrictEqual(
          frames.slice(1).map(({ payload }) => `${payload}`),
          texts
        );
        // Only where JavaScript reads the socket does it notice.
        if (kind.options.ioThread === false) {
          assert.deepStrictEqual(
            received,
            texts.map((text) => `o${text}`)
          );
        }
      });

      it('leave bufferedAmount as it is', async () => {
        const { ws, peer } = await open();
        const amounts = [];

        ws.on('message', (data) => {
          ws.send(data);
          amounts.push(ws.bufferedAmount);
          if (`${data}` !== 'b') return;
          // Nobody reads, so this comes to an end.
          while (ws.bufferedAmount === 0) ws.send(Buffer.alloc(3000));
        });
        peer.socket.pause();
        await peer.write(
          frame(TEXT, 'a', mask),
          frame(TEXT, 'b', mask),
          frame(TEXT, 'c', mask)
        );
        while (amounts.length < 3) await once(ws, 'message');
        assert.deepStrictEqual(amounts.slice(0, 2), [0, 0]);
        assert.ok(amounts[2] > 0);
      });

      it('keep callbacks in order with ticks', async () => {
        const { ws, peer } = await open();
        const log = [];

        ws.on('message', (data) => {
          ws.send('x');
          ws.send('y', () => log.push(`callback ${data}`));
          process.nextTick(() => log.push(`tick ${data}`));
        });
        await peer.write(frame(TEXT, 'a', mask), frame(TEXT, 'b', mask));
        await peer.untilFrames(5);
        while (log.length < 4) await new Promise(setImmediate);
        assert.deepStrictEqual(
          log.filter((line) => line.startsWith('callback')),
          ['callback a', 'callback b']
        );
        if (kind.options.ioThread === false) {
          assert.deepStrictEqual(log, [
            'callback a',
            'tick a',
            'callback b',
            'tick b'
          ]);
        }
      });

      for (const [name, end, close] of [
        ['close()', (ws) => ws.close(1000, 'bye'), `${CLOSE} \u0003\ufffdbye`],
        ['terminate()', (ws) => ws.terminate()],
        ['destroy() of the socket', (ws) => ws._socket.destroy()],
        ['end() of the socket', (ws) => ws._socket.end()]
      ]) {
        it(`send what was sent before ${name}`, async () => {
          const { ws, peer } = await open();

          ws.on('message', (data) => {
            ws.send(`answer to ${data}`);
            if (`${data}` === 'b') end(ws);
          });
          await peer.write(
            frame(TEXT, 'a', mask),
            frame(TEXT, 'b', mask),
            frame(TEXT, 'c', mask)
          );
          if (close) await peer.untilFrames(4);
          else await peer.untilEnd();

          assert.deepStrictEqual(
            describeFrames(peer.frames).slice(1, close ? 4 : 3),
            ['1 answer to a', '1 answer to b'].concat(close ?? [])
          );
        });
      }

      if (kind.options.ioThread !== false) return;

      it('can come as a string', async () => {
        const { ws } = await open();
        const received = once(ws, 'message');

        // One byte of text, masked with zeros.
        ws._socket.emit('data', Buffer.from([0x81]));
        ws._socket.emit('data', Buffer.from([0x81]));
        ws._socket.emit('data', '\0\0\0\0a');

        const [data, isBinary] = await received;

        assert.strictEqual(`${data}`, 'a');
        assert.strictEqual(isBinary, false);
      });

      if (isReference) return;

      it('are answered with one write', async () => {
        const { ws, peer } = await open();
        const writes = countWrites(scope);

        ws.on('message', (data) => ws.send(data));
        ws.on('ping', () => ws.pong('more'));
        await peer.write(
          frame(TEXT, 'a', mask),
          frame(PONG, 'b', mask),
          frame(TEXT, 'c', mask),
          frame(BINARY, 'd', mask)
        );
        await peer.untilFrames(4);
        assert.strictEqual(
          writes().filter((socket) => socket === ws._socket).length,
          1
        );
      });

      it('are answered with more writes by slow listeners', async () => {
        const { ws, peer } = await open();
        const writes = countWrites(scope);
        const counts = [];
        const cell = new Int32Array(new SharedArrayBuffer(4));

        ws.on('message', (data) => {
          counts.push(writes().filter((socket) => socket === ws._socket));
          ws.send(data);
          Atomics.wait(cell, 0, 0, 20);
        });
        await peer.write(
          frame(TEXT, 'a', mask),
          frame(TEXT, 'b', mask),
          frame(TEXT, 'c', mask)
        );
        await peer.untilFrames(4);
        assert.deepStrictEqual(
          counts.map(({ length }) => length),
          [0, 1, 1]
        );
        // Nothing waits for a while.
        await peer.write(frame(TEXT, 'd', mask), frame(TEXT, 'e', mask));
        await peer.untilFrames(6);
        assert.strictEqual(counts[4].length, 1);
      });

      it('do not have answers wait whose socket has another write()', async () => {
        const { ws, peer } = await open();
        const { write } = ws._socket;
        let count = 0;

        ws._socket.write = function (...args) {
          count++;
          return write.apply(this, args);
        };
        ws.on('message', (data) => ws.send(data));
        await peer.write(frame(TEXT, 'a', mask), frame(TEXT, 'b', mask));
        await peer.untilFrames(3);
        assert.strictEqual(count, 2);
      });
    });
  });

  it('are answered when a listener exits the process', async () => {
    const { code, stdout, stderr } = await run(
      path.join(__dirname, 'children', 'exit-in-read.js'),
      []
    );

    assert.strictEqual(stderr, '');
    assert.strictEqual(code, 0);
    assert.deepStrictEqual(JSON.parse(stdout), [
      'answer to a',
      'answer to b',
      'from exit'
    ]);
  });
});
