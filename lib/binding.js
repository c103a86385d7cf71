'use strict';

const fs = require('fs');
const path = require('path');

const prebuildName = require('./prebuild-name');

const ROOT = path.join(__dirname, '..');

/**
 * Loads the native addon: what was built here comes first, then the binary
 * that the package brought along. `BEASTWS_BINDING` names the only file to try.
 *
 * @returns {Object} The addon's exports
 * @throws {Error} With `code` ERR_BEASTWS_BINDING, every attempt and the
 *     remedies in its message, and the attempts' errors in `errors`
 */
function load() {
  const name = prebuildName();
  const files = process.env.BEASTWS_BINDING
    ? [path.resolve(process.env.BEASTWS_BINDING)]
    : [
        path.join(ROOT, 'build', 'Release', 'beastws.node'),
        path.join(ROOT, 'build', 'Debug', 'beastws.node'),
        path.join(ROOT, 'prebuilds', name, 'beastws.node')
      ];
  const errors = [];

  for (const file of files) {
    try {
      if (!fs.existsSync(file)) throw new Error('no such file');
      return require(file);
    } catch (err) {
      err.path = file;
      errors.push(err);
    }
  }

  throw Object.assign(new Error(explain(name, errors)), {
    code: 'ERR_BEASTWS_BINDING',
    errors
  });
}

/**
 * Writes the message for people whose platform has no working binary.
 *
 * @param {string} name The platform, as `prebuildName()` says it
 * @param {Error[]} errors One for each file tried, with `path`
 * @returns {string} The message
 */
function explain(name, errors) {
  const lines = [
    `beastws: no native binary works here (${name}, Node.js ${process.version}).`,
    '',
    'Tried:',
    ...errors.map((err) => `  ${err.path}: ${err.message}`),
    ''
  ];

  if (process.env.BEASTWS_BINDING) {
    lines.push('BEASTWS_BINDING is set, so nothing else was tried.');
  } else {
    lines.push(
      'What helps:',
      '- Was node_modules copied from another machine or image? Install the',
      '  package again on this one.',
      '- Was the program bundled? Leave beastws out of the bundle (external).',
      '- Otherwise build it here; this needs a C++20 compiler, make, Python 3',
      '  and the Boost headers, and says so if one of them is missing:',
      `    npm --prefix "${ROOT}" run build`
    );
  }

  return lines.join('\n');
}

module.exports = load();
