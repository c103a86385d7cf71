'use strict';

const assert = require('assert');

const prebuildName = require('../../lib/prebuild-name');
const { Project } = require('./support/project');
const { tool } = require('./support/tools');

const TALKED = `talked: ${prebuildName()}`;

describe('A bundle of a program that uses the package', () => {
  let project;

  before(async () => {
    project = await Project.withPackage();
    project.addTalk();
    // The static import is what bundlers see.
    project.write(
      'main.mjs',
      "import WebSocket from 'beastws';\n" +
        'if (WebSocket.WebSocket !== WebSocket) throw new Error();\n' +
        "await import('./talk.mjs');\n"
    );
  });

  after(() => project.remove());

  it('by esbuild', async () => {
    await project.run(tool('@esbuild/linux-x64/bin/esbuild'), [
      'main.mjs',
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--external:beastws',
      '--outfile=esbuild/main.mjs'
    ]);
    assert.strictEqual(await project.node('esbuild/main.mjs'), TALKED);
  });

  it('by Rollup', async () => {
    await project.node(
      tool('rollup/dist/bin/rollup'),
      'main.mjs',
      '--format=esm',
      '--external=beastws,node:assert,node:events,node:module,node:path',
      '--dir=rollup'
    );
    assert.strictEqual(await project.node('rollup/main.js'), TALKED);
  });

  it('by webpack', async () => {
    project.write(
      'bundle.js',
      `const webpack = require(${JSON.stringify(tool('webpack'))});

       webpack(
         {
           context: __dirname,
           entry: './main.mjs',
           experiments: { outputModule: true },
           externals: { beastws: 'module beastws' },
           externalsType: 'module',
           mode: 'production',
           output: {
             chunkFormat: 'module',
             filename: 'main.mjs',
             module: true,
             path: __dirname + '/webpack'
           },
           target: 'node20'
         },
         (err, stats) => {
           if (err) throw err;
           if (stats.hasErrors()) throw new Error(stats.toString());
         }
       );`
    );
    await project.node('bundle.js');
    assert.strictEqual(await project.node('webpack/main.mjs'), TALKED);
  });

  it('that has the package inside says that it should not', async () => {
    await project.run(tool('@esbuild/linux-x64/bin/esbuild'), [
      'node_modules/beastws/index.js',
      '--bundle',
      '--platform=node',
      '--outfile=inside/main.js'
    ]);
    await assert.rejects(project.node('inside/main.js'), ({ message }) => {
      assert.match(message, /code: 'ERR_BEASTWS_BINDING'/);
      assert.match(message, /Leave beastws out of the bundle \(external\)/);
      return true;
    });
  });

  it('for browsers has a stand-in that throws', async () => {
    await project.run(tool('@esbuild/linux-x64/bin/esbuild'), [
      'node_modules/beastws/browser.js',
      '--bundle',
      '--platform=browser',
      '--format=cjs',
      '--outfile=browser/main.js'
    ]);
    await assert.rejects(
      project.node('-e', "require('./browser/main.js')()"),
      /does not run in a browser/
    );
  });
});
