'use strict';

const assert = require('assert');
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

require('../../lib/binding');
const { glibcVersion } = require('../../lib/prebuild-name');
const {
  compareVersions,
  glibcSymbols
} = require('../../scripts/glibc-version');

const ROOT = path.join(__dirname, '..', '..');

// What newer versions of GCC's runtime libraries use. The compiler in the old
// root, where the published binary is made, has older ones.
const RUNTIME = ['__libc_single_threaded', '_dl_find_object', 'arc4random'];

/**
 * Reads a file of the package.
 *
 * @param {string} name Its path
 * @returns {string} Its text
 */
function read(name) {
  return fs.readFileSync(path.join(ROOT, name), 'utf8');
}

/**
 * Reads which glibc the published binary may need at most.
 *
 * @returns {string} The version
 */
function statedVersion() {
  return /^glibc=([\d.]+)$/m.exec(read('scripts/prebuild-portable.sh'))[1];
}

describe('The version of glibc', () => {
  it('is compared by numbers', () => {
    assert.ok(compareVersions('2.9', '2.28') < 0);
    assert.ok(compareVersions('2.28', '2.3.4') > 0);
    assert.ok(compareVersions('2.3', '2.3.2') < 0);
    assert.strictEqual(compareVersions('2.28', '2.28'), 0);
  });

  it('that the published binary needs is stated', () => {
    assert.ok(read('README.md').includes(`glibc ${statedVersion()}`));
  });

  if (glibcVersion() === undefined) return;

  it('suffices for all that the addon calls', () => {
    const file = Object.keys(require.cache).find((name) =>
      name.endsWith('beastws.node')
    );
    const needed = [...glibcSymbols(file).values()].flat();
    const oldest = new Map();

    assert.ok(needed.includes('setsockopt'), needed.join(' '));

    // Functions that moved between glibc's libraries kept their old version
    // beside the new one; the old one counts.
    for (const library of libraries()) {
      const table = execFileSync('objdump', ['-T', library], {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024
      });

      for (const [, version, name] of table.matchAll(
        /[\s(]GLIBC_([\d.]+)\)?\s+(\S+)$/gm
      )) {
        const known = oldest.get(name);
        if (known === undefined || compareVersions(version, known) < 0) {
          oldest.set(name, version);
        }
      }
    }

    const tooNew = needed.filter(
      (name) =>
        !RUNTIME.includes(name) &&
        compareVersions(oldest.get(name) ?? '99', statedVersion()) > 0
    );

    assert.deepStrictEqual(tooNew, []);
  });

  /**
   * Lists the libraries of glibc that this process has loaded.
   *
   * @returns {string[]} Their paths
   */
  function libraries() {
    const { sharedObjects } = process.report.getReport();

    return sharedObjects.filter((name) =>
      /\/(?:lib(?:c|m|pthread|dl|rt)\.so|ld-linux)/.test(name)
    );
  }
});
