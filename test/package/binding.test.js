'use strict';

const assert = require('assert');
const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

require('../../lib/binding');
const explain = require('../../lib/binding-error');
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
    for (const name of ['binding.js', 'binding-error.js', 'prebuild-name.js']) {
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
   * @param {string[]} [flags] Options of Node.js
   * @returns {{loaded: (string|undefined), code: (string|undefined),
   *     message: (string|undefined), count: (number|undefined)}} What it did
   */
  function load(env = {}, flags = []) {
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
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [...flags, '-e', script],
      {
        cwd: dir,
        encoding: 'utf8',
        env: { ...process.env, BEASTWS_BINDING: '', ...env }
      }
    );

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
    assert.match(message, /it is damaged, or was built for another system/);
    assert.match(message, /installed without a prebuilt binary/);
  });

  it('names the binaries that the package has for others', () => {
    place('prebuilds/plan9-mips/beastws.node', '');
    assert.match(load().message, /prebuilt binaries for plan9-mips only/);
  });

  it('says that Node.js was told to load no addons', () => {
    place(places[0]);

    const { code, message } = load({}, ['--no-addons']);

    assert.strictEqual(code, 'ERR_BEASTWS_BINDING');
    assert.match(message, /Start it with --allow-addons/);
    assert.doesNotMatch(message, /run build/);
  });

  if (prebuildName.glibcVersion() === undefined) return;

  it('says which glibc is missing', () => {
    const file = place(places[2]);
    const bytes = fs.readFileSync(file);
    const at = bytes.indexOf('GLIBC_2.28\0');

    // The dynamic linker compares names of versions, so this is one that no
    // glibc has.
    assert.notStrictEqual(at, -1);
    bytes.write('GLIBC_9.99', at, 'latin1');
    fs.writeFileSync(file, bytes);

    const here = prebuildName.glibcVersion().replace('.', '\\.');
    const expected = `needs glibc 9\\.99 or newer, this system has ${here}`;
    assert.match(load().message, new RegExp(expected));
  });
});

describe('The explanation of the loader', () => {
  const host = {
    arch: 'x64',
    env: {},
    platform: 'linux',
    report: { getReport: () => ({ header: { glibcVersionRuntime: '2.17' } }) },
    version: 'v20.0.0'
  };

  /**
   * Explains one failure.
   *
   * @param {string} said The message of the dynamic linker
   * @param {Object} [env] The environment
   * @returns {string} The explanation
   */
  function explained(said, env = {}) {
    const err = Object.assign(new Error(said), {
      code: 'ERR_DLOPEN_FAILED',
      path: '/beastws.node'
    });

    return explain(
      { root: '/nowhere', name: 'linux-x64', errors: [err] },
      { ...host, env }
    );
  }

  for (const [said, meant] of [
    [
      "libc.so.6: version `GLIBC_2.28' not found (required by /beastws.node)",
      'it needs glibc 2.28 or newer, this system has 2.17'
    ],
    [
      "libstdc++.so.6: version `GLIBCXX_3.4.29' not found",
      'it was compiled with a newer libstdc++ than this system has'
    ],
    [
      'libc.musl-x86_64.so.1: cannot open shared object file',
      'it was built for musl, and this system uses glibc'
    ],
    [
      'Error loading shared library ld-linux-x86-64.so.2: No such file',
      'it was built for glibc, and this system uses musl'
    ],
    [
      'Error relocating /beastws.node: __res_init: symbol not found',
      'it was built for glibc, and this system uses musl'
    ],
    [
      'libfoo.so.1: cannot open shared object file: No such file or directory',
      'it needs libfoo.so.1, which this system does not have'
    ],
    [
      '/beastws.node: wrong ELF class: ELFCLASS32',
      'it is damaged, or was built for another system than linux on x64'
    ]
  ]) {
    it(`is: ${meant.slice(0, 50)}`, () => {
      const message = explained(said);

      assert.ok(message.includes(said));
      assert.ok(message.includes(`That is: ${meant}`), message);
    });
  }

  it('adds nothing to what it does not know', () => {
    assert.doesNotMatch(explained('Module did not self-register'), /That is/);
  });

  it('offers no build where BEASTWS_BINDING is set', () => {
    const message = explained('anything', { BEASTWS_BINDING: '/x' });

    assert.match(message, /nothing else was tried/);
    assert.doesNotMatch(message, /run build/);
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
   * @param {string} [execPath] The path of the executable; none that is there
   *     by default
   * @returns {Object} The stand-in
   */
  function host(platform, arch, report, execPath = '/nowhere') {
    return { platform, arch, execPath, report: { getReport: () => report } };
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
  it("believes the executable's dynamic linker first", () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-name-'));
    const file = path.join(dir, 'node');

    try {
      fs.writeFileSync(file, '\x7fELF\0/lib/ld-musl-x86_64.so.1\0');
      assert.strictEqual(
        prebuildName(host('linux', 'x64', glibc, file)),
        'linux-x64-musl'
      );
      fs.writeFileSync(file, '\x7fELF\0/lib64/ld-linux-x86-64.so.2\0');
      assert.strictEqual(
        prebuildName(host('linux', 'x64', { header: {} }, file)),
        'linux-x64'
      );
    } finally {
      fs.rmSync(dir, { recursive: true });
    }
  });
});
