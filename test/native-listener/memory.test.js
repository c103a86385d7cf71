'use strict';

const assert = require('assert');
const { fork } = require('child_process');
const { once } = require('events');
const path = require('path');

const {
  rawConnect,
  upgradeRequest
} = require('../integration/support/raw-peer');
const { useScope } = require('../integration/support/scope');
const { memory } = require('../support/sanitized');

const COUNT = 4000;

describe('Memory of a native listener', () => {
  const scope = useScope();

  it('stays small for each idle connection', async function () {
    this.timeout(60000);

    const child = fork(path.join(__dirname, 'children/idle-server.js'), [], {
      execArgv: ['--expose-gc']
    });
    const ended = once(child, 'exit');

    scope.defer(() => {
      if (child.connected) child.disconnect();
      return ended;
    });

    const [{ port }] = await once(child, 'message');
    const sockets = [];
    const measure = async () => {
      child.send('measure');
      return (await once(child, 'message'))[0];
    };
    const connect = async (count) => {
      for (let i = 0; i < count; i++) {
        const peer = await rawConnect(port);

        scope.stream(peer.socket);
        peer.write(upgradeRequest([`Cookie: session=${'0'.repeat(200)}`]));
        await peer.until(() => peer.head !== null);
        sockets.push(peer.socket);
      }
    };

    await connect(200);

    const before = await measure();

    await connect(COUNT);

    const after = await measure();
    const each = (key) => (after[key] - before[key]) / COUNT;

    assert.strictEqual(after.clients, before.clients + COUNT);
    assert.ok(each('heapUsed') < 2800, `heap ${each('heapUsed')}`);
    assert.ok(each('external') < 500, `external ${each('external')}`);
    // Of which the heap's own reserve is a part.
    assert.ok(each('rss') < 9000 * memory, `resident ${each('rss')}`);
  });
});
