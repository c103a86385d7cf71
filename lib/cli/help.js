'use strict';

const { COMMON } = require('./options');

const WIDTH = 79;
const INDENT = 28;

/**
 * Breaks a text into lines.
 *
 * @param {String} text The text
 * @param {Number} width How many columns a line may have
 * @return {String[]} The lines
 */
function wrap(text, width) {
  const lines = [''];

  for (const word of text.split(' ')) {
    const line = lines.at(-1);

    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

/**
 * Writes two columns.
 *
 * @param {String} left The first one
 * @param {String} right The second one, broken into lines
 * @return {String} The lines
 */
function columns(left, right) {
  const lines = wrap(right, WIDTH - INDENT);
  const head = `  ${left}`;
  const first =
    head.length < INDENT - 1 ? head.padEnd(INDENT) + lines.shift() : `${head}`;

  return [first, ...lines.map((line) => ' '.repeat(INDENT) + line)].join('\n');
}

/**
 * Writes an option as a user would.
 *
 * @param {String} name Its name
 * @param {Object} option The option
 * @return {String} The option with its letter and its value
 */
function signature(name, { short, value, implied }) {
  const letter = short ? `-${short}, ` : '    ';
  const argument = implied === undefined ? ` ${value}` : ` [${value}]`;

  return `${letter}--${name}${value === undefined ? '' : argument}`;
}

/**
 * Writes the help of a command.
 *
 * @param {Object} command The command
 * @return {String} The text, with a line feed at its end
 */
function commandHelp(command) {
  const options = Object.entries({ ...command.options, ...COMMON });

  return [
    `Usage: beastws ${command.name} ${command.usage}`,
    '',
    ...wrap(command.summary, WIDTH),
    '',
    'Options:',
    ...options.map(([name, option]) =>
      columns(
        signature(name, option),
        option.default === undefined || option.value === undefined
          ? option.help
          : `${option.help} (${option.default})`
      )
    ),
    ...(command.notes ?? []).flatMap((note) => ['', ...wrap(note, WIDTH)]),
    ''
  ].join('\n');
}

/**
 * Writes the help of the program.
 *
 * @param {Object[]} commands Its commands
 * @return {String} The text, with a line feed at its end
 */
function programHelp(commands) {
  return [
    'Usage: beastws COMMAND [OPTIONS] ...',
    '',
    'A websocket client and server for the terminal.',
    '',
    'Commands:',
    ...commands.map(({ name, brief }) => columns(name, brief)),
    '',
    'Options:',
    columns('-h, --help', 'print this help'),
    columns('-V, --version', 'print the version of the package'),
    '',
    '`beastws COMMAND --help` tells what a command understands.',
    ''
  ].join('\n');
}

module.exports = { commandHelp, programHelp };
