'use strict';

const assert = require('assert');
const { once } = require('events');

const NativeOutput = require('../../lib/native-output');
const { forEachKind } = require('./kinds');
const { useScope } = require('./support/scope');

describe('Callbacks of send()', () => {
  forEachKind((kind) => {
    const scope = useScope();

    it('come for what is sent behind a Blob that failed', async () => {
      const peers = await scope.pair({ client: kind, server: kind });
      const ws = peers.server;
      const closed = once(ws, 'close');
      const blob = new Blob(['blob']);
      const called = [];
      const confirm = (name, then) => (err) => {
        called.push([name, err instanceof Error]);
        if (then) then();
      };

      // Read at once: the socket is destroyed then, but not closed yet.
      blob.arrayBuffer = () => Promise.resolve(new ArrayBuffer(4));

      await new Promise((resolve) => {
        const sendMore = () => {
          assert.strictEqual(ws.readyState, ws.OPEN);
          ws.send('text', confirm('text'));
          ws.send(Buffer.alloc(70000), confirm('buffer'));
          ws.send(blob, confirm('another blob', resolve));
        };

        ws.send(blob, confirm('blob'));
        ws.send(
          'text',
          confirm('waiting', () => process.nextTick(sendMore))
        );
        ws._socket.destroy();
      });
      await closed;
      assert.deepStrictEqual(called, [
        ['blob', true],
        ['waiting', true],
        ['text', true],
        ['buffer', true],
        ['another blob', true]
      ]);
    });
  });

  it('go on behind those of messages that were refused', async () => {
    const output = new NativeOutput({});
    const called = [];
    const [first, second, third] = ['first', 'second', 'third'].map((name) =>
      output.addCallback((err) => called.push([name, err && err.name]), true)
    );

    output.failRefused(second, second);
    output.settleCallbacks(first);
    output.settleCallbacks(third);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepStrictEqual(called, [
      ['first', null],
      ['third', null],
      ['second', 'Error']
    ]);
  });
});
