'use strict';

const assert = require('assert');
const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const {
  MINIMUM_VERSION,
  defaultCandidates,
  findBoost,
  formatVersion,
  identifySystem
} = require('../../scripts/find-boost');

const SCRIPT = path.join(__dirname, '..', '..', 'scripts', 'find-boost.js');

describe('find-boost', () => {
  let dir;

  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-boost-'));
  });

  afterEach(() => {
    fs.rmSync(dir, { recursive: true });
  });

  /**
   * Makes an include directory that looks like Boost's.
   *
   * @param {string} name Its path below the test's directory
   * @param {number} version `BOOST_VERSION`
   * @param {Object} [options] Options
   * @param {boolean} [options.beast=true] Whether Beast is there
   * @returns {string} The include directory
   */
  function fakeBoost(name, version, { beast = true } = {}) {
    const include = path.join(dir, name);

    fs.mkdirSync(path.join(include, 'boost', 'beast'), { recursive: true });
    fs.writeFileSync(
      path.join(include, 'boost', 'version.hpp'),
      `//  BOOST_VERSION is below\n#define BOOST_VERSION ${version}\n`
    );
    if (beast) {
      fs.writeFileSync(
        path.join(include, 'boost', 'beast', 'websocket.hpp'),
        ''
      );
    }

    return include;
  }

  /**
   * Writes an os-release file.
   *
   * @param {string} text What it says
   * @returns {string} Its path
   */
  function osRelease(text) {
    const file = path.join(dir, 'os-release');
    fs.writeFileSync(file, text);
    return file;
  }

  /**
   * Runs the finder where it must fail.
   *
   * @param {Object} options The finder's options
   * @returns {string} The message
   */
  function failure(options) {
    let message;

    assert.throws(
      () => findBoost({ env: {}, platform: 'linux', ...options }),
      (err) => {
        message = err.message;
        return true;
      }
    );

    return message;
  }

  it('takes the first candidate that fits', () => {
    const old = fakeBoost('old', 107400);
    const bare = fakeBoost('bare', 108500, { beast: false });
    const first = fakeBoost('first', MINIMUM_VERSION);
    const second = fakeBoost('second', 108900);
    const candidates = [path.join(dir, 'nothing'), old, bare, first, second];

    assert.deepStrictEqual(findBoost({ env: {}, candidates }), {
      includeDir: first,
      version: MINIMUM_VERSION
    });
  });

  it('refuses the version just below the minimum', () => {
    const include = fakeBoost('old', MINIMUM_VERSION - 1);

    assert.match(failure({ candidates: [include] }), /is too old/);
  });

  it('says of every place why it did not do', () => {
    const old = fakeBoost('old', 107400);
    const bare = fakeBoost('bare', 108500, { beast: false });
    const nothing = path.join(dir, 'nothing');
    const message = failure({ candidates: [nothing, old, bare] });

    assert.ok(message.includes(`${nothing}: no boost/version.hpp`));
    assert.ok(message.includes(`${old}: Boost 1.74.0 is too old`));
    assert.ok(
      message.includes(
        `${bare}: Boost 1.85.0 without boost/beast/websocket.hpp`
      )
    );
  });

  it('takes BOOST_ROOT with and without an include directory', () => {
    const tree = fakeBoost('tree', 108600);
    const include = fakeBoost(path.join('prefix', 'include'), 108700);

    assert.strictEqual(
      findBoost({ env: { BOOST_ROOT: tree } }).includeDir,
      tree
    );
    assert.strictEqual(
      findBoost({ env: { BOOST_ROOT: path.join(dir, 'prefix') } }).includeDir,
      include
    );
  });

  it('prefers the root it is given, then npm’s option, then BOOST_ROOT', () => {
    const given = fakeBoost('given', 108100);
    const npm = fakeBoost('npm', 108200);
    const named = fakeBoost('named', 108300);
    const env = { BOOST_ROOT: named, npm_config_boost_root: npm };

    assert.strictEqual(findBoost({ root: given, env }).includeDir, given);
    assert.strictEqual(findBoost({ env }).includeDir, npm);
    delete env.npm_config_boost_root;
    assert.strictEqual(findBoost({ env }).includeDir, named);
  });

  it('does not look elsewhere if a named root does not fit', () => {
    const good = fakeBoost('good', 108600);
    const root = path.join(dir, 'mistyped');
    const message = failure({ root, candidates: [good] });

    assert.match(message, /Searched only where --boost_root or BOOST_ROOT/);
    assert.ok(!message.includes(good));
  });

  it('looks at Homebrew, then vcpkg, then the system', () => {
    fs.mkdirSync(path.join(dir, 'installed', 'x64-linux'), { recursive: true });
    fs.mkdirSync(path.join(dir, 'installed', 'vcpkg'));

    const env = { HOMEBREW_PREFIX: '/brew', VCPKG_ROOT: dir };
    const system = ['/usr/include', '/usr/local/include'];
    const vcpkg = path.join(dir, 'installed', 'x64-linux', 'include');

    assert.deepStrictEqual(defaultCandidates(env, 'linux'), [
      '/brew/opt/boost/include',
      '/brew/include',
      '/home/linuxbrew/.linuxbrew/opt/boost/include',
      '/home/linuxbrew/.linuxbrew/include',
      vcpkg,
      ...system
    ]);
    assert.deepStrictEqual(defaultCandidates({ VCPKG_ROOT: dir }, 'win32'), [
      vcpkg
    ]);
    assert.deepStrictEqual(defaultCandidates({}, 'darwin'), [
      '/opt/homebrew/opt/boost/include',
      '/opt/homebrew/include',
      '/usr/local/opt/boost/include',
      '/usr/local/include',
      '/usr/include'
    ]);
  });

  it('names the one command of the system it runs on', () => {
    const systems = [
      ['ID=debian\nVERSION_ID="12"\n', 'apt-get install -y libboost1.81-dev'],
      ['ID=debian\nVERSION_ID="13"\n', 'apt-get install -y libboost-dev'],
      [
        'ID=ubuntu\nVERSION_ID="24.04"\n',
        'apt-get install -y libboost1.83-dev'
      ],
      ['ID=fedora\nVERSION_ID=42\n', 'dnf install -y boost-devel'],
      ['ID=alpine\nVERSION_ID=3.21.0\n', 'apk add boost-dev']
    ];

    for (const [text, command] of systems) {
      const message = failure({ candidates: [], osRelease: osRelease(text) });

      assert.ok(message.includes(command), message);
      assert.strictEqual(message.split(/ install | add /).length, 2, message);
    }

    assert.match(
      failure({ candidates: [], platform: 'darwin' }),
      /\n {2}brew install boost\n/
    );
  });

  it('names the commands of all systems where it does not know its own', () => {
    const texts = [
      'ID=debian\nVERSION_ID="11"\n',
      'ID=ubuntu\nVERSION_ID=22.04'
    ];

    for (const text of texts) {
      const message = failure({ candidates: [], osRelease: osRelease(text) });

      assert.match(message, /Debian 12 .*libboost1\.81-dev/);
      assert.match(message, /Alpine .*apk add/);
      assert.match(message, /macOS .*brew install/);
    }
  });

  it('reads os-release with all three kinds of quotes', () => {
    const file = osRelease('ID=\'debian\'\nVERSION_ID="12"\nNAME=Debian\n');
    const { ID, VERSION_ID, NAME } = identifySystem('linux', file);

    assert.deepStrictEqual([ID, VERSION_ID, NAME], ['debian', '12', 'Debian']);
    assert.strictEqual(
      identifySystem('linux', path.join(dir, 'missing')).ID,
      'linux'
    );
    assert.strictEqual(identifySystem('darwin', file).ID, 'darwin');
  });

  it('writes versions as people do', () => {
    assert.strictEqual(formatVersion(108100), '1.81.0');
    assert.strictEqual(formatVersion(200003), '2.0.3');
  });

  it('prints the include directory as a program', () => {
    const include = fakeBoost('tree', 108600);
    const result = spawnSync(
      process.execPath,
      [SCRIPT, `--boost_root=${include}`],
      { encoding: 'utf8' }
    );

    assert.strictEqual(result.stderr, '');
    assert.strictEqual(result.stdout, `${include}\n`);
    assert.strictEqual(result.status, 0);
  });

  it('fails as a program with the message and no stack', () => {
    const result = spawnSync(process.execPath, [SCRIPT, '--boost_root=/none'], {
      encoding: 'utf8'
    });

    assert.strictEqual(result.status, 1);
    assert.strictEqual(result.stdout, '');
    assert.match(result.stderr, /^beastws: no usable Boost headers/);
    assert.doesNotMatch(result.stderr, /\n {4}at /);
  });
});
