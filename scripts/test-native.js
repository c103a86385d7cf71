'use strict';

// Builds and runs the C++ unit tests: `npm run test:native [-- --asan | --tsan]
// [arguments of Boost.Test]`. Objects are kept in build/native*, so that only
// what changed is compiled again.

const { spawnSync } = require('child_process');
const path = require('path');

const { ROOT, listFiles, makeJobs, systemIncludes } = require('./gyp-inputs');

const SANITIZERS = {
  '--asan': {
    name: '-asan',
    flags:
      // Boost's exceptions have no vptr that GCC's check would know.
      '-fsanitize=address,undefined -fno-sanitize=vptr ' +
      '-fno-sanitize-recover=undefined -fno-omit-frame-pointer'
  },
  '--tsan': {
    name: '-tsan',
    // GCC's sanitizer does not understand Asio's fences and says so each time.
    flags: '-fsanitize=thread -fno-omit-frame-pointer -Wno-tsan'
  }
};

/**
 * Runs a program with our terminal.
 *
 * @param {string} program What to run
 * @param {string[]} args Its arguments
 * @returns {number} Its exit status, 1 if a signal ended it
 * @throws {Error} If it cannot be started
 */
function run(program, args) {
  const result = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' });
  if (result.error) throw result.error;
  if (result.signal) console.error(`${program}: ended by ${result.signal}`);
  return result.status ?? 1;
}

/**
 * Lists the sources that can be tested without Node.
 *
 * @returns {string[]} Paths relative to the package
 */
function coreSources() {
  return listFiles('src', ['.cc']).filter(
    (file) => !file.startsWith('src/addon/')
  );
}

/**
 * Builds the tests and runs them.
 *
 * @param {string[]} args The command line
 * @returns {number} The exit status
 * @throws {Error} If something needed is missing
 */
function main(args) {
  const sanitizer = SANITIZERS[args.find((arg) => SANITIZERS[arg])];
  const rest = args.filter((arg) => !SANITIZERS[arg]);
  const out = `build/native${sanitizer?.name ?? ''}`;
  const status = run('make', [
    '-f',
    'scripts/native.mk',
    '--no-print-directory',
    ...makeJobs(),
    `OUT=${out}`,
    `CORE=${coreSources().join(' ')}`,
    `SANITIZE=${sanitizer?.flags ?? ''}`,
    `BOOST_FLAGS=${systemIncludes().join(' ')}`
  ]);

  if (status !== 0) return status;

  const color = `--color_output=${process.stdout.isTTY ? 'yes' : 'no'}`;
  return run(path.join(ROOT, out, 'native-tests'), [color, ...rest]);
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (err) {
  console.error(err.message);
  process.exitCode = 1;
}
