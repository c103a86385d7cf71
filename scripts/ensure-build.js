'use strict';

// Builds the addon if there is none, or if its sources are newer. With
// `--checkout` (npm's `prepare`) it does nothing outside a git checkout.

const fs = require('fs');
const path = require('path');

const { build, stampFile } = require('./build');
const { ROOT, listFiles } = require('./gyp-inputs');

/**
 * Says whether the addon in build/ was built from the sources as they are.
 *
 * @param {string} configuration 'Release' or 'Debug'
 * @returns {boolean} False also if there is none
 */
function isFresh(configuration) {
  const stamp = stampFile(configuration);
  const binary = path.join(path.dirname(stamp), 'beastws.node');
  if (!fs.existsSync(stamp) || !fs.existsSync(binary)) return false;

  const built = fs.statSync(stamp).mtimeMs;
  const inputs = listFiles('src', ['.cc', '.h', '.map', '.sym']);

  return ['binding.gyp', ...inputs].every(
    (file) => fs.statSync(path.join(ROOT, file)).mtimeMs <= built
  );
}

/**
 * Builds what the loader will take, where that is needed.
 *
 * @param {string[]} args The command line
 * @throws {Error} If the build fails
 */
function ensureBuild(args) {
  if (process.env.BEASTWS_BINDING) return;
  if (args.includes('--checkout') && !fs.existsSync(path.join(ROOT, '.git'))) {
    return;
  }

  // The loader prefers Release, so a Debug build counts only where it is alone.
  const release = path.join(ROOT, 'build', 'Release', 'beastws.node');
  const debug = path.join(ROOT, 'build', 'Debug', 'beastws.node');
  const useDebug = fs.existsSync(debug) && !fs.existsSync(release);

  if (!isFresh(useDebug ? 'Debug' : 'Release')) {
    build(useDebug ? ['--debug'] : []);
  }
}

module.exports = { ensureBuild };

if (require.main === module) {
  try {
    ensureBuild(process.argv.slice(2));

    // npm is making a package of a git dependency: build/ stays behind, and
    // `prepack` is not run.
    if (process.env._PACOTE_NO_PREPARE_) {
      require('./vendor-headers');
      require('./prebuild');
    }
  } catch (err) {
    console.error(err.message);
    process.exitCode = 1;
  }
}
