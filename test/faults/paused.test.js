'use strict';

const assert = require('assert');
const { once } = require('events');

const { forEachPlainKind } = require('../integration/kinds');
const { rawClient } = require('../integration/support/raw-peer');
const { useScope } = require('../integration/support/scope');

describe('A WebSocket that is paused', () => {
  forEachPlainKind((kind) => {
    const scope = useScope();

    it('learns by sending that its peer is gone', async () => {
      const wss = await scope.listen(kind);
      const connection = once(wss, 'connection');
      const peer = await rawClient(wss);

      scope.stream(peer.socket);

      const [ws] = await connection;
      const closed = once(ws, 'close');

      // Where the connection is going to live is decided.
      await new Promise(setImmediate);
      ws.pause();
      peer.socket.resetAndDestroy();
      while (ws.readyState === ws.OPEN) {
        ws.send('anybody there?');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assert.strictEqual((await closed)[0], 1006);
    });
  });
});
