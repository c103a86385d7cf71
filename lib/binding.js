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
 * @throws {Error} With `code` ERR_BEASTWS_BINDING, every attempt, its reason
 *     and the remedies in its message, and the attempts' errors in `errors`
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
      if (!fs.existsSync(file)) {
        throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      }
      return require(file);
    } catch (err) {
      err.path = file;
      errors.push(err);
    }
  }

  // Only the unlucky load the explanation.
  const explain = require('./binding-error');
  throw Object.assign(new Error(explain({ root: ROOT, name, errors })), {
    code: 'ERR_BEASTWS_BINDING',
    errors
  });
}

module.exports = load();
