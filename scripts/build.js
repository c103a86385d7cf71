'use strict';

// Builds the addon: `npm run build [-- --debug | --asan | --tsan] [--clean]
// [--static-runtime] [--no-io-thread] [--boost_root=<dir>]`.
//
// The work is node-gyp's. This script goes first because node-gyp would report
// a missing Boost in the middle of its own traceback, and because it knows
// where Node's headers are on systems that install them.

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const { findBoost, formatVersion } = require('./find-boost');
const { ROOT, makeJobs, napiIncludeDir } = require('./gyp-inputs');

/**
 * Finds Node's headers on this machine, so that nothing is downloaded.
 *
 * @param {Object} [env] The environment
 * @param {string} [execPath] The path of the running node
 * @returns {(string|undefined)} A directory with include/node in it, or
 *     undefined if node-gyp has to fetch the headers
 */
function findNodeDir(env = process.env, execPath = process.execPath) {
  if (env.npm_config_nodedir) return env.npm_config_nodedir;

  const prefix = path.dirname(path.dirname(fs.realpathSync(execPath)));
  const include = path.join(prefix, 'include', 'node');
  const major = process.versions.node.split('.')[0];

  try {
    // A distribution may hold the headers of another Node than the one that
    // runs, so their version counts.
    const text = fs.readFileSync(path.join(include, 'node_version.h'), 'utf8');
    const found = /#define NODE_MAJOR_VERSION (\d+)/.exec(text);
    const complete = ['node_api.h', 'common.gypi', 'config.gypi'].every(
      (name) => fs.existsSync(path.join(include, name))
    );
    return complete && found?.[1] === major ? prefix : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Finds node-gyp: our own, else the one inside npm, which is there for users
 * of the published package too.
 *
 * @param {Object} [env] The environment
 * @returns {string} Path of node-gyp's JavaScript entry
 * @throws {Error} If there is none
 */
function findNodeGyp(env = process.env) {
  const dirs = [ROOT];
  if (env.npm_execpath) dirs.push(path.dirname(env.npm_execpath));
  const prefix = path.dirname(path.dirname(process.execPath));
  dirs.push(path.join(prefix, 'lib', 'node_modules', 'npm'));
  dirs.push(path.join(path.dirname(process.execPath), 'node_modules', 'npm'));

  try {
    return require.resolve('node-gyp/bin/node-gyp.js', { paths: dirs });
  } catch (err) {
    throw new Error('beastws: node-gyp is missing; run `npm install` first', {
      cause: err
    });
  }
}

/**
 * Runs a program with our terminal and stops the build if it fails.
 *
 * @param {string} program What to run
 * @param {string[]} args Its arguments
 * @throws {Error} If it fails
 */
function run(program, args) {
  const result = spawnSync(program, args, {
    cwd: ROOT,
    env: { ...process.env, BEASTWS_BUILD: '1' },
    stdio: 'inherit'
  });

  if (result.error) throw result.error;
  if (result.status !== 0) {
    const name = path.basename(args[0] ?? program);
    throw new Error(`beastws: the build failed (${name} ${args[1] ?? ''})`);
  }
}

/**
 * Names the file whose time says what the addon was built from.
 *
 * @param {string} configuration Release, Debug, Asan or Tsan
 * @returns {string} Its path
 */
function stampFile(configuration) {
  return path.join(ROOT, 'build', configuration, '.built');
}

/**
 * Builds the addon.
 *
 * @param {string[]} args The command line
 * @returns {string} Path of the binary
 * @throws {Error} If something is missing or fails
 */
function build(args) {
  const boostRoot = args
    .find((arg) => arg.startsWith('--boost_root='))
    ?.slice('--boost_root='.length);
  const boost = findBoost({ root: boostRoot });
  console.log(`Boost ${formatVersion(boost.version)} in ${boost.includeDir}`);
  napiIncludeDir();

  const nodeGyp = findNodeGyp();
  const nodeDir = findNodeDir();
  const common = ['--loglevel=warn'];
  const debug = args.includes('--debug');
  const sanitizer = args.includes('--asan')
    ? 'Asan'
    : args.includes('--tsan')
      ? 'Tsan'
      : undefined;
  const configuration = sanitizer ?? (debug ? 'Debug' : 'Release');

  if (nodeDir) common.push(`--nodedir=${nodeDir}`);
  const started = new Date();

  if (debug) common.push('--debug');
  if (args.includes('--clean')) run(process.execPath, [nodeGyp, 'clean']);

  const defines = [];
  if (boostRoot) defines.push(`-Dboost_root=${path.resolve(boostRoot)}`);
  if (args.includes('--static-runtime')) defines.push('-Dstatic_runtime=1');
  if (args.includes('--no-io-thread')) defines.push('-Dio_thread=0');
  run(process.execPath, [nodeGyp, 'configure', ...common, '--', ...defines]);

  if (sanitizer) {
    // node-gyp knows Release and Debug only; the Makefile has all four.
    run('make', ['-C', 'build', ...makeJobs(), `BUILDTYPE=${sanitizer}`]);
  } else {
    run(process.execPath, [nodeGyp, 'build', ...common]);
  }

  // The time of the start, not of the end: a source that changed meanwhile may
  // not be in the binary.
  const stamp = stampFile(configuration);
  fs.writeFileSync(stamp, '');
  fs.utimesSync(stamp, started, started);

  return path.join(path.dirname(stamp), 'beastws.node');
}

module.exports = { build, findNodeDir, stampFile };

if (require.main === module) {
  try {
    const binary = build(process.argv.slice(2));
    console.log(`Built ${path.relative(ROOT, binary)}`);
  } catch (err) {
    console.error(err.message);
    process.exitCode = 1;
  }
}
