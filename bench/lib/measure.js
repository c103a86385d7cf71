'use strict';

// One measurement: one row with one peer.

const fs = require('fs');
const path = require('path');

const { Child } = require('./child');
const { BENCH } = require('./build');

const START_LIMIT = 15; // seconds, as all limits here
const OPEN_LIMIT = 70;
const MARK_LIMIT = 10;
const SPARE = 30;

/**
 * Measures a row with a peer.
 *
 * @param {Object} context `programs` and `certificate` from build.js, `bun`,
 *     `seconds` and `warmup`
 * @param {Object} row The row
 * @param {Object} peer The peer
 * @returns {Promise<Object>} The numbers, see metrics.js; rejected if a process
 *     failed or a byte was wrong
 */
function measure(context, row, peer) {
  return { load: measureLoad, idle: measureIdle, feed: measureFeed }[row.kind](
    context,
    row,
    peer
  );
}

/**
 * A server under load.
 *
 * @param {Object} context See `measure()`
 * @param {Object} row The row
 * @param {Object} peer The peer
 * @returns {Promise<Object>} The numbers
 */
async function measureLoad(context, row, peer) {
  const server = startServer(context, row, peer);
  let load;

  try {
    const { port } = await server.expect('port', START_LIMIT);
    load = startLoad(context, row, peer, port, server.pid);
    const limit = OPEN_LIMIT + context.warmup + context.seconds + SPARE;
    await load.expect('begin', limit);
    const before = await mark(server, peer);
    const end = await load.expect('end', context.seconds + SPARE);
    const after = await mark(server, peer);
    const open = load.lines.find((line) => line.event === 'open');
    return { ...fromEnd(end), busy: busyShare(before, after), ...agreed(open) };
  } finally {
    await load?.stop();
    await server.stop();
  }
}

/**
 * The memory of connections: when they are open, before and after a garbage
 * collection, and after some messages and another one.
 *
 * @param {Object} context See `measure()`
 * @param {Object} row The row
 * @param {Object} peer The peer
 * @returns {Promise<Object>} The numbers
 */
async function measureIdle(context, row, peer) {
  const server = startServer(context, row, peer);
  let load;

  try {
    const { port } = await server.expect('port', START_LIMIT);
    await orFail(server, 0.5);
    const empty = await settledRss(server, peer);
    load = startLoad(context, row, peer, port, server.pid);
    const open = await load.expect('open', OPEN_LIMIT);
    await orFail(server, 1);
    const fresh = readMemory(server.pid, 'smaps_rollup', 'Rss');
    const opened = await settledRss(server, peer);
    for (let i = 0; i < row.echoes; i++) {
      load.send('echo');
      await load.expect('echoed', OPEN_LIMIT);
    }
    const used = await settledRss(server, peer);
    return {
      freshBytes: (fresh - empty) / open.connections,
      idleBytes: (opened - empty) / open.connections,
      usedBytes: (used - empty) / open.connections,
      openRate: open.connections / open.seconds,
      peakRss: readMemory(server.pid, 'status', 'VmHWM'),
      ...agreed(open)
    };
  } finally {
    await load?.stop();
    await server.stop();
  }
}

/**
 * A client process that receives what load/feeder sends.
 *
 * @param {Object} context See `measure()`
 * @param {Object} row The row
 * @param {Object} peer The peer
 * @returns {Promise<Object>} The numbers
 */
async function measureFeed(context, row, peer) {
  const { size, connections } = row.load;
  const feeder = new Child('feeder', context.programs.feeder, [
    ...['--size', String(size)],
    ...(row.feedRate ? ['--rate', String(row.feedRate)] : [])
  ]);
  let client;

  try {
    const { port } = await feeder.expect('port', START_LIMIT);
    if (peer.native) {
      const sink = { ...row, load: { ...row.load, mode: 'sink' } };
      client = startLoad(context, sink, { ...peer, raw: false }, port);
      const limit = OPEN_LIMIT + context.warmup + context.seconds + SPARE;
      const { rate, cpu, peakRss } = fromEnd(await client.expect('end', limit));
      return { rate, cpu, peakRss };
    }

    const script = path.join('clients', peer.client);
    client = startScript(context, peer, script, [
      ...['--port', String(port), '--size', String(size)],
      ...['--connections', String(connections)]
    ]);
    await client.expect('ready', OPEN_LIMIT);
    await orFail(client, context.warmup);
    const before = await mark(client, peer);
    await orFail(client, context.seconds);
    const after = await mark(client, peer);
    const count = after.count - before.count;
    if (count === 0) throw new Error('nothing came');
    return {
      rate: count / (after.wall - before.wall),
      cpu: ((after.cpu - before.cpu) / count) * 1e6,
      busy: busyShare(before, after),
      peakRss: readMemory(client.pid, 'status', 'VmHWM')
    };
  } finally {
    await client?.stop();
    await feeder.stop();
  }
}

/**
 * Starts the server of a row.
 *
 * @param {Object} context See `measure()`
 * @param {Object} row The row
 * @param {Object} peer The peer
 * @returns {Child} The process
 */
