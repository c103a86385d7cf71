'use strict';

const fs = require('fs');
const path = require('path');

const { glibcVersion } = require('./prebuild-name');

/** What dynamic linkers say, and what it means. The first that fits counts. */
const REASONS = [
  {
    pattern: /version `GLIBC_([\d.]+)' not found/,
    text: (found, host) =>
      `it needs glibc ${found[1]} or newer, this system has ` +
      `${glibcVersion(host) ?? 'none'}`
  },
  {
    pattern: /version `((?:GLIBCXX|CXXABI)_[\d.]+)' not found/,
    text: (found) =>
      `it was compiled with a newer libstdc++ than this system has (${found[1]})`
  },
  {
    pattern: /libc\.musl-|libc\.so: (?:cannot|invalid)|ld-musl/,
    text: () => 'it was built for musl, and this system uses glibc'
  },
  {
    pattern: /ld-linux|libc\.so\.6|symbol not found/,
    text: () => 'it was built for glibc, and this system uses musl'
  },
  {
    pattern: /(\S+\.so\S*): cannot open shared object file/,
    text: (found) => `it needs ${found[1]}, which this system does not have`
  },
  {
    pattern:
      /ELF (?:header|class|load)|file too short|Exec format|not a valid Win32|mach-o|incompatible architecture|slice is not valid/,
    text: (found, host) =>
      `it is damaged, or was built for another system than ${host.platform} ` +
      `on ${host.arch}`
  }
];

/**
 * Writes the message for people whose system has no working binary: what was
 * tried, why it failed, and what to do.
 *
 * @param {Object} what What happened
 * @param {string} what.root The directory of the package
 * @param {string} what.name The platform, as `prebuildName()` says it
 * @param {Error[]} what.errors One for each file tried, with `path`
 * @param {Object} [host] What to read the facts from; `process` by default
 * @returns {string} The message
 */
function explain({ root, name, errors }, host = process) {
  const lines = [
    `beastws: no native binary works here (${name}, Node.js ${host.version}).`,
    '',
    'Tried:'
  ];

  for (const err of errors) {
    lines.push(`  ${err.path}: ${err.message}`);
    const reason = reasonOf(err, host);
    if (reason) lines.push(`    That is: ${reason}.`);
  }

  lines.push('', ...remedies({ root, name, errors }, host));
  return lines.join('\n');
}

/**
 * Translates the error of an attempt.
 *
 * @param {Error} err The error of `require()`
 * @param {Object} host See `explain()`
 * @returns {(string|undefined)} A part of a sentence, if it is known
 */
function reasonOf(err, host) {
  if (err.code === 'ENOENT') return undefined;

  for (const { pattern, text } of REASONS) {
    const found = pattern.exec(err.message);
    if (found) return text(found, host);
  }

  return undefined;
}

/**
 * Lists what helps.
 *
 * @param {Object} what See `explain()`
 * @param {Object} host See `explain()`
 * @returns {string[]} Lines
 */
function remedies({ root, name, errors }, host) {
  if (errors.some((err) => err.code === 'ERR_DLOPEN_DISABLED')) {
    return [
      'Node.js was told not to load addons. Start it with --allow-addons if it',
      'runs with --permission, and without --no-addons.'
    ];
  }

  if (host.env.BEASTWS_BINDING) {
    return ['BEASTWS_BINDING is set, so nothing else was tried.'];
  }

  const brought = prebuilds(root);
  const lines = [];

  if (brought.length === 0) {
    lines.push('The package was installed without a prebuilt binary.');
  } else if (!brought.includes(name)) {
    lines.push(
      `The package has prebuilt binaries for ${brought.join(', ')} only.`
    );
  }

  lines.push(
    'What helps:',
    '- Was node_modules copied from another machine or image? Install the',
    '  package again on this one.',
    '- Was the program bundled? Leave beastws out of the bundle (external).',
    '- Otherwise build it here; this needs a C++20 compiler, make, Python 3',
    '  and the Boost headers, and says so if one of them is missing:',
    `    npm --prefix "${root}" run build`
  );
  return lines;
}

/**
 * Lists the binaries that the package brought along.
 *
 * @param {string} root The directory of the package
 * @returns {string[]} Names as of `prebuildName()`
 */
function prebuilds(root) {
  const dir = path.join(root, 'prebuilds');

  try {
    return fs
      .readdirSync(dir)
      .filter((name) => fs.existsSync(path.join(dir, name, 'beastws.node')))
      .sort();
  } catch {
    return [];
  }
}

module.exports = explain;
