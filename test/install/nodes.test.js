'use strict';

const assert = require('assert');

const prebuildName = require('../../lib/prebuild-name');
const { Project } = require('./support/project');
const { nodes } = require('./support/tools');

const TALKED = `talked: ${prebuildName()}`;

describe('The packed package runs on', () => {
  let project;

  before(async () => {
    project = await Project.withPackage();
    project.addTalk();
  });

  after(() => project.remove());

  it('at least four versions of Node.js', () => {
    assert.ok(nodes().length >= 4, JSON.stringify(nodes()));
  });

  for (const { name, file } of nodes()) {
    it(name, async () => {
      assert.strictEqual(await project.run(file, ['talk.mjs']), TALKED);
    });

    if (name === 'node20') continue;

    it(`${name} with permissions, if addons are allowed`, async () => {
      const flags = ['--permission', '--allow-fs-read=*', '--allow-addons'];
      const help = await project.run(file, ['--help']);

      // Newer versions restrict the network, too.
      if (help.includes('--allow-net')) flags.push('--allow-net');
      assert.strictEqual(
        await project.run(file, [...flags, 'talk.mjs']),
        TALKED
      );
    });

    it(`${name} with permissions, or says what is missing`, async () => {
      await assert.rejects(
        project.run(file, [
          '--permission',
          '--allow-fs-read=*',
          '-e',
          "require('beastws')"
        ]),
        ({ message }) => {
          assert.match(message, /code: 'ERR_BEASTWS_BINDING'/);
          assert.match(message, /Start it with --allow-addons/);
          return true;
        }
      );
    });
  }
});
