'use strict';

const assert = require('assert');
const { execFileSync } = require('child_process');

require('../../lib/binding');

const ENTRY_POINTS = [
  'napi_register_module_v1',
  'node_api_module_get_api_version_v1'
];

/**
 * Lists what the loaded addon exports.
 *
 * @param {string} file The addon
 * @returns {string[]} Names of symbols, sorted, without a platform's decoration
 * @throws {Error} If the platform's tool is missing
 */
function exportedSymbols(file) {
  const [program, ...args] = {
    darwin: ['nm', '-gU', file],
    win32: ['dumpbin', '/nologo', '/exports', file]
  }[process.platform] ?? ['nm', '-D', '--defined-only', file];
  let output;

  try {
    output = execFileSync(program, args, { encoding: 'utf8' });
  } catch (err) {
    throw new Error(`This test needs ${program} to list the symbols`, {
      cause: err
    });
  }

  const pattern =
    process.platform === 'win32'
      ? /^\s+\d+\s+[0-9A-F]+\s+[0-9A-F]{8}\s+(\S+)/gm
      : /^[0-9a-f]+ \S _?(\S+)$/gm;

  return [...output.matchAll(pattern)].map((match) => match[1]).sort();
}

describe('The symbols of the addon', () => {
  it('are the two entry points of Node-API and nothing else', () => {
    const file = Object.keys(require.cache).find((name) =>
      name.endsWith('beastws.node')
    );

    assert.ok(file, 'the loader loaded a beastws.node');
    assert.deepStrictEqual(exportedSymbols(file), ENTRY_POINTS);
  });
});
