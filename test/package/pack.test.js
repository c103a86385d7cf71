'use strict';

const assert = require('assert');
const { execSync } = require('child_process');
const path = require('path');

const manifest = require('../../package.json');
const lock = require('../../package-lock.json');

const ROOT = path.join(__dirname, '..', '..');

describe('The package', () => {
  it('has no dependency, and nothing that runs when it is installed', () => {
    assert.strictEqual(manifest.dependencies, undefined);
    assert.strictEqual(manifest.gypfile, false);
    for (const name of ['preinstall', 'install', 'postinstall']) {
      assert.strictEqual(manifest.scripts[name], undefined, name);
    }
  });

  it('packs what running and compiling need, and nothing else', function () {
    this.timeout(30000);

    const output = execSync('npm pack --dry-run --json --ignore-scripts', {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore']
    });
    const parsed = JSON.parse(output);
    // An object by name since npm 12, an array before.
    const [{ files }] = Array.isArray(parsed) ? parsed : Object.values(parsed);
    const paths = files.map((file) => file.path);

    for (const name of [
      'LICENSE',
      'README.md',
      'bin/beastws.js',
      'binding.gyp',
      'browser.js',
      'browser.mjs',
      'index.d.mts',
      'index.d.ts',
      'index.js',
      'lib/binding.js',
      'lib/cli/main.js',
      'lib/websocket.js',
      'scripts/build.js',
      'scripts/find-boost.js',
      'scripts/gyp-inputs.js',
      'src/exports.map',
      'wrapper.mjs'
    ]) {
      assert.ok(paths.includes(name), `${name} is missing`);
    }

    assert.deepStrictEqual(
      paths.filter((name) =>
        /^(build|test|bench|node_modules|fuzz)\//.test(name)
      ),
      []
    );
  });

  it('has a lock file without addresses of a registry', () => {
    for (const [name, entry] of Object.entries(lock.packages)) {
      assert.strictEqual(entry.resolved, undefined, name);
    }
  });
});
