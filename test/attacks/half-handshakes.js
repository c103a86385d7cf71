'use strict';

const assert = require('assert');
const { execFileSync } = require('child_process');
const { once } = require('events');
const net = require('net');
const path = require('path');
const tls = require('tls');

const { kinds } = require('../integration/kinds');
const { upgradeRequest } = require('../integration/support/raw-peer');
const { Helper } = require('../lifecycle/support');
const { certificates } = require('../support/certificates');
const { memory } = require('../support/sanitized');
const ServerSiege = require('./server-siege');
const { HEALTHY } = require('./siege');

const MIB = 1024 * 1024;

/** What else the processes need descriptors for. */
const SPARE = 400;

/** Processes that they are spread over. */
const PROCESSES = 5;

/** How much later than that it may be cut on a busy machine, in ms. */
const LATE = 5000;

/** What one that says no more may take, in bytes. */
const EACH = 1024 * memory;

/** And what may come and go besides: the clients that behave talk on. */
const NOISE = 48 * MIB * memory;

/**
 * How many files a process may have open.
 *
 * @returns {number} The limit that cannot be raised
 */
function descriptorLimit() {
  const text = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' });

  return text.trim() === 'unlimited' ? Infinity : +text;
}

/**
 * Get the first message of a client with TLS.
 *
 * @returns {Promise<Buffer>} One record
 */
async function clientHello() {
  const server = net.createServer().listen(0, '127.0.0.1');

  await once(server, 'listening');

  const client = tls.connect(server.address().port, '127.0.0.1');
  const [socket] = await once(server, 'connection');
  const [hello] = await once(socket, 'data');

  client.on('error', () => {});
  client.destroy();
  socket.destroy();
  server.close();
  await once(server, 'close');
  return hello;
}

/**
 * Define attacks by peers that stop halfway.
 *
 * @param {number} wanted How many there are, where that many files can be open
 * @param {number} timeout How long a handshake may take, in milliseconds: long
 *     enough for many of them to come meanwhile
 */
function defineHalfHandshakes(wanted, timeout) {
  const count = Math.min(wanted, descriptorLimit() - SPARE);

  let helpers = [];
  let siege = null;

  afterEach(async () => {
    await Promise.all(helpers.map((helper) => helper.kill()));
    if (siege) await siege.kill();
    helpers = [];
    siege = null;
  });

  /**
   * Have peers connect that send the same and stop, until all are cut.
   *
   * @param {Object} options Options of the server
   * @param {Buffer} bytes What they send
   * @param {number} number How many there are
   * @returns {Promise<Object>} What became of them: `answered`, `longest` and
   *     `shortest`; and of the server: `grown` and `mostSockets`
   */
  async function stopAfter(options, bytes, number) {
    siege = new ServerSiege(kinds[2], options);
    await siege.begin();

    const cut = [];
    const use = await siege.under(async () => {
      helpers = Array.from(
        { length: PROCESSES },
        () =>
          new Helper(path.join(__dirname, 'children/halves.js'), [
            siege.port,
            Math.floor(number / PROCESSES),
            bytes.toString('base64')
          ])
      );
      await Promise.all(helpers.map((helper) => helper.ask('connect')));
      for (const helper of helpers) cut.push(await helper.ask('wait'));
    });

    // Everything is as before: descriptors, too.
    await siege.end();
    siege = null;
    return {
      ...use,
      answered: cut.reduce((sum, { answered }) => sum + answered, 0),
      longest: Math.max(...cut.map(({ longest }) => longest)),
      shortest: Math.min(...cut.map(({ shortest }) => shortest))
    };
  }

  it(`cuts ${count} halves of requests when their time is over`, async () => {
    const result = await stopAfter(
      { handshakeTimeout: timeout },
      Buffer.from(upgradeRequest().slice(0, 60)),
      count
    );

    assert.strictEqual(result.answered, count - (count % PROCESSES));
    check(result);
  });

  it(`cuts ${count} halves of ClientHellos likewise`, async () => {
    const { cert, key } = certificates().server;
    const hello = await clientHello();
    const result = await stopAfter(
      {
        handshakeTimeout: timeout,
        maxHandshakes: count + HEALTHY,
        tls: { cert: `${cert}`, key: `${key}` }
      },
      hello.subarray(0, hello.length / 2),
      count
    );

    assert.strictEqual(result.answered, 0);
    check(result);
  });

  it('makes room for others where keys have been exchanged', async () => {
    const { cert, key } = certificates().server;
    const most = 500;
    const { mostSockets, grown } = await stopAfter(
      {
        handshakeTimeout: timeout,
        maxHandshakes: most,
        tls: { cert: `${cert}`, key: `${key}` }
      },
      await clientHello(),
      4 * most
    );

    assert.ok(mostSockets <= HEALTHY + most, `${mostSockets} at once`);
    assert.ok(grown < NOISE + most * 64 * 1024, `${grown} bytes more`);
  });

  /**
   * See that many were there at once and none was cut before its time, and what
   * that took.
   *
   * @param {Object} result What `stopAfter()` returned
   */
  function check({ grown, longest, mostSockets, shortest }) {
    assert.ok(mostSockets > HEALTHY + count / 4, `${mostSockets} at once`);
    assert.ok(mostSockets <= HEALTHY + count, `${mostSockets} at once`);
    assert.ok(shortest > timeout * 0.9, `one was cut after ${shortest} ms`);
    assert.ok(longest < timeout + LATE, `one was cut after ${longest} ms`);
    assert.ok(grown < NOISE + count * EACH, `${grown} bytes more`);
  }
}

module.exports = defineHalfHandshakes;
