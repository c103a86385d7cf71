'use strict';

const assert = require('assert');
const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

require('../../lib/binding');
const prebuildName = require('../../lib/prebuild-name');

const LIB = path.join(__dirname, '..', '..', 'lib');
const BINARY = Object.keys(require.cache).find((name) =>
  name.endsWith('beastws.node')
);

describe('The loader', () => {
  let dir;

  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-loader-'));
    fs.mkdirSync(path.join(dir, 'lib'));
    for (const name of ['binding.js', 'prebuild-name.js']) {
      fs.copyFileSync(path.join(LIB, name), path.join(dir, 'lib', name));
    }
  });

  afterEach(() => {
    fs.rmSync(dir, { recursive: true });
  });

  /**
   * Puts a file where the loader looks.
   *
   * @param {string} name Its path below the package
   * @param {string} [text] What it holds instead of the addon
   * @returns {string} Its full path
   */
  function place(name, text) {
    const file = path.join(dir, name);

    fs.mkdirSync(path.dirname(file), { recursive: true });
    if (text === undefined) fs.copyFileSync(BINARY, file);
    else fs.writeFileSync(file, text);

    return file;
  }

  /**
   * Runs the copied loader in a process of its own.
   *
   * @param {Object} [env] Additions to the environment
   * @returns {{loaded: (string|undefined), code: (string|undefined),
   *     message: (string|undefined), count: (number|undefined)}} What it did
   */
  function load(env = {}) {
    const script = `
      let result;
      try {
        require('./lib/binding');
        result = {
          loaded: Object.keys(require.cache).find((f) => f.endsWith('.node'))
        };
      } catch (err) {
        result = {
          code: err.code, message: err.message, count: err.errors?.length
        };
      }
      console.log(JSON.stringify(result));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
      cwd: dir,
      encoding: 'utf8',
      env: { ...process.env, BEASTWS_BINDING: '', ...env }
    });

    assert.notStrictEqual(stdout, '', stderr);
    return JSON.parse(stdout);
  }

  const places = [
    'build/Release/beastws.node',
    'build/Debug/beastws.node',
    `prebuilds/${prebuildName()}/beastws.node`
  ];

  it('prefers Release to Debug and both to the prebuilt binary', () => {
    const files = places.map((name) => place(name));

    for (const file of files) {
      assert.strictEqual(load().loaded, fs.realpathSync(file));
      fs.rmSync(file);
    }
  });

  it('goes on where a binary cannot be loaded', () => {
    place(places[0], 'not a library');
    const file = place(places[2]);

    assert.strictEqual(load().loaded, fs.realpathSync(file));
  });

  it('loads only the file that BEASTWS_BINDING names', () => {
    const other = place('elsewhere/beastws.node');
    place(places[0]);

    assert.strictEqual(
      load({ BEASTWS_BINDING: other }).loaded,
      fs.realpathSync(other)
    );

    const missing = path.join(dir, 'missing.node');
    const result = load({ BEASTWS_BINDING: missing });

    assert.strictEqual(result.code, 'ERR_BEASTWS_BINDING');
    assert.strictEqual(result.count, 1);
    assert.ok(result.message.includes(`${missing}: no such file`));
  });

  it('explains every attempt and the remedies where nothing fits', () => {
    const broken = place(places[1], 'not a library');
    const { code, count, message } = load();

    assert.strictEqual(code, 'ERR_BEASTWS_BINDING');
    assert.strictEqual(count, 3);
    assert.ok(message.includes(prebuildName()));
    assert.ok(message.includes(`${path.join(dir, places[0])}: no such file`));
    assert.ok(message.includes(broken));
    assert.ok(message.includes(path.join('prebuilds', prebuildName())));
    assert.match(message, /npm --prefix ".*" run build/);
  });
});

describe('prebuildName()', () => {
  const glibc = { header: { glibcVersionRuntime: '2.36' } };

  /**
   * Stands in for `process`.
   *
   * @param {string} platform As `process.platform`
   * @param {string} arch As `process.arch`
   * @param {Object} [report] What the diagnostic report says
   * @returns {Object} The stand-in
   */
  function host(platform, arch, report) {
    return { platform, arch, report: { getReport: () => report } };
  }

  it('tells musl from glibc on Linux', () => {
    assert.strictEqual(prebuildName(host('linux', 'x64', glibc)), 'linux-x64');
    assert.strictEqual(
      prebuildName(host('linux', 'arm64', { header: {} })),
      'linux-arm64-musl'
    );
  });

  it('needs only platform and architecture elsewhere', () => {
    assert.strictEqual(prebuildName(host('darwin', 'arm64')), 'darwin-arm64');
    assert.strictEqual(prebuildName(host('win32', 'x64')), 'win32-x64');
  });
});
