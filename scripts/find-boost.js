'use strict';

// Finds the Boost headers the addon is compiled against. Boost is needed for
// compiling only: every part in use is header-only.

const fs = require('fs');
const path = require('path');

const MINIMUM_VERSION = 108100;
const REQUIRED_HEADER = 'boost/beast/websocket.hpp';

/** One row per system: how to recognise it, and its one command. */
const SYSTEMS = [
  {
    name: 'Debian 12',
    matches: (os) => os.ID === 'debian' && os.VERSION_ID === '12',
    package: 'libboost1.81-dev',
    command: 'apt-get install -y libboost1.81-dev'
  },
  {
    name: 'Debian 13 and newer',
    matches: (os) => os.ID === 'debian' && Number(os.VERSION_ID ?? 99) >= 13,
    package: 'libboost-dev',
    command: 'apt-get install -y libboost-dev'
  },
  {
    name: 'Ubuntu 24.04 and newer',
    matches: (os) => os.ID === 'ubuntu' && Number(os.VERSION_ID) >= 24.04,
    package: 'libboost1.83-dev',
    command: 'apt-get install -y libboost1.83-dev'
  },
  {
    name: 'Fedora',
    matches: (os) => os.ID === 'fedora',
    package: 'boost-devel',
    command: 'dnf install -y boost-devel'
  },
  {
    name: 'Alpine',
    matches: (os) => os.ID === 'alpine',
    package: 'boost-dev',
    command: 'apk add boost-dev'
  },
  {
    name: 'macOS',
    matches: (os) => os.ID === 'darwin',
    package: 'boost',
    command: 'brew install boost'
  },
  {
    name: 'Windows',
    matches: (os) => os.ID === 'win32',
    package: 'boost-beast',
    command: 'vcpkg install boost-asio boost-beast'
  }
];

/**
 * Says which operating system this is, in the terms of os-release(5).
 *
 * @param {string} platform A value of `process.platform`
 * @param {string} [file] Path of the os-release file
 * @returns {{ID: string, VERSION_ID: (string|undefined)}} The identification
 */
function identifySystem(platform, file = '/etc/os-release') {
  if (platform !== 'linux') return { ID: platform };

  const fields = { ID: 'linux' };

  try {
    for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
      const match = /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line);
      if (match) fields[match[1]] = match[2] ?? match[3] ?? match[4];
    }
  } catch {
    // No such file: the table of all systems is printed instead.
  }

  return fields;
}

/**
 * Reads the version of the Boost headers in a directory.
 *
 * @param {string} dir An include directory
 * @returns {(number|undefined)} `BOOST_VERSION`, if there is a Boost at all
 */
function readVersion(dir) {
  let text;

  try {
    text = fs.readFileSync(path.join(dir, 'boost', 'version.hpp'), 'utf8');
  } catch {
    return undefined;
  }

  const match = /^\s*#\s*define\s+BOOST_VERSION\s+(\d+)/m.exec(text);
  return match ? Number(match[1]) : undefined;
}

/**
 * Writes a `BOOST_VERSION` the way people do.
 *
 * @param {number} version For example 108100
 * @returns {string} For example '1.81.0'
 */
function formatVersion(version) {
  const major = Math.floor(version / 100000);
  const minor = Math.floor(version / 100) % 1000;
  return `${major}.${minor}.${version % 100}`;
}

/**
 * Lists the subdirectories of a directory.
 *
 * @param {string} dir Any path
 * @returns {string[]} Their full paths; none if `dir` cannot be read
 */
function subdirectories(dir) {
  try {
    return fs
      .readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(dir, entry.name))
      .sort();
  } catch {
    return [];
  }
}

/**
 * Lists the include directories to look into where nobody named a root.
 *
 * @param {Object} env The environment
 * @param {string} platform A value of `process.platform`
 * @returns {string[]} Directories, the first choice first
 */
function defaultCandidates(env, platform) {
  const dirs = [];
  const brews =
    platform === 'darwin'
      ? ['/opt/homebrew', '/usr/local']
      : platform === 'linux'
        ? ['/home/linuxbrew/.linuxbrew']
        : [];

  if (env.HOMEBREW_PREFIX) brews.unshift(env.HOMEBREW_PREFIX);
  for (const prefix of new Set(brews)) {
    dirs.push(path.join(prefix, 'opt', 'boost', 'include'));
    dirs.push(path.join(prefix, 'include'));
  }

  for (const root of [env.VCPKG_ROOT, env.VCPKG_INSTALLATION_ROOT]) {
    if (!root) continue;
    for (const triplet of subdirectories(path.join(root, 'installed'))) {
      if (path.basename(triplet) !== 'vcpkg') {
        dirs.push(path.join(triplet, 'include'));
      }
    }
  }

  if (platform !== 'win32') dirs.push('/usr/include', '/usr/local/include');

  return [...new Set(dirs)];
}

