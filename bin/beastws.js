#!/usr/bin/env node
'use strict';

const main = require('../lib/cli/main');

// An input that never ends, as of `tail -f | beastws connect`, must not keep
// the process once its work is done. What is written has to be out by then.
main(process.argv.slice(2)).then((code) => {
  process.stdout.write('', () => {
    process.stderr.write('', () => process.exit(code));
  });
});