function startServer(context, row, peer) {
  if (peer.native) {
    const mode = row.load.mode === 'fanout' ? 'fanout' : 'echo';
    return new Child(peer.id, context.programs.raw_server, [mode]);
  }

  const { cert, key } = context.certificate;
  return startScript(context, peer, path.join('servers', peer.server), [
    ...['--mode', row.mode],
    ...(row.load.deflate ? ['--deflate', row.load.deflate] : []),
    ...(row.load.tls ? ['--cert', cert, '--key', key] : []),
    ...(peer.variant ? ['--variant', peer.variant] : [])
  ]);
}

/**
 * Starts a script of a peer in its runtime.
 *
 * @param {Object} context See `measure()`
 * @param {Object} peer The peer
 * @param {String} script The script's path
 * @param {String[]} args Its arguments
 * @returns {Child} The process
 */
function startScript(context, peer, script, args) {
  const env = { ...process.env, ...peer.env };
  if (!peer.env?.WS_NO_BUFFER_UTIL) delete env.WS_NO_BUFFER_UTIL;
  const [command, first] =
    peer.runtime === 'bun'
      ? [context.bun, []]
      : [process.execPath, ['--expose-gc']];

  return new Child(peer.id, command, [...first, script, ...args], {
    cwd: BENCH,
    env
  });
}

/**
 * Starts the generator.
 *
 * @param {Object} context See `measure()`
 * @param {Object} row The row
 * @param {Object} peer The peer
 * @param {Number} port The server's port
 * @param {Number} [pid] The process to watch; itself if not given
 * @returns {Child} The process
 */
function startLoad(context, row, peer, port, pid) {
  const { json, tls, ...rest } = row.load;
  const values = {
    port,
    pid,
    seconds: context.seconds,
    warmup: context.warmup,
    tls: tls && context.certificate.cert,
    ...rest
  };
  const args = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [`--${name}`, String(value)]);
  if (json) args.push('--json');
  if (peer.native && peer.raw !== false) args.push('--raw');

  return new Child('load', context.programs.load, args);
}

/**
 * Asks a process for its clocks.
 *
 * @param {Child} child The process
 * @param {Object} peer The peer
 * @returns {Promise<Object>} Its answer; null for native ones
 */
async function mark(child, peer) {
  if (peer.native) return null;
  child.send('mark');
  return (await child.expect('mark', MARK_LIMIT)).mark;
}

/**
 * The share of time in which an event loop was busy between two marks.
 *
 * @param {Object} before The first mark
 * @param {Object} after The second one
 * @returns {Number|undefined} From 0 to 1; nothing where it is not measured
 */
function busyShare(before, after) {
  if (before?.active === undefined) return undefined;
  const active = after.active - before.active;
  return active / (active + after.idle - before.idle);
}

/**
 * Turns the generator's last line into the numbers of a measurement.
 *
 * @param {Object} end The line
 * @returns {Object} The numbers
 */
function fromEnd(end) {
  const total = end.userSeconds + end.systemSeconds;

  return {
    rate: end.messages / end.seconds,
    cpu: (end.cpuSeconds / end.messages) * 1e6,
    cpuShare: end.cpuSeconds / end.seconds,
    mainThreadShare: end.mainThreadSeconds / end.seconds,
    systemShare: total > 0 ? end.systemSeconds / total : undefined,
    p50: end.samples ? end.p50 : undefined,
    p99: end.samples ? end.p99 : undefined,
    p999: end.samples ? end.p999 : undefined,
    peakRss: end.peakRss,
    generatorShare: end.generatorSeconds / end.seconds,
    wireBytes: end.payloadBytes / end.messages,
    missed: end.missed
  };
}

/**
 * What a server agreed to, where compression was asked for.
 *
 * @param {Object} [open] The generator's line "open"
 * @returns {Object} `takeover`, or nothing
 */
function agreed(open) {
  return open?.deflate ? { takeover: open.serverTakeover } : {};
}

/**
 * The resident memory of a process without what it no longer needs.
 *
 * @param {Child} child The process
 * @param {Object} peer The peer
 * @returns {Promise<Number>} Bytes
 */
async function settledRss(child, peer) {
  if (!peer.native) {
    child.send('gc');
    await child.expect('gc', OPEN_LIMIT);
  }
  return readMemory(child.pid, 'smaps_rollup', 'Rss');
}

/**
 * Reads a line of a file of /proc.
 *
 * @param {Number} pid The process
 * @param {String} file The file
 * @param {String} name The line's name
 * @returns {Number} Bytes
 */
function readMemory(pid, file, name) {
  const text = fs.readFileSync(`/proc/${pid}/${file}`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)[1]) * 1024;
}

/**
 * Lets a process run for a time.
 *
 * @param {Child} child The process
 * @param {Number} seconds How long
 * @returns {Promise} Rejected at once if it fails
 */
async function orFail(child, seconds) {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  if (child.failure) throw child.failure;
}

module.exports = { measure, startScript };
