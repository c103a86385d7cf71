'use strict';

const assert = require('assert');
const { execFile } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { PassThrough } = require('stream');

const root = path.join(__dirname, '..', '..');
const declarations = ['index.d.mts', 'index.d.ts'].map((name) =>
  path.join(root, name)
);
const configs = fs
  .readdirSync(__dirname)
  .filter((name) => /^tsconfig.*\.json$/.test(name));

/**
 * Runs the TypeScript compiler.
 *
 * @param {String[]} args The arguments
 * @return {Promise<{ code: (Number|String), lines: String[] }>} The exit code
 *     and what was printed
 * @throws {Error} If TypeScript is not installed
 */
function tsc(args) {
  const manifest = require.resolve('typescript/package.json');
  const script = path.join(path.dirname(manifest), require(manifest).bin.tsc);

  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [script, '--pretty', 'false', ...args],
      { maxBuffer: 64 * 1024 * 1024 },
      (err, stdout, stderr) => {
        resolve({
          code: err ? err.code : 0,
          lines: `${stdout}${stderr}`.split(/\r?\n/).filter(Boolean)
        });
      }
    );
  });
}

/**
 * Compiles one module that imports the package, outside of the checkout.
 *
 * @param {String} source The source of the module
 * @return {Promise<Object[]>} The errors, each with its `line`, its `code` and
 *     its `text`; an error outside of the module has no line
 */
async function errorsOf(source) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-types-'));
  const nodeTypes = path.dirname(require.resolve('@types/node/package.json'));

  try {
    fs.writeFileSync(path.join(directory, 'module.mts'), source);
    fs.writeFileSync(
      path.join(directory, 'tsconfig.json'),
      JSON.stringify({
        extends: path.join(__dirname, 'tsconfig.json'),
        compilerOptions: {
          paths: {
            beastws: [path.join(root, 'index.d.mts')],
            check: [path.join(__dirname, 'check.d.ts')]
          },
          typeRoots: [path.dirname(nodeTypes)]
        },
        include: ['module.mts']
      })
    );

    const { code, lines } = await tsc(['--project', directory]);
    const errors = lines
      .filter((line) => !line.startsWith(' '))
      .map((text) => {
        const [, line, number] =
          /module\.mts\((\d+),\d+\): error TS(\d+)/.exec(text) || [];

        return { line: Number(line), code: Number(number), text };
      });

    assert.strictEqual(code === 0, errors.length === 0, lines.join('\n'));
    return errors;
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

/**
 * Writes a TypeScript type for some property names.
 *
 * @param {Iterable<String>} names The names
 * @return {String} A union of string literals
 */
function union(names) {
  return [...names].map((name) => JSON.stringify(name)).join(' | ') || 'never';
}

/**
 * Lists what an object has, itself and from its prototypes.
 *
 * @param {Object} object The object
 * @return {Set<String>} The names of its properties
 */
function namesOf(object) {
  const names = new Set();

  for (let o = object; o !== null; o = Object.getPrototypeOf(o)) {
    for (const name of Object.getOwnPropertyNames(o)) names.add(name);
  }

  return names;
}

describe('The type declarations', function () {
  this.timeout(120000);

  for (const config of configs) {
    it(`let programs compile with ${config}`, async () => {
      const { code, lines } = await tsc([
        '--project',
        path.join(__dirname, config),
        '--listFiles'
      ]);

      assert.strictEqual(code, 0, lines.join('\n'));

      // A program that was compiled against other declarations proves nothing.
      const files = lines.map((line) => path.normalize(line));

      assert.ok(declarations.some((file) => files.includes(file)));
      assert.ok(files.some((file) => file.startsWith(__dirname)));
    });
  }

  it('refuse what is wrong, for the right reason', async () => {
    const lines = fs
      .readFileSync(path.join(__dirname, 'negative.mts'), 'utf8')
      .split(/\r?\n/);
    const marks = lines.flatMap((line, i) => {
      const [, code] = /^\/\/ @ts-expect-error (\d+): /.exec(line) || [];

      return code ? [{ line: i + 2, code: Number(code) }] : [];
    });
    const errors = await errorsOf(
      lines.join('\n').replaceAll('@ts-expect-error', 'without a mark')
    );

    assert.ok(marks.length > 0);
    assert.deepStrictEqual(
      errors.map(({ line, code }) => ({ line, code })),
      marks,
      errors.map(({ text }) => text).join('\n')
    );
  });

  it('name what the package exports', async () => {
    const commonjs = Object.getOwnPropertyNames(require(root)).filter(
      (name) => !(name in Function)
    );
    const esm = Object.keys(await import('beastws'));

    assert.deepStrictEqual(
      await errorsOf(`
        import * as beastws from 'beastws';
        import { EventEmitter } from 'events';
        import { check, type Same } from 'check';

        type Exports = Exclude<
          keyof typeof beastws.default,
          keyof typeof EventEmitter
        >;

        check<Same<Exports, ${union(commonjs)}>>();
        check<Same<keyof typeof beastws, ${union(esm)}>>();
      `),
      []
    );
  });

  it('declare only what objects have', async () => {
    const WebSocket = require(root);
    const duplex = new PassThrough();
    const objects = {
      WebSocket: WebSocket.prototype,
      Server: new WebSocket.Server({ noServer: true }),
      PerMessageDeflate: new WebSocket.PerMessageDeflate(),
      Receiver: new WebSocket.Receiver(),
      Sender: new WebSocket.Sender(duplex),
      'WebSocket.extension': WebSocket.extension,
      'WebSocket.subprotocol': WebSocket.subprotocol
    };

    objects.Server.close();
    objects.Receiver.destroy();
    duplex.destroy();

    // `path` is kept for programs that mention it, and is said to be unset.
    objects.Server.path = undefined;

    const checks = Object.entries(objects).map(([name, object]) => {
      const type = name.includes('.') ? `typeof ${name}` : `WebSocket.${name}`;

      return `check<Has<${type}, ${union(namesOf(object))}>>();`;
    });

    assert.deepStrictEqual(
      await errorsOf(`
        import WebSocket from 'beastws';
        import { EventEmitter } from 'events';
        import { Writable } from 'stream';
        import { check } from 'check';

        type Own<T> = Exclude<keyof T, keyof EventEmitter | keyof Writable>;
        type Has<T, Names> = [
          Exclude<Own<T>, Names>
        ] extends [never] ? true : false;

        ${checks.join('\n')}
      `),
      []
    );
  });
});
