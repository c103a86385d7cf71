'use strict';

// Who is measured. `runtime` names the program that runs `servers/<server>` and
// `clients/<client>`; `native` peers are programs of `load/`.

const PEERS = [
  { id: 'beastws', server: 'beastws.js', client: 'beastws.js' },
  {
    id: 'beastws-inline',
    title: 'beastws, ioThread: false',
    server: 'beastws.js',
    variant: 'inline',
    only: ['latency', 'echo-64', 'echo-64x16']
  },
  {
    id: 'beastws-native',
    title: 'beastws, native: true',
    server: 'beastws.js',
    variant: 'native',
    only: ['connect', 'idle']
  },
  {
    id: 'beastws-native-tls',
    title: 'beastws, native TLS',
    server: 'beastws.js',
    variant: 'native-tls',
    only: ['tls-64', 'tls-1k', 'tls-64k', 'connect-tls', 'idle-tls']
  },
  { id: 'ws', title: 'ws + bufferutil', server: 'ws.js', client: 'ws.js' },
  {
    id: 'ws-js',
    title: 'ws without bufferutil',
    server: 'ws.js',
    client: 'ws.js',
    env: { WS_NO_BUFFER_UTIL: '1' }
  },
  { id: 'uws', title: 'uWebSockets.js', server: 'uws.js' },
  {
    id: 'bun',
    title: 'Bun',
    runtime: 'bun',
    server: 'bun.js',
    client: 'bun.js'
  },
  {
    id: 'websocket',
    server: 'websocket.js',
    client: 'websocket.js',
    lacks: { deflate: 'has no permessage-deflate' }
  },
  {
    id: 'raw',
    title: 'raw TCP (limit)',
    native: true,
    lacks: {
      deflate: 'is plain TCP',
      tls: 'is plain TCP'
    }
  }
].map((peer) => ({ title: peer.id, runtime: 'node', lacks: {}, ...peer }));

/** The peer that ratios refer to. */
const BASELINE = 'ws';

/** Own peers, which "the best other" never is. */
const OWN = new Set([
  'beastws',
  'beastws-inline',
  'beastws-native',
  'beastws-native-tls'
]);

/** Measured for comparison, but nothing that a user could choose instead. */
const LIMIT = 'raw';

/**
 * Says why a peer is not part of a row.
 *
 * @param {Object} peer The peer
 * @param {Object} row The row
 * @returns {String|undefined} The reason, or nothing if it is part of it
 */
function whyNot(peer, row) {
  if (peer.only && !peer.only.includes(row.id)) return 'is for other rows';
  if (row.kind === 'feed' && !peer.client && !peer.native) {
    return 'has no client';
  }
  if (row.load.deflate && peer.lacks.deflate) return peer.lacks.deflate;
  if (row.load.tls && peer.lacks.tls) return peer.lacks.tls;
  return undefined;
}

module.exports = { BASELINE, LIMIT, OWN, PEERS, whyNot };
