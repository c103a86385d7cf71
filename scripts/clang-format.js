'use strict';

// Checks the layout of all C++ files, or with `--fix` corrects it.

const { spawnSync } = require('child_process');

const { ROOT, listFiles } = require('./gyp-inputs');

const DIRS = ['src', 'test/native', 'fuzz', 'bench', 'examples'];

const files = DIRS.flatMap((dir) => listFiles(dir, ['.cc', '.h']));
const mode = process.argv.includes('--fix') ? ['-i'] : ['--dry-run', '-Werror'];
const result = spawnSync('clang-format', [...mode, ...files], {
  cwd: ROOT,
  stdio: 'inherit'
});

if (result.error) {
  console.error(
    `clang-format could not be started (${result.error.code}); ` +
      '`./scripts/setup.sh --dev` installs it'
  );
  process.exitCode = 1;
} else {
  console.log(`clang-format: ${files.length} files`);
  process.exitCode = result.status;
}
