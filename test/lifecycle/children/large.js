'use strict';

// One message of many bytes in each direction.
// Arguments: the index of the kind, the length in MiB.

const { once } = require('events');

const { kinds } = require('../../integration/kinds');
const { noise } = require('../../integration/support/messages');

const kind = kinds[process.argv[2]];
const MIB = 1024 * 1024;
const length = +process.argv[3] * MIB;

/**
 * Whether some bytes are those that were sent.
 *
 * @param {Buffer} data The bytes
 * @param {Buffer} pattern What they repeat
 * @returns {boolean} Whether they are
 */
function matches(data, pattern) {
  if (data.length !== length) return false;
  for (let at = 0; at < length; at += pattern.length) {
    const part = data.subarray(at, at + pattern.length);

    if (!part.equals(pattern.subarray(0, part.length))) return false;
  }
  return true;
}

(async () => {
  const wss = await kind.listen({ maxPayload: 0 });
  const connection = once(wss, 'connection');
  const client = kind.connect(wss, {
    maxPayload: 0,
    perMessageDeflate: false
  });

  await once(client, 'open');

  const [server] = await connection;
  const pattern = noise(1000003);
  const results = [];

  for (const [from, to] of [
    [client, server],
    [server, client]
  ]) {
    const received = once(to, 'message');

    from.send(Buffer.alloc(length, pattern));
    results.push(matches((await received)[0], pattern));
    global.gc();
  }

  client.close();
  await once(client, 'close');
  await new Promise((resolve) => wss.close(resolve));
  process.stdout.write(JSON.stringify(results));
})();
