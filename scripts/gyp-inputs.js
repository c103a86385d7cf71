'use strict';

// Answers the questions binding.gyp asks: which sources, which include
// directories, and whether there is anything to build at all.

const fs = require('fs');
const path = require('path');

const { findBoost } = require('./find-boost');

const ROOT = path.join(__dirname, '..');

/** What only the I/O thread needs, and only Linux can compile. */
const IO_THREAD_SOURCES = new RegExp(
  '^src/(engine/|transport/|addon/(io|listener|tls)_bridge|base/descriptor|' +
    'bridge/(command|event)_channel)'
);

/**
 * Lists all files below a directory that have one of some extensions.
 *
 * @param {string} dir The directory, relative to `root`
 * @param {string[]} extensions For example `['.cc']`
 * @param {string} [root] The package by default
 * @returns {string[]} Paths relative to `root` with forward slashes, in a fixed
 *     order; none if there is no such directory
 */
function listFiles(dir, extensions, root = ROOT) {
  const absolute = path.join(root, dir);
  if (!fs.existsSync(absolute)) return [];

  return fs
    .readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && extensions.includes(path.extname(entry.name))
    )
    .map((entry) =>
      path
        .relative(root, path.join(entry.parentPath ?? entry.path, entry.name))
        .split(path.sep)
        .join('/')
    )
    .sort();
}

/**
 * Lists the addon's sources.
 *
 * @param {string} [ioThread] '0' leaves out the I/O thread
 * @returns {string[]} As `listFiles()` does
 */
function sources(ioThread) {
  const files = listFiles('src', ['.cc']);

  return ioThread === '0'
    ? files.filter((file) => !IO_THREAD_SOURCES.test(file))
    : files;
}

/**
 * Finds node-addon-api's headers: the installed package in a checkout, the
 * copy in the published package.
 *
 * @returns {string} The include directory
 * @throws {Error} If there is neither
 */
function napiIncludeDir() {
  const vendored = path.join(ROOT, 'deps', 'node-addon-api');

  try {
    const pkg = require.resolve('node-addon-api/package.json', {
      paths: [ROOT]
    });
    return path.dirname(pkg);
  } catch (err) {
    if (fs.existsSync(path.join(vendored, 'napi.h'))) return vendored;
    throw new Error(
      'beastws: node-addon-api is missing; run `npm install` first',
      { cause: err }
    );
  }
}

/**
 * Lists include directories of other people's headers.
 *
 * @param {string} [boostRoot] A Boost root
 * @returns {string[]} Absolute paths
 * @throws {Error} If Boost or node-addon-api is missing
 */
function includeDirs(boostRoot) {
  return [napiIncludeDir(), findBoost({ root: boostRoot }).includeDir];
}

/**
 * Writes those directories as compiler flags that silence their warnings.
 * The compiler's own directories stay out: named with -isystem they would move
 * to the front and break libstdc++'s `#include_next`.
 *
 * @param {string} [boostRoot] A Boost root
 * @returns {string[]} Flags
 * @throws {Error} If Boost or node-addon-api is missing
 */
function systemIncludes(boostRoot) {
  return includeDirs(boostRoot)
    .filter((dir) => dir !== '/usr/include' && dir !== '/usr/local/include')
    .map((dir) => `-isystem${dir}`);
}

/**
 * Says whether node-gyp has something to do. npm starts it on its own for an
 * installed package that has a binding.gyp; where a binary fits already, that
 * must neither need a compiler nor take time.
 *
 * @returns {boolean} False if the package was installed with a fitting binary
 */
function needsBuild() {
  if (process.env.BEASTWS_BUILD === '1') return true;
  if (fs.existsSync(path.join(ROOT, '.git'))) return true;

  try {
    require('../lib/binding');
    return false;
  } catch {
    return true;
  }
}

/**
 * Quotes a word for gyp, which splits the output as a shell would.
 *
 * @param {string} word Any text
 * @returns {string} The word, quoted where it must be
 */
function quote(word) {
  return /[^\w./:=+@,-]/.test(word) ? `"${word.replace(/\\/g, '/')}"` : word;
}

const COMMANDS = {
  'needs-build': () => [needsBuild() ? 'yes' : 'no'],
  sources,
  'include-dirs': includeDirs,
  'system-includes': systemIncludes
};

/**
 * Lists the arguments that let make do several things at once, where the
 * environment says how many, as node-gyp does it.
 *
 * @returns {string[]} Arguments of make
 */
function makeJobs() {
  const jobs = Number(process.env.JOBS);
  return jobs > 0 ? [`-j${jobs}`] : [];
}

module.exports = {
  ROOT,
  listFiles,
  makeJobs,
  napiIncludeDir,
  systemIncludes
};

if (require.main === module) {
  const [command, argument] = process.argv.slice(2);

  try {
    console.log(COMMANDS[command](argument).map(quote).join('\n'));
  } catch (err) {
    console.error(err.message);
    process.exitCode = 1;
  }
}
