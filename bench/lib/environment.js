'use strict';

const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const { BENCH } = require('./build');
const { startScript } = require('./measure');

const PROBE_LIMIT = 20; // seconds

/**
 * Finds the Bun that npm installed. Its package brings the program into place
 * in an install script, which need not have run.
 *
 * @returns {String|null} Its path
 */
function findBun() {
  const modules = path.join(BENCH, 'node_modules');
  const files = [
    path.join(modules, '@oven', `bun-${os.platform()}-${os.arch()}`, 'bin/bun'),
    path.join(modules, 'bun', 'bin', 'bun.exe')
  ];

  return (
    files.find((file) => {
      if (!fs.existsSync(file)) return false;
      return spawnSync(file, ['--version'], { timeout: 10000 }).status === 0;
    }) ?? null
  );
}

/**
 * Describes the machine, without names and paths.
 *
 * @returns {Object} The description
 */
function describeMachine() {
  const cpus = os.cpus();

  return {
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    memory: os.totalmem(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.versions.node
  };
}

/**
 * Loads every peer once, in a process of its own, to find out who can be
 * measured here.
 *
 * @param {Object} context See `measure()`
 * @param {Object[]} wanted The peers
 * @returns {Promise<Object>} `peers` who can be loaded, their `versions`, and
 *     the reasons of the `skipped` ones
 */
async function probePeers(context, wanted) {
  const peers = [];
  const versions = {};
  const skipped = {};

  for (const peer of wanted) {
    try {
      if (!peer.native) versions[peer.id] = await probe(context, peer);
      peers.push(peer);
    } catch (err) {
      skipped[peer.id] = shorten(err.message);
    }
  }

  return { peers, versions, skipped };
}

/**
 * Loads a peer.
 *
 * @param {Object} context See `measure()`
 * @param {Object} peer The peer
 * @returns {Promise<String>} Its version; rejected if it cannot be loaded
 */
async function probe(context, peer) {
  if (peer.runtime === 'bun' && context.bun === null) {
    throw new Error("Error: Cannot find module 'bun'");
  }

  const { cert, key } = context.certificate;
  const child = startScript(context, peer, path.join('servers', peer.server), [
    ...['--probe', '--cert', cert, '--key', key],
    ...(peer.variant ? ['--variant', peer.variant] : [])
  ]);
  try {
    return (await child.expect('version', PROBE_LIMIT)).version;
  } finally {
    await child.stop();
  }
}

/**
 * Takes the sentence out of a process's last words.
 *
 * @param {String} text What it wrote
 * @returns {String} One line, without paths of this machine
 */
function shorten(text) {
  const lines = text.split('\n');
  const line =
    lines.find((one) => /^\w*Error\b.*: /.test(one)) ?? lines[1] ?? lines[0];
  const hint = /Cannot find module '[^./]/.test(line)
    ? ' (run `npm install` in bench/)'
    : '';

  return line.replaceAll(path.dirname(BENCH), '.') + hint;
}

module.exports = { describeMachine, findBun, probePeers };
