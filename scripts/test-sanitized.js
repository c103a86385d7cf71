'use strict';

// Runs the tests with a sanitized addon: `npm run test:asan` (AddressSanitizer,
// LeakSanitizer and UBSan) or `npm run test:tsan` (ThreadSanitizer), each with
// arguments of mocha after `--`, such as the files to run. `--no-build` takes
// the addon as it is. Linux with GCC.
//
// Node itself is not instrumented, so the sanitizer's runtime is loaded before
// it. Every process of the tests inherits that. Reports go to files, one for
// each process, because many tests look at what their processes print, and
// others at nothing. A process ends as it would without its report, but for an
// error of memory, which ends it at once; the run fails in either case.

const { execFileSync, spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const { build } = require('./build');
const { ROOT } = require('./gyp-inputs');

/** `time` and `memory` say how much more of it the tests may take. */
const SANITIZERS = {
  '--asan': {
    name: 'asan',
    runtime: 'libasan.so',
    configuration: 'Asan',
    time: 8,
    memory: 8
  },
  '--tsan': {
    name: 'tsan',
    runtime: 'libtsan.so',
    configuration: 'Tsan',
    time: 15,
    memory: 8
  }
};

/**
 * Builds what has to be loaded before ThreadSanitizer's runtime.
 *
 * @returns {string} Its path
 * @throws {Error} If the compiler fails
 */
function buildPlainJumps() {
  const library = path.join(ROOT, 'build', 'plain-jumps.so');
  const source = path.join(__dirname, 'sanitizers', 'plain-jumps.c');
  execFileSync('gcc', ['-O2', '-shared', '-fPIC', '-o', library, source]);
  return library;
}

/**
 * Makes the environment of the tests.
 *
 * @param {Object} sanitizer One of `SANITIZERS`
 * @param {string} reports The directory for reports
 * @returns {Object} Variables by name
 */
function environment(sanitizer, reports) {
  const { name, runtime, configuration, time, memory } = sanitizer;
  const library = execFileSync('gcc', [`-print-file-name=${runtime}`])
    .toString()
    .trim();
  const common = [
    'exitcode=0',
    `log_path=${path.join(reports, name)}`,
    'log_exe_name=1'
  ];

  return {
    LD_PRELOAD: name === 'tsan' ? `${buildPlainJumps()}:${library}` : library,
    ASAN_OPTIONS: [
      ...common,
      'abort_on_error=1',
      'detect_leaks=1',
      // What is freed is kept for a while, to find those who still use it: in
      // each of hundreds of processes.
      'quarantine_size_mb=64'
    ].join(':'),
    UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    TSAN_OPTIONS: [...common, 'ignore_noninstrumented_modules=1'].join(':'),
    BEASTWS_BINDING: path.join(ROOT, 'build', configuration, 'beastws.node'),
    BEASTWS_TEST_SLOWNESS: `${time}`,
    BEASTWS_TEST_MEMORY: `${memory}`
  };
}

/**
 * Says whether a paragraph of a report is of our concern. Processes that end by
 * process.exit(), or by an exception, do not take V8 apart; LeakSanitizer, which
 * cannot look into V8's heap, takes that for leaks of Node. Ours are those that
 * are allocated by our code, and not by Node on our behalf; if the only thread
 * that had loaded it is gone, its code has no name any more.
 *
 * @param {string} paragraph What stands between two blank lines
 * @returns {boolean} False for leaks of others
 */
function isOurs(paragraph) {
  if (!/^(Direct|Indirect) leak of /.test(paragraph)) return true;

  const frames = paragraph.split('\n').slice(1);
  const node = frames.findIndex((frame) => /\/node\+0x/.test(frame));

  return frames
    .slice(0, node < 0 ? frames.length : node)
    .some((frame) => /beastws|Napi::|<unknown module>/.test(frame));
}

/**
 * Reads what the sanitizers of all processes of Node wrote. Of other programs,
 * compilers for example, they can only tell that memory is not freed.
 *
 * @param {string} reports Their directory
 * @returns {string[]} Texts, one for each process that has something to say
 */
function readReports(reports) {
  return fs
    .readdirSync(reports)
    .filter((name) => /^\w+\.node\b/.test(name))
    .sort()
    .map((name) => {
      const text = fs.readFileSync(path.join(reports, name), 'utf8');
      const paragraphs = text.split(/\n{2,}/).filter(isOurs);
      // The frame of a report of leaks, of which none is left.
      const nothing = paragraphs.every((paragraph) =>
        /LeakSanitizer: detected|^SUMMARY: \S+: \d+ byte\(s\) leaked|^\s*$/.test(
          paragraph
        )
      );
      return nothing ? '' : `--- ${name}\n${paragraphs.join('\n\n')}`;
    })
    .filter(Boolean);
}

/**
 * Builds the addon and runs the tests.
 *
 * @param {string[]} args The command line
 * @returns {number} The exit status
 * @throws {Error} If something needed is missing
 */
function main(args) {
  const own = [...Object.keys(SANITIZERS), '--no-build'];
  const sanitizer = SANITIZERS[args.find((arg) => SANITIZERS[arg])];
  if (!sanitizer) throw new Error('beastws: --asan or --tsan?');
  if (!args.includes('--no-build')) build([`--${sanitizer.name}`]);

  const reports = path.join(ROOT, 'build', `${sanitizer.name}-reports`);
  fs.rmSync(reports, { recursive: true, force: true });
  fs.mkdirSync(reports, { recursive: true });

  const started = Date.now();
  const { status, signal, error } = spawnSync(
    process.execPath,
    [
      require.resolve('mocha/bin/mocha.js'),
      '--require',
      path.join(ROOT, 'scripts/sanitizers/slow-mocha.js'),
      ...args.filter((arg) => !own.includes(arg))
    ],
    {
      cwd: ROOT,
      env: { ...process.env, ...environment(sanitizer, reports) },
      stdio: 'inherit'
    }
  );
  if (error) throw error;
  if (signal) console.error(`mocha: ended by ${signal}`);

  const texts = readReports(reports);
  for (const text of texts) console.error(text);
  console.log(
    `${sanitizer.name}: ${texts.length} report(s), ` +
      `${Math.round((Date.now() - started) / 1000)} s`
  );
  return status || (texts.length > 0 || signal ? 1 : 0);
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (err) {
  console.error(err.message);
  process.exitCode = 1;
}
