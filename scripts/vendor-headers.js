'use strict';

// Puts node-addon-api's headers into deps/ before the package is packed, so
// that it can be compiled where it has no dependencies installed.

const fs = require('fs');
const path = require('path');

const { ROOT } = require('./gyp-inputs');

const FILES = ['napi.h', 'napi-inl.h', 'LICENSE.md'];

const source = path.dirname(require.resolve('node-addon-api/package.json'));
const target = path.join(ROOT, 'deps', 'node-addon-api');

fs.mkdirSync(target, { recursive: true });
for (const file of FILES) {
  fs.copyFileSync(path.join(source, file), path.join(target, file));
}
