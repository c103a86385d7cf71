'use strict';

// Builds the binary for this platform as the published package carries it:
// prebuilds/<platform>/beastws.node, with libstdc++ inside and without symbols.

const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const { build } = require('./build');
const { ROOT } = require('./gyp-inputs');
const prebuildName = require('../lib/prebuild-name');

const target = path.join(ROOT, 'prebuilds', prebuildName(), 'beastws.node');
const binary = build(['--static-runtime']);

fs.mkdirSync(path.dirname(target), { recursive: true });
fs.copyFileSync(binary, target);
if (process.platform === 'linux') execFileSync('strip', [target]);
if (process.platform === 'darwin') execFileSync('strip', ['-x', target]);

console.log(`Wrote ${path.relative(ROOT, target)}`);
