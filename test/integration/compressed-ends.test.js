'use strict';

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { Worker } = require('worker_threads');

const { usesIoThread } = require('../support/io-thread');
const { forEachKind, WebSocket } = require('./kinds');
const { useScope } = require('./support/scope');

const MESSAGE = 'The socket was closed while data was being compressed';

/**
 * A Blob of a file that has become shorter, so that it cannot be read.
 *
 * @returns {Promise<Blob>} The Blob
 */
async function brokenBlob() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'blob-'));
  const file = path.join(folder, 'data');

  try {
    fs.writeFileSync(file, 'x'.repeat(64));
    const blob = await fs.openAsBlob(file);

    fs.writeFileSync(file, 'x'.repeat(32));
    return blob;
  } finally {
    // The Blob holds no descriptor: it is the name that counts.
    process.once('exit', () => fs.rmSync(folder, { recursive: true }));
  }
}

/**
 * Accepts one websocket on a thread of its own, ends it at once, and tells when
 * the FIN is out.
 */
function endingServer() {
  const crypto = require('crypto');
  const net = require('net');
  const { parentPort, workerData } = require('worker_threads');

  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.once('data', (request) => {
      const key = /sec-websocket-key: (.*)\r\n/i.exec(request)[1];
      const accept = crypto
        .createHash('sha1')
        .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');

      server.close();
      socket.end(
        'HTTP/1.1 101 Switching Protocols\r\n' +
          'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
          'Sec-WebSocket-Extensions: permessage-deflate\r\n' +
          `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
        () => {
          Atomics.store(workerData, 0, 1);
          Atomics.notify(workerData, 0);
        }
      );
      socket.on('data', (data) => parentPort.postMessage(data));
    });
  });

  server.listen(0, '127.0.0.1', () =>
    parentPort.postMessage(server.address().port)
  );
}

describe('Compressed messages at the end of a connection', () => {
  // On JavaScript's thread they are compressed before it hears of the FIN.
  if (usesIoThread) {
    it('fail behind the FIN of the peer, in order', async () => {
      const ended = new Int32Array(new SharedArrayBuffer(4));
      const worker = new Worker(`(${endingServer})()`, {
        eval: true,
        workerData: ended
      });
      const exit = once(worker, 'exit');
      const [port] = await once(worker, 'message');
      const received = [];

      worker.on('message', (data) => received.push(data));

      const ws = new WebSocket(`ws://127.0.0.1:${port}`, {
        perMessageDeflate: { threshold: 0 }
      });
      const calls = [];
      const note = (name) => (err) =>
        calls.push(`${name}: ${err && err.message}, state ${ws.readyState}`);

      ws.on('open', () => {
        // The FIN is there when they come to the I/O thread, and this thread
        // has had no chance to hear of it.
        assert.notStrictEqual(Atomics.wait(ended, 0, 0, 10000), 'timed-out');
        ws.send('one', note('one'));
        ws.send('two', { compress: false }, note('two'));
        ws.ping('three', false, note('three'));
        ws.close();
      });
      await once(ws, 'close');
      await exit;
      assert.deepStrictEqual(
        calls,
        ['one', 'two', 'three'].map(
          (name) => `${name}: ${MESSAGE}, state ${WebSocket.CLOSING}`
        )
      );
      assert.deepStrictEqual(received, []);
    });
  }

  forEachKind((kind) => {
    const scope = useScope();
    const deflate = { perMessageDeflate: { threshold: 0 } };

    it('reads a Blob after what is compressed before it', async () => {
      const wss = await scope.listen(kind, deflate);
      const received = [];

      wss.on('connection', (peer) =>
        peer.on('message', (data) => {
          received.push(`${data}`);
          if (`${data}` === 'last') peer.close();
        })
      );

      const ws = scope.connect(kind, wss, deflate);

      await once(ws, 'open');
      for (let i = 0; i < 20; i++) {
        ws.send(`${i}`);
        ws.send(new Blob([`blob ${i}`]), { binary: false });
      }
      assert.ok(ws.bufferedAmount > 0);
      ws.send('last');
      await once(ws, 'close');

      const expected = [];

      for (let i = 0; i < 20; i++) expected.push(`${i}`, `blob ${i}`);
      assert.deepStrictEqual(received, [...expected, 'last']);
      assert.strictEqual(ws.bufferedAmount, 0);
    });

    // The frame must come with the 101, which a native listener does not
    // promise; its clients are those of the first kind.
    if (!kind.options.native) {
      it('reports a bad frame before a Blob that it found waiting', async () => {
        const wss = await scope.listen(kind, deflate);

        wss.on('connection', (peer) => {
          peer.on('error', () => {});
          peer._socket.write(Buffer.from([0x85, 0x00]));
        });

        const blob = await brokenBlob();
        const ws = scope.connect(kind, wss, deflate);
        const errors = [];

        ws.on('error', (err) => errors.push(err.code));
        ws.on('open', () => {
          ws.send('compressed');
          ws.send(blob);
        });
        await new Promise((resolve) => ws.on('close', resolve));
        assert.deepStrictEqual(errors, ['WS_ERR_INVALID_OPCODE']);
      });
    }

    it('reports the Blob first if messages are in front of the frame', async () => {
      const wss = await scope.listen(kind, { perMessageDeflate: true });

      wss.on('connection', (peer) => {
        peer.on('error', () => {});
        peer._socket.write(Buffer.from('c10100'.repeat(5) + '8500', 'hex'));
      });

      const blob = await brokenBlob();
      const ws = scope.connect(kind, wss);
      const errors = [];

      ws.on('error', (err) => errors.push(err.name));
      ws.on('open', () => ws.send(blob));
      await new Promise((resolve) => ws.on('close', resolve));
      assert.deepStrictEqual(errors, ['NotReadableError']);
    });
  });
});
