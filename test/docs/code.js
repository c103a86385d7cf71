'use strict';

/**
 * Checks of the code in documents, one for each language.
 */

const { execFileSync, spawn } = require('child_process');
const path = require('path');
const ts = require('typescript');

const { slowness } = require('../support/sanitized');

const ROOT = path.join(__dirname, '../..');

/** File names of the languages that TypeScript reads. */
const SCRIPTS = { js: 'js', mjs: 'mjs', cjs: 'cjs', ts: 'ts' };

/**
 * What TypeScript may say about a piece of a program: unknown options, wrong
 * arguments, wrong names. (What it misses, in a piece, is not wrong.)
 */
const TYPE_ERRORS = new Set([
  2305, 2322, 2345, 2353, 2551, 2554, 2561, 2614, 2724, 2769
]);

/** The same, where something is taken from the package that it has not. */
const MISSING_EXPORT = /on type 'typeof WebSocket'/;

/** What a piece of a program may use without saying where it comes from. */
const SURROUNDINGS = `
  declare const ws: import('beastws').WebSocket;
  declare const wss: import('beastws').WebSocketServer;
`;

/**
 * Whether a block is an ES module.
 *
 * @param {Object} block The block
 * @return {Boolean} `true` if so
 */
function isModule({ language, code }) {
  return (
    language === 'mjs' ||
    (language !== 'cjs' && /^(import|export)\b/m.test(code))
  );
}

/**
 * Checks the grammar and the types of JavaScript and TypeScript.
 *
 * @param {Object[]} blocks The blocks
 * @return {String[]} For each block what is wrong with it, or ''
 */
function checkScripts(blocks) {
  const options = {
    allowJs: true,
    checkJs: true,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    typeRoots: [path.join(ROOT, 'node_modules/@types')],
    types: ['node']
  };
  const host = ts.createCompilerHost(options);
  const sources = new Map([
    [path.join(ROOT, 'surroundings.d.cts'), SURROUNDINGS]
  ]);
  const names = blocks.map((block, index) => {
    const letter = isModule(block) ? 'm' : 'c';
    const name = `block-${index}.${letter}${block.language.slice(-2)}`;

    sources.set(path.join(ROOT, name), block.code);
    return path.join(ROOT, name);
  });
  const { fileExists, getSourceFile, readFile } = host;

  host.fileExists = (name) => sources.has(name) || fileExists(name);
  host.readFile = (name) => sources.get(name) ?? readFile(name);
  host.getSourceFile = (name, target, ...rest) =>
    sources.has(name)
      ? ts.createSourceFile(name, sources.get(name), {
          ...target,
          // The surroundings are no module: their names are everybody's.
          ...(name.endsWith('.d.cts') && {
            setExternalModuleIndicator: undefined
          })
        })
      : getSourceFile(name, target, ...rest);

  const program = ts.createProgram([...sources.keys()], options, host);

  return names.map((name, index) => {
    const file = program.getSourceFile(name);

    return [
      ...program.getSyntacticDiagnostics(file),
      ...program
        .getSemanticDiagnostics(file)
        .filter(
          ({ code, messageText }) =>
            TYPE_ERRORS.has(code) || MISSING_EXPORT.test(textOf(messageText))
        )
    ]
      .map(({ start, messageText }) => {
        const { line } = file.getLineAndCharacterOfPosition(start);

        return `line ${blocks[index].line + 1 + line}: ${textOf(messageText)}`;
      })
      .join('\n');
  });
}

/**
 * Writes a message of TypeScript.
 *
 * @param {(String|Object)} message The message
 * @return {String} The same as text
 */
function textOf(message) {
  return ts.flattenDiagnosticMessageText(message, '\n');
}

/**
 * Runs a program of a document.
 *
 * @param {Object} block The block
 * @param {Object} [env] More environment variables
 * @return {Promise<String>} What it prints
 * @throws {Error} If it fails, or does not end in time
 */
function runScript(block, env) {
  const type = isModule(block) ? 'module' : 'commonjs';
  // The package finds itself by its name from its own directory.
  const child = spawn(process.execPath, [`--input-type=${type}`, '-'], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: 'pipe',
    timeout: 10000 * slowness
  });
  const output = { stdout: '', stderr: '' };

  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text;
    });
  }
  child.stdin.end(block.code);

  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output.stdout);
      else {
        const { stdout, stderr } = output;

        reject(new Error(`ended by ${signal ?? code}\n${stdout}${stderr}`));
      }
    });
  });
}

/**
 * Checks the grammar of a shell script, and that what it runs of this project
 * is there.
 *
 * @param {Object} block The block
 * @throws {Error} If something is wrong
 */
function checkShell({ code }) {
  execFileSync('bash', ['-n'], { input: code, stdio: 'pipe' });
}

/**
 * Checks JSON.
 *
 * @param {Object} block The block
 * @throws {SyntaxError} If something is wrong
 */
function checkJson({ code }) {
  JSON.parse(code);
}

module.exports = { SCRIPTS, checkJson, checkScripts, checkShell, runScript };
