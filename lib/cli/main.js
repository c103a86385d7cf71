'use strict';

const { commandHelp, programHelp } = require('./help');
const { parse } = require('./options');
const { escape } = require('./text');
const UsageError = require('./usage-error');

/** The commands, loaded when they are needed. */
const LOADERS = {
  connect: () => require('./connect'),
  listen: () => require('./listen'),
  exec: () => require('./exec'),
  bench: () => require('./bench')
};

const FAILED = 1;
const WRONG_USAGE = 2;

/**
 * Finds a command.
 *
 * @param {String} name Its name
 * @return {Object} The command
 * @throws {UsageError} If there is none of that name
 */
function findCommand(name) {
  if (!Object.hasOwn(LOADERS, name)) {
    throw new UsageError(`unknown command '${name}'`);
  }
  return LOADERS[name]();
}

/**
 * Writes to the standard output.
 *
 * @param {String} text What to write
 * @return {Number} The exit code
 */
function print(text) {
  process.stdout.write(text);
  return 0;
}

/**
 * Does what a command line says.
 *
 * @param {String[]} args The arguments of the program
 * @return {Promise<Number>} The exit code
 * @throws {UsageError} If it is wrong
 */
async function run([name, ...args]) {
  if (name === undefined || name === '--help' || name === '-h') {
    const text = programHelp(Object.keys(LOADERS).map(findCommand));

    if (name !== undefined) return print(text);
    process.stderr.write(text);
    return WRONG_USAGE;
  }
  if (name === '--version' || name === '-V') {
    return print(`${require('../../package.json').version}\n`);
  }
  if (name === 'help') return run(args.length > 0 ? [args[0], '-h'] : ['-h']);
  if (name.startsWith('-')) throw new UsageError(`unknown option '${name}'`);

  const command = findCommand(name);
  const { options, positionals } = parse(args, command);

  if (options.help) return print(commandHelp(command));
  return command.run(options, positionals);
}

/**
 * The program.
 *
 * @param {String[]} args Its arguments
 * @return {Promise<Number>} The exit code: 0, 1 if it failed, 2 if the command
 *     line is wrong, or what the command says
 */
async function main(args) {
  // Whoever reads the output may stop reading: `beastws ... | head -n 1`.
  process.stdout.on('error', ({ code }) =>
    process.exit(code === 'EPIPE' ? 0 : FAILED)
  );

  // A server goes on without somebody who reads its log.
  process.stderr.on('error', () => {});

  try {
    return await run(args);
  } catch (err) {
    const isUsage = err instanceof UsageError;
    const hint = isUsage ? ' (see beastws --help)' : '';

    process.stderr.write(`beastws: ${escape(err.message)}${hint}\n`);
    return isUsage ? WRONG_USAGE : FAILED;
  }
}

module.exports = main;
