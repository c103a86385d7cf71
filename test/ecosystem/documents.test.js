'use strict';

const assert = require('assert');
const { spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const path = require('path');

const { ROOT } = require('./support/ours');

const TEXT = fs.readFileSync(path.join(ROOT, 'doc/ecosystem.md'), 'utf8');

/**
 * The programs of the document.
 *
 * @returns {Object[]} `{ title, code }` of each
 */
function findPrograms() {
  const programs = [];
  let title;

  for (const [, heading, code] of TEXT.matchAll(
    /^#+ (.*)$|^```js\n([^]*?)^```$/gm
  )) {
    if (heading) title = heading;
    else programs.push({ title, code });
  }
  return programs;
}

// Where programs find the packages, and git does not find the programs.
const FOLDER = path.join(__dirname, 'node_modules/.programs');

describe('doc/ecosystem.md', () => {
  const programs = findPrograms();

  before(() => fs.mkdirSync(FOLDER, { recursive: true }));

  after(() => fs.rmSync(FOLDER, { recursive: true }));

  it('has programs', () => {
    assert.ok(programs.length >= 15);
  });

  for (const { title, code } of programs) {
    it(`has one for ${title} that runs`, async () => {
      const file = path.join(FOLDER, 'program.js');

      fs.writeFileSync(file, code);
      const child = spawn(
        process.execPath,
        ['-r', path.join(__dirname, 'support/run-block.js'), file],
        { stdio: ['ignore', 'ignore', 'pipe'] }
      );
      let stderr = '';

      child.stderr.setEncoding('utf8').on('data', (text) => {
        stderr += text;
      });
      const [status] = await once(child, 'close');
      assert.strictEqual(status, 0, stderr);
    });
  }
});
