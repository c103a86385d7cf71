'use strict';

// Says which glibc a binary needs: `node scripts/glibc-version.js <file>
// [--max <version>]`. With `--max` it fails if that is newer, and names the
// symbols that are.

const { execFileSync } = require('child_process');

/**
 * Compares two versions.
 *
 * @param {string} a For example '2.9'
 * @param {string} b For example '2.28'
 * @returns {number} Below 0 if `a` is older, above 0 if it is newer
 */
function compareVersions(a, b) {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  const length = Math.max(left.length, right.length);

  for (let i = 0; i < length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }

  return 0;
}

/**
 * Lists the symbols of glibc that a binary needs, by version.
 *
 * @param {string} file An ELF file
 * @returns {Map<string, string[]>} Names of symbols by version, the oldest
 *     version first
 * @throws {Error} If objdump (binutils) is missing or cannot read the file
 */
function glibcSymbols(file) {
  const table = execFileSync('objdump', ['-T', file], { encoding: 'utf8' });
  const found = new Map();

  for (const [, version, name] of table.matchAll(
    /\*UND\*.*[\s(]GLIBC_([\d.]+)\)?\s+(\S+)$/gm
  )) {
    if (!found.has(version)) found.set(version, []);
    found.get(version).push(name);
  }

  return new Map([...found].sort(([a], [b]) => compareVersions(a, b)));
}

module.exports = { compareVersions, glibcSymbols };

if (require.main === module) {
  const [file, option, limit] = process.argv.slice(2);

  if (!file || (option && (option !== '--max' || !limit))) {
    console.error('usage: scripts/glibc-version.js <file> [--max <version>]');
    process.exit(2);
  }

  const symbols = glibcSymbols(file);
  const newest = [...symbols.keys()].at(-1);
  console.log(`${file} needs glibc ${newest}`);

  if (limit) {
    for (const [version, names] of symbols) {
      if (compareVersions(version, limit) <= 0) continue;
      console.error(`newer than ${limit}: ${version} for ${names.join(', ')}`);
      process.exitCode = 1;
    }
  }
}
