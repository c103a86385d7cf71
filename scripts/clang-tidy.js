'use strict';

// Runs clang-tidy over src/, or over the files on the command line:
// `npm run tidy [-- <files>]`. Takes minutes, since it parses all of Beast.

const { spawnSync } = require('child_process');
const path = require('path');

const { findNodeDir } = require('./build');
const { ROOT, listFiles, systemIncludes } = require('./gyp-inputs');

const named = process.argv.slice(2);
const files = named.length > 0 ? named : listFiles('src', ['.cc']);
const nodeDir = findNodeDir();
const flags = [
  '-std=c++20',
  '-Isrc',
  '-DNAPI_VERSION=8',
  '-DNAPI_DISABLE_CPP_EXCEPTIONS',
  '-DNODE_ADDON_API_DISABLE_DEPRECATED',
  '-DBOOST_ASIO_DISABLE_VISIBILITY',
  '-DBOOST_ASIO_NO_DEPRECATED',
  ...systemIncludes()
];

if (nodeDir) flags.push(`-isystem${path.join(nodeDir, 'include', 'node')}`);

const result = spawnSync('clang-tidy', ['--quiet', ...files, '--', ...flags], {
  cwd: ROOT,
  stdio: 'inherit'
});

if (result.error) console.error(`clang-tidy: ${result.error.message}`);
process.exitCode = result.status ?? 1;
