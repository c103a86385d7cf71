'use strict';

/**
 * Options with getters and functions of the user's that throw.
 * `call(party, url)` makes something, as in calls.js.
 */
const constructions = [];

/**
 * Options of a server that come to be used at a handshake.
 */
const upgrades = [];

/**
 * Options of which one throws when it is read.
 *
 * @param {string} name Its name
 * @param {Object} [others] The others
 * @returns {Object} The options
 */
function throwing(name, others) {
  return Object.defineProperty({ ...others }, name, {
    enumerable: true,
    get() {
      throw new Error(`no ${name}`);
    }
  });
}

/**
 * A function that throws.
 *
 * @param {string} name What it says
 * @returns {Function} The function
 */
function failing(name) {
  return () => {
    throw new Error(`no ${name}`);
  };
}

/** Those of both, which throw as soon as options are taken over. */
const COMMON = [
  'allowSynchronousEvents',
  'autoPong',
  'closeTimeout',
  'host',
  'maxBufferedChunks',
  'maxFragments',
  'maxPayload',
  'perMessageDeflate',
  'skipUTF8Validation',
  'anything else'
];

const CLIENT = [
  ...COMMON,
  'agent',
  'auth',
  'createConnection',
  'family',
  'finishRequest',
  'followRedirects',
  'generateMask',
  'handshakeTimeout',
  'headers',
  'localAddress',
  'lookup',
  'maxRedirects',
  'method',
  'origin',
  'path',
  'protocolVersion',
  'protocols',
  'setHost',
  'signal',
  'socketPath',
  'timeout'
];

const SERVER = [
  ...COMMON,
  'WebSocket',
  'backlog',
  'clientTracking',
  'handleProtocols',
  'noServer',
  'path',
  'port',
  'server',
  'verifyClient'
];

const DEFLATE = [
  'clientMaxWindowBits',
  'clientNoContextTakeover',
  'concurrencyLimit',
  'serverMaxWindowBits',
  'serverNoContextTakeover',
  'threshold',
  'zlibDeflateOptions',
  'zlibInflateOptions'
];

for (const name of CLIENT) {
  constructions.push({
    title: `a client with ${name} that throws`,
    call: (party, url) => party.connect(url, throwing(name))
  });
}
for (const name of SERVER) {
  constructions.push({
    title: `a server with ${name} that throws`,
    call: (party) => new party.WebSocketServer(throwing(name, party.options))
  });
}
for (const name of DEFLATE) {
  constructions.push({
    title: `a client that cannot say its ${name}`,
    call: (party, url) =>
      party.connect(url, { perMessageDeflate: throwing(name) })
  });
  upgrades.push({
    title: `a server that cannot say its ${name}`,
    options: { perMessageDeflate: throwing(name) }
  });
}
constructions.push(
  {
    title: 'an address that cannot be told',
    call: (party) =>
      new party.WebSocket({ toString: failing('address') }, party.options)
  },
  {
    title: 'headers that cannot be told',
    call: (party, url) => party.connect(url, { headers: throwing('x') })
  },
  {
    title: 'a header without text',
    call: (party, url) =>
      party.connect(url, { headers: { x: { toString: failing('text') } } })
  }
);
upgrades.push(
  {
    title: 'a verifyClient that throws',
    options: { verifyClient: failing('client') }
  },
  {
    title: 'a verifyClient that throws later',
    options: {
      verifyClient: (info, callback) => {
        callback(true);
        throw new Error('too late');
      }
    }
  },
  {
    title: 'a verifyClient that says it twice',
    options: {
      verifyClient: (info, callback) => {
        callback(false, 401);
        callback(false, 402);
      }
    }
  },
  {
    title: 'a handleProtocols that throws',
    options: { handleProtocols: failing('protocols') }
  },
  {
    title: 'a handleProtocols that returns an object that throws',
    options: { handleProtocols: () => ({ toString: failing('name') }) }
  },
  {
    title: 'a class that throws',
    options: {
      WebSocket: class {
        constructor() {
          throw new Error('no object');
        }
      }
    }
  }
);

module.exports = { constructions, upgrades };
