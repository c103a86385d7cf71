'use strict';

// What is measured. `load` are the generator's options (`load/options.h`),
// `mode` is the server's. `depth` is the number of messages in flight on each
// connection. Kinds:
//   load   a server under load, counted by the generator
//   idle   memory of connections that do nothing
//   feed   a client process that receives
//   ratio  two other rows' CPU per message, divided
// `headline` names the metrics that a row is about, if not throughput and CPU.

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * Makes a row of echoes.
 *
 * @param {String} id The row's id
 * @param {String} title What happens in it
 * @param {Object} load The generator's options
 * @param {Object} [more] Other members of the row
 * @returns {Object} The row
 */
function echo(id, title, load, more) {
  return { id, title, kind: 'load', mode: 'echo', load, ...more };
}

const ROWS = [
  echo('echo-64x16', '64 B, 100 connections, 16 in flight', {
    connections: 100,
    depth: 16,
    size: 64
  }),
  echo('echo-64', '64 B, 100 connections, 1 in flight', {
    connections: 100,
    size: 64
  }),
  echo('echo-1k-500', '1 KiB, 500 connections', {
    connections: 500,
    size: KIB
  }),
  echo('echo-64-5000', '64 B, 5,000 connections', {
    connections: 5000,
    size: 64
  }),
  echo('echo-64k', '64 KiB, 50 connections', {
    connections: 50,
    size: 64 * KIB
  }),
  echo('echo-1m', '1 MiB, 4 connections', { connections: 4, size: MIB }),
  echo('echo-16m', '16 MiB, 2 connections', { connections: 2, size: 16 * MIB }),
  echo(
    'latency',
    '64 B, 1 connection, ping-pong',
    { connections: 1, size: 64 },
    { headline: ['p50', 'cpu'] }
  ),
  {
    id: 'fanout-64',
    title: 'one message of 64 B to 1,000 clients',
    kind: 'load',
    mode: 'fanout',
    unit: 'deliveries',
    headline: ['cpu', 'busy'],
    load: { mode: 'fanout', connections: 1000, size: 64 }
  },
  {
    id: 'fanout-1k',
    title: 'one message of 1 KiB to 1,000 clients',
    kind: 'load',
    mode: 'fanout',
    unit: 'deliveries',
    headline: ['cpu', 'busy'],
    load: { mode: 'fanout', connections: 1000, size: KIB }
  },
  {
    id: 'publish-64',
    title: 'one message of 64 B to 1,000 subscribers of a topic',
    kind: 'load',
    mode: 'publish',
    unit: 'deliveries',
    headline: ['cpu', 'busy'],
    load: { mode: 'fanout', connections: 1000, size: 64 }
  },
  {
    id: 'publish-1k',
    title: 'one message of 1 KiB to 1,000 subscribers of a topic',
    kind: 'load',
    mode: 'publish',
    unit: 'deliveries',
    headline: ['cpu', 'busy'],
    load: { mode: 'fanout', connections: 1000, size: KIB }
  },
  {
    id: 'text',
    title: '1 KiB JSON text, JSON.parse, 100 connections, 4 in flight',
    kind: 'load',
    mode: 'json',
    load: { connections: 100, depth: 4, size: KIB, json: true }
  },
  echo('deflate-1k', '1 KiB JSON deflated, context takeover, 100 connections', {
    connections: 100,
    size: KIB,
    deflate: 'takeover'
  }),
  echo('deflate-1k-fresh', '1 KiB JSON deflated, no context, 100 connections', {
    connections: 100,
    size: KIB,
    deflate: 'fresh'
  }),
  echo(
    'deflate-64k',
    '64 KiB JSON deflated, context takeover, 20 connections',
    {
      connections: 20,
      size: 64 * KIB,
      deflate: 'takeover'
    }
  ),
  echo(
    'deflate-64k-fresh',
    '64 KiB JSON deflated, no context, 20 connections',
    {
      connections: 20,
      size: 64 * KIB,
      deflate: 'fresh'
    }
  ),
  {
    id: 'deflate-memory',
    title: '1,000 connections with context takeover, after 8 messages each',
    kind: 'idle',
    headline: ['usedBytes'],
    mode: 'echo',
    echoes: 8,
    load: { mode: 'idle', connections: 1000, size: KIB, deflate: 'takeover' }
  },
  echo('tls-64', '64 B over TLS, 100 connections', {
    connections: 100,
    size: 64,
    tls: true
  }),
  echo('tls-1k', '1 KiB over TLS, 100 connections', {
    connections: 100,
    size: KIB,
    tls: true
  }),
  echo('tls-64k', '64 KiB over TLS, 20 connections', {
    connections: 20,
    size: 64 * KIB,
    tls: true
  }),
  {
    id: 'client-feed',
    title: '100 client connections in one process receive 200 B messages',
    kind: 'feed',
    load: { connections: 100, size: 200 }
  },
  {
    id: 'client-paced',
    title: 'the same at 100,000 messages a second, one packet each',
    kind: 'feed',
    feedRate: 100000,
    headline: ['cpu', 'busy'],
    load: { connections: 100, size: 200 }
  },
  {
    id: 'connect',
    title: 'open, echo 64 B, close; 32 at a time',
    kind: 'load',
    mode: 'echo',
    unit: 'connections',
    load: { mode: 'connect', connections: 32, size: 64 }
  },
  {
    id: 'connect-tls',
    title: 'the same over TLS, no session used again',
    kind: 'load',
    mode: 'echo',
    unit: 'connections',
    load: { mode: 'connect', connections: 32, size: 64, tls: true }
  },
  {
    id: 'idle',
    title: '10,000 idle connections',
    kind: 'idle',
    mode: 'echo',
    echoes: 1,
    load: { mode: 'idle', connections: 10000, size: 64 }
  },
  {
    id: 'idle-tls',
    title: '10,000 idle connections over TLS',
    kind: 'idle',
    mode: 'echo',
    echoes: 1,
    load: { mode: 'idle', connections: 10000, size: 64, tls: true }
  },
  echo(
    'free-loop',
    '30,000 messages of 1 KiB a second',
    {
      mode: 'rate',
      rate: 30000,
      connections: 100,
      size: KIB
    },
    { headline: ['busy', 'cpu'] }
  ),
  echo(
    'free-loop-deflate',
    '30,000 deflated messages of 1 KiB a second',
    {
      mode: 'rate',
      rate: 30000,
      connections: 100,
      size: KIB,
      deflate: 'takeover'
    },
    { headline: ['busy', 'cpu'] }
  ),
  {
    id: 'growth',
    title: 'CPU per message at 5,000 connections / at 100',
    kind: 'ratio',
    of: 'echo-64-5000',
    to: 'echo-64',
    load: {}
  }
];

/**
 * Finds the rows that a list of names means. A name is a row's id or the
 * beginning of several; rows that a ratio needs come along.
 *
 * @param {String[]} names The names; none stand for all rows
 * @returns {Object[]} The rows, in their own order
 * @throws {Error} If a name means nothing
 */
function chooseRows(names) {
  if (names.length === 0) return ROWS;

  const chosen = new Set();
  for (const name of names) {
    const exact = ROWS.filter((row) => row.id === name);
    const rows = exact.length
      ? exact
      : ROWS.filter((row) => row.id.startsWith(name));
    if (rows.length === 0) throw new Error(`no row '${name}'`);
    for (const row of rows) {
      chosen.add(row.id);
      if (row.kind === 'ratio') chosen.add(row.of).add(row.to);
    }
  }

  return ROWS.filter((row) => chosen.has(row.id));
}

module.exports = { ROWS, chooseRows };
