'use strict';

// Checks the direction of includes in src/ and that lib/ has no cyclic
// requires: `node scripts/check-layers.js [<root>]`.

const fs = require('fs');
const path = require('path');

const { ROOT, listFiles } = require('./gyp-inputs');

/** What each directory of src/ may include of the others. */
const LAYERS = {
  addon: ['base', 'bridge', 'engine', 'protocol', 'transport'],
  engine: ['base', 'bridge', 'protocol', 'transport'],
  bridge: ['base', 'protocol'],
  protocol: ['base'],
  transport: ['base'],
  base: []
};

/** Which foreign headers have a home, and which may not come in at all. */
const FOREIGN = [
  {
    name: "Node-API's headers",
    pattern: /^(napi|napi-inl|node_api|js_native_api)\.h$|^node\/node_api\.h$/,
    allowed: ['addon']
  },
  {
    name: "Beast's websocket",
    pattern: /^boost\/beast(\.hpp$|\/websocket)/,
    allowed: ['protocol']
  },
  {
    name: 'Asio',
    pattern: /^boost\/asio/,
    allowed: ['engine', 'protocol', 'transport']
  }
];

/**
 * Finds the file of ours that an include names, as the compiler does: beside
 * the including file, then in src/.
 *
 * @param {string} root The project
 * @param {string} file The including file, relative to the root
 * @param {string} header What stands between the quotes
 * @returns {(string|undefined)} A path relative to the root
 */
function resolveInclude(root, file, header) {
  return [path.posix.dirname(file), 'src']
    .map((dir) => path.posix.normalize(`${dir}/${header}`))
    .find((name) => fs.existsSync(path.join(root, name)));
}

/**
 * Checks one line of a C++ file.
 *
 * @param {string} root The project
 * @param {string} file The file, relative to the root
 * @param {string} layer The directory of src/ it is in
 * @param {string} line The line
 * @returns {(string|undefined)} What is wrong with it
 */
function checkLine(root, file, layer, line) {
  const match = /^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)/.exec(line);
  if (!match) return undefined;

  const header = match[1] ?? match[2];
  const own = resolveInclude(root, file, header);

  if (own) {
    const target = own.split('/')[1];
    return target === layer || LAYERS[layer].includes(target)
      ? undefined
      : `${layer} may not include ${target}`;
  }

  const foreign = FOREIGN.find((rule) => rule.pattern.test(header));
  return foreign && !foreign.allowed.includes(layer)
    ? `only ${foreign.allowed.join(', ')} may include ${foreign.name}`
    : undefined;
}

/**
 * Checks the includes of src/.
 *
 * @param {string} root The project
 * @returns {string[]} One line for each offence
 */
function checkIncludes(root) {
  const offences = [];

  for (const file of listFiles('src', ['.cc', '.h'], root)) {
    const parts = file.split('/');
    const layer = parts[1];

    if (parts.length < 3 || !LAYERS[layer]) {
      offences.push(
        `${file}: in none of src/${Object.keys(LAYERS).join(', ')}`
      );
      continue;
    }

    const lines = fs.readFileSync(path.join(root, file), 'utf8').split('\n');
    lines.forEach((line, index) => {
      const wrong = checkLine(root, file, layer, line);
      if (wrong)
        offences.push(`${file}:${index + 1}: ${wrong}: ${line.trim()}`);
    });
  }

  return offences;
}

/**
 * Lists the files of lib/ that one of them requires, lazily or not.
 *
 * @param {string} root The project
 * @param {string} file The requiring file, relative to the root
 * @returns {string[]} Paths relative to the root
 */
function requiresOf(root, file) {
  const text = fs
    .readFileSync(path.join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  const names = [...text.matchAll(/\brequire\(\s*(['"])(\.[^'"]*)\1\s*\)/g)];

  return names
    .map((match) => path.posix.join(path.posix.dirname(file), match[2]))
    .flatMap((name) => [name, `${name}.js`, `${name}/index.js`])
    .filter((name) => {
      const absolute = path.join(root, name);
      return fs.existsSync(absolute) && fs.statSync(absolute).isFile();
    });
}

/**
 * Finds cycles among the requires of lib/.
 *
 * @param {string} root The project
 * @returns {string[]} One line for each cycle found
 */
function checkRequires(root) {
  const offences = [];
  const done = new Set();

  /**
   * Follows the requires of a file, depth first.
   *
   * @param {string} file The file, relative to the root
   * @param {string[]} trail The files that led to it
   */
  function visit(file, trail) {
    const start = trail.indexOf(file);

    if (start !== -1) {
      const cycle = [...trail.slice(start), file].join(' -> ');
      offences.push(`${file}: cyclic require: ${cycle}`);
    } else if (!done.has(file)) {
      for (const next of requiresOf(root, file)) visit(next, [...trail, file]);
      done.add(file);
    }
  }

  for (const file of listFiles('lib', ['.js'], root)) visit(file, []);

  return offences;
}

/**
 * Checks a project.
 *
 * @param {string} root Its directory
 * @returns {string[]} One line for each offence
 */
function checkLayers(root) {
  return [...checkIncludes(root), ...checkRequires(root)];
}

module.exports = { checkLayers };

if (require.main === module) {
  const offences = checkLayers(process.argv[2] ?? ROOT);

  for (const offence of offences) console.error(offence);
  console.log(`Layers: ${offences.length} offences`);
  process.exitCode = offences.length === 0 ? 0 : 1;
}
