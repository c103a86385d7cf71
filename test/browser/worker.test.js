'use strict';

const assert = require('assert');
const { once } = require('events');

const { describeInBrowsers, echo } = require('./harness');

describeInBrowsers('Web Workers', ({ connect, evaluate, server }) => {
  it('exchange messages in all kinds and close', async () => {
    await connect({ perMessageDeflate: true });

    const connected = once(server(), 'connection');
    const ended = connected.then(([ws]) => {
      echo(ws);
      return once(ws, 'close');
    });

    const result = await evaluate(async (port) => {
      /**
       * The program of the worker.
       */
      function program() {
        onmessage = ({ data: url }) => {
          const ws = new WebSocket(url, ['worker']);
          const received = [];

          ws.binaryType = 'arraybuffer';
          ws.onopen = () => {
            ws.send('text from a worker');
            ws.send(new Uint8Array([1, 2, 3]));
            ws.send(new Blob(['blob']));
            ws.send(new Uint8Array(1024 * 1024).fill(7));
          };
          ws.onmessage = ({ data }) => {
            received.push(data);
            if (received.length === 4) ws.close(3456, 'from a worker');
          };
          ws.onclose = ({ code, reason, wasClean }) => {
            const [text, bytes, blob, large] = received;

            postMessage([
              text,
              Array.from(new Uint8Array(bytes)),
              new TextDecoder().decode(blob),
              large.byteLength,
              new Uint8Array(large).every((byte) => byte === 7),
              ws.protocol,
              ws.extensions.split(';')[0],
              { code, reason, wasClean }
            ]);
          };
        };
      }

      const worker = new Worker(
        URL.createObjectURL(new Blob([`(${program})()`]))
      );

      worker.postMessage(`ws://127.0.0.1:${port}`);

      return new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message));
      });
    }, server().address().port);

    assert.deepStrictEqual(result, [
      'text from a worker',
      [1, 2, 3],
      'blob',
      1024 * 1024,
      true,
      'worker',
      'permessage-deflate',
      { code: 3456, reason: 'from a worker', wasClean: true }
    ]);
    assert.deepStrictEqual(await ended, [3456, Buffer.from('from a worker')]);
  });

  it('that are terminated end their connection', async () => {
    await connect();

    const connected = once(server(), 'connection');

    await evaluate((port) => {
      const text = `onmessage = ({ data }) => {
        self.ws = new WebSocket(data);
      };`;

      window.worker = new Worker(URL.createObjectURL(new Blob([text])));
      window.worker.postMessage(`ws://127.0.0.1:${port}`);
    }, server().address().port);

    const [ws] = await connected;
    const closed = once(ws, 'close');

    await evaluate(() => window.worker.terminate());

    const [code] = await closed;
    assert.ok([1001, 1006].includes(code), String(code));
  });
});
