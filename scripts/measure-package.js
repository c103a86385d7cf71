'use strict';

// Says how large the package is and what `require()` costs, next to ws:
// `node scripts/measure-package.js [<rounds>]`. What is packed is what is there;
// `npm run make-prebuild` puts a binary in.

const { execFileSync } = require('child_process');
const path = require('path');

const ROOT = path.join(__dirname, '..');
const PACKAGES = { beastws: ROOT, ws: path.dirname(require.resolve('ws')) };

/**
 * Asks npm for the sizes of a package.
 *
 * @param {string} dir Its directory
 * @returns {{packed: number, unpacked: number, files: number}} Bytes and count
 */
function sizes(dir) {
  const output = execFileSync(
    'npm',
    ['pack', '--dry-run', '--json', '--ignore-scripts'],
    {
      cwd: dir,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore']
    }
  );
  const parsed = JSON.parse(output);
  // An object by name since npm 12, an array before.
  const [one] = Array.isArray(parsed) ? parsed : Object.values(parsed);

  return {
    packed: one.size,
    unpacked: one.unpackedSize,
    files: one.entryCount
  };
}

/**
 * Loads a package in a process of its own.
 *
 * @param {string} dir Its directory
 * @returns {number} CPU time of `require()`, in ms: what else the machine does
 *     counts less than in time of the clock
 */
function loadTime(dir) {
  const script = `
    require('net'), require('tls'), require('http'), require('https');
    const start = process.cpuUsage();
    require(${JSON.stringify(dir)});
    const { user, system } = process.cpuUsage(start);
    console.log((user + system) / 1000);`;

  return Number(execFileSync(process.execPath, ['-e', script]));
}

/**
 * Finds the middle of some numbers.
 *
 * @param {number[]} numbers At least one
 * @returns {number} The median
 */
function median(numbers) {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}

const rounds = Number(process.argv[2] ?? 15);
const times = { beastws: [], ws: [] };

for (let i = 0; i < rounds; i++) {
  for (const [name, dir] of Object.entries(PACKAGES)) {
    times[name].push(loadTime(dir));
  }
}

for (const [name, dir] of Object.entries(PACKAGES)) {
  const { packed, unpacked, files } = sizes(dir);

  console.log(
    `${name}: ${(packed / 1024).toFixed(0)} KiB packed, ` +
      `${(unpacked / 1024).toFixed(0)} KiB in ${files} files, ` +
      `require() takes ${median(times[name]).toFixed(1)} ms of CPU`
  );
}
