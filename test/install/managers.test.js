'use strict';

const assert = require('assert');
const fs = require('fs');
const path = require('path');

const manifest = require('../../package.json');
const prebuildName = require('../../lib/prebuild-name');
const { FIXTURES, Project, archive, pack } = require('./support/project');
const Registry = require('./support/registry');
const { tool } = require('./support/tools');

const ALIAS = `npm:beastws@${manifest.version}`;

/**
 * How each of them is told to put this package in the place of ws, installs
 * without running scripts, and runs a program.
 */
const MANAGERS = [
  {
    name: 'npm',
    fields: { overrides: { ws: '$ws' } },
    install: (url) => [
      'npm',
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `--registry=${url}`
    ],
    run: ['node']
  },
  {
    name: 'pnpm',
    fields: { pnpm: { overrides: { ws: ALIAS } } },
    install: (url) => [
      'node',
      tool('pnpm/bin/pnpm.cjs'),
      'install',
      '--ignore-scripts',
      '--no-frozen-lockfile',
      `--registry=${url}`
    ],
    run: ['node']
  },
  {
    name: 'Yarn 1',
    fields: { resolutions: { ws: ALIAS } },
    install: (url) => [
      'node',
      tool('yarn/bin/yarn.js'),
      'install',
      '--ignore-scripts',
      '--non-interactive',
      `--registry=${url}`
    ],
    run: ['node']
  },
  {
    name: "Yarn 4 with Plug'n'Play",
    fields: { resolutions: { ws: ALIAS } },
    settings: (url) => ({
      '.yarnrc.yml': [
        `npmRegistryServer: "${url}"`,
        'unsafeHttpWhitelist: ["127.0.0.1"]',
        'enableScripts: false',
        'enableImmutableInstalls: false',
        'enableGlobalCache: false',
        'enableTelemetry: false'
      ].join('\n'),
      'yarn.lock': ''
    }),
    install: () => ['node', tool('@yarnpkg/cli-dist/bin/yarn.js'), 'install'],
    run: ['node', tool('@yarnpkg/cli-dist/bin/yarn.js'), 'node']
  }
];

describe('The packed package is installed by', () => {
  let registry;

  before(async () => {
    const file = await archive();
    const fixture = path.join(FIXTURES, 'uses-ws');
    const packed = await pack(fixture, path.dirname(file));

    registry = await Registry.start([
      { manifest, archive: fs.readFileSync(file) },
      {
        manifest: require('./fixtures/uses-ws/package.json'),
        archive: fs.readFileSync(packed)
      }
    ]);
  });

  after(() => registry.close());

  for (const { name, fields, settings, install, run } of MANAGERS) {
    it(`${name}, under its name and for packages that use ws`, async () => {
      const project = new Project({
        ...fields,
        dependencies: {
          beastws: manifest.version,
          'uses-ws': '1.0.0',
          ws: ALIAS
        }
      });
      const [runner, ...first] = run;

      try {
        for (const [file, text] of Object.entries(
          settings?.(registry.url) ?? {}
        )) {
          project.write(file, text);
        }

        const [program, ...args] = install(registry.url);
        await project.run(program, args);
        project.addTalk();

        for (const alias of ['beastws', 'ws']) {
          assert.strictEqual(
            await project.run(runner, [...first, 'talk.mjs', alias]),
            `talked: ${prebuildName()}`
          );
        }

        project.write(
          'who.js',
          `const { name } = require('ws/package.json');
           console.log(name, require('uses-ws') === require('ws'));`
        );
        assert.strictEqual(
          await project.run(runner, [...first, 'who.js']),
          'beastws true'
        );
      } finally {
        project.remove();
      }
    });
  }
});
