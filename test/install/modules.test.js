'use strict';

const assert = require('assert');
const fs = require('fs');
const path = require('path');

const { Project, archive } = require('./support/project');
const { ROOT, tool } = require('./support/tools');

const NAMES = [
  'PerMessageDeflate',
  'Receiver',
  'Sender',
  'Server',
  'WebSocket',
  'WebSocketServer',
  'createWebSocketStream',
  'extension',
  'metrics',
  'subprotocol'
];

// A program in TypeScript: `import` is written as the kind of module has it.
const PROGRAM = `
const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => {
  const { port } = wss.address() as AddressInfo;
  const ws: WebSocket = new WebSocket(\`ws://127.0.0.1:\${port}\`);

  ws.on('open', () => ws.send('typed'));
  ws.on('message', (data: RawData, isBinary: boolean) => {
    console.log(String(data), isBinary);
    ws.close();
    wss.close();
  });
});

wss.on('connection', (ws) => {
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
});
`;

const NAMED =
  "import { WebSocket, WebSocketServer, type AddressInfo, type RawData } from 'beastws';";
const DEFAULT =
  "import WebSocket, { WebSocketServer, type AddressInfo, type RawData } from 'beastws';";
const REQUIRE = `import WebSocket = require('beastws');
import WebSocketServer = WebSocket.WebSocketServer;
type AddressInfo = WebSocket.AddressInfo;
type RawData = WebSocket.RawData;`;

describe('The packed package', () => {
  let project;

  before(async () => {
    project = await Project.withPackage();
  });

  after(() => project.remove());

  it('has one copy of its classes for both module systems', async () => {
    project.write(
      'both.mjs',
      `import { createRequire } from 'node:module';
       import main, * as names from 'beastws';
       import { ${NAMES.join(', ')} } from 'beastws';

       const required = createRequire(import.meta.url)('beastws');
       const all = [${NAMES.join(', ')}];
       const same = all.every(
         (one, i) => one === required[${JSON.stringify(NAMES)}[i]]
       );

       console.log(same, main === required, names.default === required);
       console.log(Object.keys(names).sort().join());`
    );
    assert.deepStrictEqual((await project.node('both.mjs')).split('\n'), [
      'true true true',
      [...NAMES, 'default'].sort().join()
    ]);
  });

  it('is imported by files of a package of type module', async () => {
    project.write('esm/package.json', '{ "type": "module" }');
    project.write(
      'esm/main.js',
      `import WebSocket, { WebSocketServer } from 'beastws';
       console.log(new WebSocketServer({ noServer: true }) instanceof
         WebSocket.Server);`
    );
    assert.strictEqual(await project.node('esm/main.js'), 'true');
  });

  for (const [name, file, imports, options] of [
    ['nodenext, ES modules', 'a.mts', NAMED, { module: 'nodenext' }],
    ['nodenext, default import', 'b.mts', DEFAULT, { module: 'nodenext' }],
    ['nodenext, CommonJS', 'c.cts', REQUIRE, { module: 'nodenext' }],
    [
      'CommonJS',
      'd.ts',
      NAMED,
      { module: 'commonjs', moduleResolution: 'node10' }
    ],
    [
      'CommonJS with esModuleInterop',
      'e.ts',
      DEFAULT,
      { module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true }
    ],
    [
      'a bundler',
      'f.mts',
      DEFAULT,
      { module: 'esnext', moduleResolution: 'bundler' }
    ]
  ]) {
    it(`is used by TypeScript for ${name}`, async () => {
      const dir = path.basename(file, path.extname(file));

      project.write(`${dir}/${file}`, imports + PROGRAM);
      project.write(
        `${dir}/tsconfig.json`,
        JSON.stringify({
          compilerOptions: {
            strict: true,
            // npm run types checks the declarations themselves.
            skipLibCheck: true,
            target: 'es2022',
            types: ['node'],
            typeRoots: [path.join(ROOT, 'node_modules', '@types')],
            ...options
          },
          files: [file]
        })
      );
      await project.node(
        path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
        '--project',
        dir
      );
      assert.strictEqual(
        await project.node(path.join(dir, file.replace(/ts$/, 'js'))),
        'typed false'
      );
    });
  }

  it('passes publint', async () => {
    const output = await project.node(
      tool('publint/src/cli.js'),
      '--strict',
      path.join(project.dir, 'node_modules', 'beastws')
    );

    assert.doesNotMatch(output, /Errors|Warnings/);
  });

  it('passes "Are the types wrong?"', async () => {
    const cli = tool('@arethetypeswrong/cli');
    const { bin } = require(path.join(cli, 'package.json'));
    const copy = path.join(project.dir, 'beastws.tgz');

    fs.copyFileSync(await archive(), copy);
    const output = await project.node(
      path.join(cli, bin.attw),
      '--format',
      'json',
      copy
    );

    assert.deepStrictEqual(JSON.parse(output).problems ?? {}, {}, output);
  });
});
