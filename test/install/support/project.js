'use strict';

const { execFile } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { promisify } = require('util');

const prebuildName = require('../../../lib/prebuild-name');
const { ROOT } = require('./tools');

const FIXTURES = path.join(__dirname, '..', 'fixtures');

const run = promisify(execFile);
let packed;

/**
 * A project of somebody who uses the package, in a directory that knows
 * nothing of this one: an own home, an own cache, no settings.
 */
class Project {
  /**
   * Make a project.
   *
   * @param {Object} manifest Its package.json
   */
  constructor(manifest) {
    this.home = fs.realpathSync(
      fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-install-'))
    );
    this.dir = path.join(this.home, 'project');
    this.env = {
      CI: 'true',
      HOME: this.home,
      PATH: process.env.PATH,
      npm_config_cache: path.join(this.home, 'cache')
    };
    fs.mkdirSync(this.dir);
    this.write('package.json', JSON.stringify({ private: true, ...manifest }));
  }

  /**
   * Make a project and install the package with npm.
   *
   * @param {Object} [manifest] Its package.json
   * @returns {Promise<Project>} The project
   */
  static async withPackage(manifest = {}) {
    const project = new Project(manifest);

    await project.run('npm', [
      'install',
      '--ignore-scripts',
      '--offline',
      '--no-audit',
      '--no-fund',
      await archive()
    ]);
    return project;
  }

  /**
   * Write a file.
   *
   * @param {string} name Its path in the project
   * @param {string} text What is in it
   * @returns {string} Its full path
   */
  write(name, text) {
    const file = path.join(this.dir, name);

    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return file;
  }

  /**
   * Copy the program of test/install/fixtures that talks to itself.
   */
  addTalk() {
    fs.copyFileSync(
      path.join(FIXTURES, 'talk.mjs'),
      path.join(this.dir, 'talk.mjs')
    );
  }

  /**
   * Run a program in the project.
   *
   * @param {string} program Its name or path
   * @param {string[]} args Its arguments
   * @returns {Promise<string>} What it wrote, trimmed
   * @throws {Error} If it fails, with everything it wrote in the message
   */
  async run(program, args) {
    try {
      const { stdout } = await run(program, args, {
        cwd: this.dir,
        env: this.env,
        timeout: 240000
      });
      return stdout.trim();
    } catch (err) {
      err.message += `\n${err.stdout}\n${err.stderr}`;
      throw err;
    }
  }

  /**
   * Run Node.js in the project.
   *
   * @param {...string} args Its arguments
   * @returns {Promise<string>} What it wrote, trimmed
   */
  node(...args) {
    return this.run(process.execPath, args);
  }

  /**
   * Remove everything.
   */
  remove() {
    fs.rmSync(this.home, { recursive: true, maxRetries: 3 });
  }
}

/**
 * Packs a directory as `npm publish` does.
 *
 * @param {string} dir The directory
 * @param {string} target Where the archive goes
 * @returns {Promise<string>} Path of the archive
 */
async function pack(dir, target) {
  const { stdout } = await run(
    'npm',
    ['pack', '--silent', '--pack-destination', target],
    { cwd: dir }
  );

  return path.join(target, stdout.trim().split('\n').at(-1));
}

/**
 * Packs this package with the binary for this system, once for all tests.
 *
 * @returns {Promise<string>} Path of the archive
 */
function archive() {
  packed ??= (async () => {
    const target = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-pack-'));
    const binary = path.join(ROOT, 'prebuilds', prebuildName(), 'beastws.node');

    process.once('exit', () => fs.rmSync(target, { recursive: true }));
    if (!fs.existsSync(binary)) await run('npm', ['run', 'make-prebuild']);

    return pack(ROOT, target);
  })();

  return packed;
}

module.exports = { FIXTURES, Project, archive, pack };
