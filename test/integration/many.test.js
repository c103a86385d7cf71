'use strict';

const assert = require('assert');
const { once } = require('events');

const { forEachKind, theirs, WebSocket } = require('./kinds');
const { frame, TEXT } = require('./support/frames');
const { rawClient } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

/** So many that work which grows with its square takes more than a minute. */
const MANY = 200000;

describe('Very many at a time', function () {
  // A machine with other things to do.
  this.timeout(20000);

  it('messages in one chunk of a Receiver', () => {
    const receiver = new WebSocket.Receiver({ isServer: false });
    let count = 0;

    receiver.on('message', () => count++);
    receiver.write(Buffer.alloc(2 * MANY, frame(TEXT, '', { mask: false })));
    assert.strictEqual(count, MANY);
  });

  forEachKind((kind) => {
    const scope = useScope();

    it('callbacks when the connection is terminated', async () => {
      const { client, server } = await scope.pair({
        client: theirs,
        server: kind
      });
      const errors = [];

      client.pause();
      server.send(Buffer.alloc(16 * 1024 * 1024));
      for (let i = 0; i < MANY; i++) {
        server.send('x', (err) => errors.push(err));
      }
      server.terminate();
      await once(server, 'close');
      assert.strictEqual(errors.length, MANY);
      assert.ok(errors[MANY - 1] instanceof Error);
    });

    it('messages while paused', async () => {
      const wss = await scope.listen(kind);
      const connection = once(wss, 'connection');
      const peer = await rawClient(wss);

      scope.stream(peer.socket);

      const [ws] = await connection;
      const received = new Promise((resolve) => {
        let count = 0;

        ws.on('message', () => {
          if (++count % 10000 === 0) {
            ws.pause();
            setImmediate(() => ws.resume());
          }
          if (count === MANY) resolve();
        });
      });

      peer.write(Buffer.alloc(6 * MANY, frame(TEXT, '', { mask: true })));
      await received;
    });
  });
});
