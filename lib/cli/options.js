'use strict';

const { parseArgs } = require('node:util');

const UsageError = require('./usage-error');

/**
 * An option of a command, as it is written in the tables of the commands. The
 * first four members are those of `util.parseArgs()`.
 *
 * @typedef {Object} Option
 * @property {String} type 'string' or 'boolean'
 * @property {String} [short] The letter for it
 * @property {Boolean} [multiple] Whether it may be given several times
 * @property {String} [default] What it is if it is not given
 * @property {String} [value] What the help calls its value
 * @property {String} [implied] Its value if it is given without one
 * @property {Object} [number] Says that it is a number: `min`, `max` and
 *     `integer` (`false`)
 * @property {String} help What the help says of it
 */

/** What every command understands. */
const COMMON = {
  help: { type: 'boolean', short: 'h', help: 'print this help' }
};

/**
 * Reads the arguments of a command.
 *
 * @param {String[]} args The arguments behind the name of the command
 * @param {Object} command The command: `options` (by name), `positionals` (the
 *     names of what else is wanted) and `rest` (whether the first positional
 *     and all behind it are left alone)
 * @return {Object} `options` by name, numbers as such, and `positionals`
 * @throws {UsageError} If something is unknown, missing or out of range
 */
function parse(args, command) {
  const table = { ...COMMON, ...command.options };
  const { own, rest } = command.rest
    ? splitRest(args, table)
    : { own: args, rest: [] };
  const { values, positionals } = parseStrictly(joinValues(own, table), table);

  if (values.help) return { options: values, positionals: [] };

  for (const [name, { number }] of Object.entries(table)) {
    if (number !== undefined && values[name] !== undefined) {
      values[name] = toNumber(`--${name}`, values[name], number);
    }
  }

  const wanted = command.positionals ?? [];
  const all = [...positionals, ...rest];

  if (all.length < wanted.length) {
    throw new UsageError(`${wanted[all.length]} is missing`);
  }
  if (!command.rest && all.length > wanted.length) {
    throw new UsageError(`unexpected argument '${all[wanted.length]}'`);
  }
  return { options: values, positionals: all };
}

/**
 * Calls `parseArgs()`, whose messages have more than one sentence.
 *
 * @param {String[]} args The arguments
 * @param {Object} table The options
 * @return {Object} `values` and `positionals`
 * @throws {UsageError} If it fails
 */
function parseStrictly(args, table) {
  const options = {};

  for (const [name, option] of Object.entries(table)) {
    options[name] = { type: option.type, multiple: option.multiple ?? false };
    if (option.short) options[name].short = option.short;
    if (option.default !== undefined) options[name].default = option.default;
  }

  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (err) {
    const [sentence] = err.message.split(/\.\s/);

    throw new UsageError(
      sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '')
    );
  }
}

/**
 * Finds where the command begins that a command is to run.
 *
 * @param {String[]} args The arguments
 * @param {Object} table The options
 * @return {Object} `own`, what comes before it, and `rest`
 */
function splitRest(args, table) {
  const options = {};

  for (const [name, { type, short }] of Object.entries(table)) {
    options[name] = { type, ...(short && { short }) };
  }

  const { tokens } = parseArgs({
    args,
    options,
    allowPositionals: true,
    strict: false,
    tokens: true
  });
  const first = tokens.find(({ kind }) => kind !== 'option');

  if (first === undefined) return { own: args, rest: [] };
  return {
    own: args.slice(0, first.index),
    rest: args.slice(first.index + (first.kind === 'option-terminator' ? 1 : 0))
  };
}

/**
 * Joins options and values that `parseArgs()` does not: values that are implied,
 * and negative numbers.
 *
 * @param {String[]} args The arguments
 * @param {Object} table The options
 * @return {String[]} The arguments
 */
function joinValues(args, table) {
  const joined = [];
  const end = args.includes('--') ? args.indexOf('--') : args.length;

  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    const isLong = arg.startsWith('--');
    const option = isLong
      ? table[arg.slice(2)]
      : Object.values(table).find(({ short }) => arg === `-${short}`);
    const next = args[i + 1] ?? '';

    if (i >= end || option === undefined) {
      joined.push(arg);
    } else if (option.implied !== undefined && !/^[\d.]+$/.test(next)) {
      joined.push(`${arg}=${option.implied}`);
    } else if (option.number?.min < 0 && /^-[\d.]+$/.test(next)) {
      joined.push(`${arg}${isLong ? '=' : ''}${next}`);
      i++;
    } else {
      joined.push(arg);
    }
  }
  return joined;
}

/**
 * Reads a number.
 *
 * @param {String} name What it is called
 * @param {String} text The number
 * @param {Object} range `min`, `max` and `integer`
 * @return {Number} The number
 * @throws {UsageError} If it is none, or out of range
 */
function toNumber(name, text, { min, max, integer = false }) {
  const value = /^-?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;

  if (!(value >= min && value <= max) || (integer && value % 1 !== 0)) {
    const kind = integer ? 'a whole number' : 'a number';

    throw new UsageError(`${name} must be ${kind} from ${min} to ${max}`);
  }
  return value;
}

/**
 * Reads the number of a port.
 *
 * @param {String} text The number
 * @return {Number} The port
 * @throws {UsageError} If it is none
 */
function toPort(text) {
  return toNumber('the port', text, { min: 0, max: 65535, integer: true });
}

module.exports = { COMMON, parse, toPort };