/**
 * Finds a usable Boost. A root that the caller or the environment names is the
 * only one tried, since silently taking another would hide the mistake.
 *
 * @param {Object} [options] Options
 * @param {string} [options.root] A Boost root; beats `BOOST_ROOT`
 * @param {Object} [options.env] The environment
 * @param {string} [options.platform] A value of `process.platform`
 * @param {string[]} [options.candidates] Include directories to try instead of
 *     the usual ones
 * @param {string} [options.osRelease] Path of the os-release file
 * @returns {{includeDir: string, version: number}} Where it is and which it is
 * @throws {Error} With a message for people, if there is none
 */
function findBoost(options = {}) {
  const env = options.env ?? process.env;
  const platform = options.platform ?? process.platform;
  const root = options.root || env.npm_config_boost_root || env.BOOST_ROOT;
  const dirs = root
    ? [path.join(root, 'include'), root]
    : (options.candidates ?? defaultCandidates(env, platform));
  const searched = [];

  for (const dir of dirs) {
    const version = readVersion(dir);

    if (version === undefined) {
      searched.push(`${dir}: no boost/version.hpp`);
    } else if (version < MINIMUM_VERSION) {
      searched.push(`${dir}: Boost ${formatVersion(version)} is too old`);
    } else if (!fs.existsSync(path.join(dir, REQUIRED_HEADER))) {
      searched.push(
        `${dir}: Boost ${formatVersion(version)} without ${REQUIRED_HEADER}`
      );
    } else {
      return { includeDir: path.resolve(dir), version };
    }
  }

  const system = identifySystem(platform, options.osRelease);
  throw new Error(explain(searched, system, Boolean(root)));
}

/**
 * Writes what to do where no usable Boost was found.
 *
 * @param {string[]} searched One line for each place
 * @param {Object} os What `identifySystem()` said
 * @param {boolean} named Whether somebody named the root
 * @returns {string} The message
 */
function explain(searched, os, named) {
  const row = SYSTEMS.find((system) => system.matches(os));
  const minimum = formatVersion(MINIMUM_VERSION);
  const lines = [
    `beastws: no usable Boost headers (${minimum} or newer, with Beast).`,
    '',
    named
      ? 'Searched only where --boost_root or BOOST_ROOT points:'
      : 'Searched:',
    ...searched.map((line) => `  ${line}`),
    ''
  ];

  if (row) {
    lines.push(`Install them (${row.name}):`, `  ${asRoot(row, os)}`);
  } else {
    const width = Math.max(...SYSTEMS.map((system) => system.name.length));
    lines.push('Install them:');
    for (const system of SYSTEMS) {
      lines.push(`  ${system.name.padEnd(width)}  ${system.command}`);
    }
  }

  lines.push(
    '',
    'or set BOOST_ROOT to the root of an unpacked Boost (www.boost.org).',
    'Only headers are used; nothing of Boost has to be compiled.'
  );

  return lines.join('\n');
}

/**
 * Puts sudo in front of a command where it is needed.
 *
 * @param {Object} row A row of SYSTEMS
 * @param {Object} os What `identifySystem()` said
 * @returns {string} The command to type
 */
function asRoot(row, os) {
  const own = ['darwin', 'win32'].includes(os.ID);
  return own || process.getuid?.() === 0 ? row.command : `sudo ${row.command}`;
}

/**
 * Runs the finder as a program: prints the include directory, or with
 * `--package` the name of the system's package that has the headers.
 *
 * @param {string[]} args The command line
 * @returns {number} The exit status
 */
function main(args) {
  if (args.includes('--package')) {
    const os = identifySystem(process.platform);
    const row = SYSTEMS.find((system) => system.matches(os));
    if (row) console.log(row.package);
    return row ? 0 : 1;
  }

  const named = args.find((arg) => arg.startsWith('--boost_root='));

  try {
    console.log(
      findBoost({ root: named?.slice('--boost_root='.length) }).includeDir
    );
    return 0;
  } catch (err) {
    console.error(err.message);
    return 1;
  }
}

module.exports = {
  MINIMUM_VERSION,
  defaultCandidates,
  findBoost,
  formatVersion,
  identifySystem
};

if (require.main === module) process.exitCode = main(process.argv.slice(2));
