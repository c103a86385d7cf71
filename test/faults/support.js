'use strict';

const { execFileSync, fork, spawnSync } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');

/**
 * Tell whether system calls can be made to fail here.
 *
 * @returns {string} Why not, or ''
 */
function findObstacle() {
  if (process.platform !== 'linux') return 'only for Linux';
  if (!process.report.getReport().header.glibcVersionRuntime) {
    return 'only with the GNU C library';
  }
  // A sanitizer's, for example: it has a malloc() of its own.
  if (process.env.LD_PRELOAD) return 'LD_PRELOAD is in use';
  if (spawnSync('cc', ['--version']).status !== 0) return 'no C compiler';
  if (!importsOperatorNew()) {
    return 'the addon has a C++ runtime of its own, see `npm run build`';
  }
  return '';
}

/**
 * Tell whether the addon's memory comes from a library that can be replaced, as
 * it does unless it was built for other systems.
 *
 * @returns {boolean} `true` if so
 */
function importsOperatorNew() {
  const file =
    process.env.BEASTWS_BINDING ||
    path.join(__dirname, '../../build/Release/beastws.node');
  const { stdout } = spawnSync('nm', ['-D', '--undefined-only', file], {
    encoding: 'utf8'
  });

  return /\b_Znwm\b/.test(stdout);
}

/**
 * Compile faults.c.
 *
 * @returns {string} The library, in a directory of its own
 */
function compile() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-faults-'));
  const library = path.join(dir, 'faults.so');

  execFileSync('cc', [
    ...['-O1', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC'],
    ...['-fexceptions', path.join(__dirname, 'faults.c'), '-o', library],
    ...['-ldl', '-pthread']
  ]);
  return library;
}

/** What cuts a call to one byte instead of making it fail, see faults.c. */
const CUT = -1;

/**
 * Run a scenario of children/faulty.js with faults.
 *
 * @param {string} library The compiled faults.c
 * @param {string} scenario Its name
 * @param {Array} faults The call, the names of errors, how many pairs each of
 *     them may cost, and up to which call to go
 * @returns {Promise<Object[]>} What each came to: `call`, `error`, `faults`,
 *     `lost` and `refused`
 * @throws {Error} If something went wrong, or the process did not end by itself
 */
async function inject(library, scenario, faults) {
  const list = faults.flatMap(([call, errors, cost, max]) =>
    errors.map((name) => [
      call,
      name === 'CUT' ? CUT : os.constants.errno[name],
      cost,
      max
    ])
  );
  const env = { ...process.env, LD_PRELOAD: library };

  // The scenarios say themselves who does what.
  delete env.BEASTWS_NATIVE;
  delete env.BEASTWS_NO_IO_THREAD;

  const child = fork(
    path.join(__dirname, 'children', 'faulty.js'),
    [scenario, JSON.stringify(list)],
    { env, execArgv: [] }
  );
  const results = [];
  let doing = 'it began';
  let problem = '';

  child.on('message', (message) => {
    if (message.done) results.push(message.done);
    doing = message.doing ?? doing;
    problem = message.problem ?? problem;
  });

  const [code, signal] = await once(child, 'exit');

  if (problem !== '') throw new Error(problem);
  if (code !== 0) throw new Error(`${signal || code} after: ${doing}`);
  return results;
}

module.exports = { compile, findObstacle, inject };
