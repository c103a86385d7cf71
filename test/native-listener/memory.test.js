'use strict';

const assert = require('assert');
const { fork } = require('child_process');
const { once } = require('events');
const path = require('path');
const tls = require('tls');

const {
  rawConnect,
  RawPeer,
  upgradeRequest
} = require('../integration/support/raw-peer');
const { useScope } = require('../integration/support/scope');
const { memory } = require('../support/sanitized');
const { certificates } = require('../support/certificates');

const COUNT = 4000;
const COOKIE = `Cookie: session=${'0'.repeat(200)}`;

/**
 * Connects with TLS.
 *
 * @param {number} port The port
 * @param {Buffer} ca Who has signed the server's certificate
 * @returns {Promise<tls.TLSSocket>} The socket
 */
async function secureSocket(port, ca) {
  const socket = tls.connect({ port, host: '127.0.0.1', ca });

  await once(socket, 'secureConnect');
  return socket;
}

describe('Memory of a native listener', () => {
  const scope = useScope();

  /**
   * Measures a server with many connections.
   *
   * @param {Object} options
   * @param {string} [options.host] Where it listens
   * @param {Object} [options.pki] Certificates, if it is to do TLS
   * @param {number} options.count How many connections there are
   * @returns {Promise<Function>} Gives the growth of a figure for each
   */
  async function grow({ host = '127.0.0.1', pki = null, count }) {
    const secrets = pki && {
      cert: `${pki.server.cert}`,
      key: `${pki.server.key}`
    };
    const child = fork(
      path.join(__dirname, 'children/idle-server.js'),
      [host, JSON.stringify(secrets)],
      { execArgv: ['--expose-gc'] }
    );
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
    const connect = async (more) => {
      for (let i = 0; i < more; i++) {
        const peer = pki
          ? new RawPeer(await secureSocket(port, pki.ca))
          : await rawConnect(port);

        scope.stream(peer.socket);
        peer.write(upgradeRequest([COOKIE]));
        await peer.until(() => peer.head !== null);
        sockets.push(peer.socket);
      }
    };

    await connect(200);

    const before = await measure();

    await connect(count);

    const after = await measure();

    assert.strictEqual(after.clients, before.clients + count);
    return (key) => (after[key] - before[key]) / count;
  }

  it('stays small for each idle connection', async function () {
    this.timeout(60000);

    const each = await grow({ count: COUNT });

    assert.ok(each('heapUsed') < 1000, `heap ${each('heapUsed')}`);
    assert.ok(each('external') < 500, `external ${each('external')}`);
    // Of which the heap's own reserve is a part.
    assert.ok(each('rss') < 7000 * memory, `resident ${each('rss')}`);
  });

  it('does not keep requests for the sake of long addresses', async function () {
    this.timeout(60000);

    // Peers have addresses like ::ffff:127.0.0.1 there.
    const each = await grow({ host: '::', count: 1000 });

    assert.ok(each('heapUsed') < 1400, `heap ${each('heapUsed')}`);
  });

  it('keeps what is known of TLS once', async function () {
    this.timeout(60000);

    const each = await grow({ pki: certificates(), count: 500 });

    assert.ok(each('heapUsed') < 1600, `heap ${each('heapUsed')}`);
  });
});
