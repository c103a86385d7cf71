'use strict';

const { spawnSync } = require('child_process');
const { createHash } = require('crypto');
const fs = require('fs');
const path = require('path');

const BENCH = path.join(__dirname, '..');
const BUILD = path.join(BENCH, 'build');
const FLAGS = ['-std=c++20', '-O3', '-Wall', '-Wextra'];

const SHARED = ['corpus', 'deflate', 'frame', 'handshake', 'loop', 'outbox'];
const SERVER = ['child_process', 'loop', 'transport'];

const PROGRAMS = {
  load: {
    sources: [
      ...new Set([...SHARED, ...SERVER]),
      'closed_loop',
      'connection',
      'histogram',
      'key_schedule',
      'main',
      'options',
      'process_probe',
      'rate',
      'scenario',
      'tls',
      'tls_handshake',
      'tls_record'
    ],
    libraries: ['z', 'crypto']
  },
  raw_server: { sources: [...SERVER, 'raw_server'], libraries: [] },
  feeder: {
    sources: [...new Set([...SHARED, ...SERVER]), 'feeder'],
    libraries: ['z', 'crypto']
  }
};

/**
 * Compiles what is not there or is older than its sources.
 *
 * @param {Function} log Gets lines for people
 * @returns {Object} The programs' paths by name
 * @throws {Error} If the compiler or a library is missing, or a source is wrong
 */
function buildPrograms(log) {
  fs.mkdirSync(BUILD, { recursive: true });
  const paths = {};

  for (const [name, program] of Object.entries(PROGRAMS)) {
    const output = path.join(BUILD, name);
    const stamp = `${output}.stamp`;
    const state = hashSources(program);
    paths[name] = output;

    if (fs.existsSync(output) && readIfThere(stamp) === state) continue;
    log(`compiling ${name}`);
    run('g++', [
      ...FLAGS,
      '-o',
      output,
      ...program.sources.map((source) => `load/${source}.cc`),
      ...program.libraries.map((library) => `-l${library}`)
    ]);
    fs.writeFileSync(stamp, state);
  }

  return paths;
}

/**
 * Makes a certificate for localhost, signed by itself, with an EC key.
 *
 * @param {Function} log Gets lines for people
 * @returns {Object} The paths `cert` and `key`
 * @throws {Error} If openssl is missing or fails
 */
function makeCertificate(log) {
  fs.mkdirSync(BUILD, { recursive: true });
  const cert = path.join(BUILD, 'cert.pem');
  const key = path.join(BUILD, 'key.pem');

  if (!fs.existsSync(cert) || !fs.existsSync(key)) {
    log('making a certificate');
    run('openssl', [
      'req',
      '-x509',
      ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
      ...['-nodes', '-keyout', key, '-out', cert, '-days', '3650'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    ]);
  }

  return { cert, key };
}

/**
 * Hashes what a program is made of.
 *
 * @param {Object} program One of `PROGRAMS`
 * @returns {String} The hash
 */
function hashSources(program) {
  const dir = path.join(BENCH, 'load');
  const headers = fs.readdirSync(dir).filter((name) => name.endsWith('.h'));
  const hash = createHash('sha256');

  hash.update(JSON.stringify([FLAGS, program]));
  for (const name of [...headers, ...program.sources.map((s) => `${s}.cc`)]) {
    hash.update(fs.readFileSync(path.join(dir, name)));
  }

  return hash.digest('hex');
}

/**
 * Reads a file that may not exist.
 *
 * @param {String} file Its path
 * @returns {String} Its content, or an empty string
 */
function readIfThere(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

/**
 * Runs a program to its end.
 *
 * @param {String} command Its name
 * @param {String[]} args Its arguments
 * @throws {Error} If it cannot be started or fails
 */
function run(command, args) {
  const result = spawnSync(command, args, { cwd: BENCH, encoding: 'utf8' });

  if (result.error) {
    throw new Error(
      `${command} could not be started (${result.error.code}); the benchmark ` +
        'needs g++, zlib1g-dev, libssl-dev and openssl'
    );
  }
  if (result.status !== 0) throw new Error(`${command}:\n${result.stderr}`);
}

module.exports = { BENCH, buildPrograms, makeCertificate };
