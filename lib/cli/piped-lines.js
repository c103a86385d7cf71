'use strict';

const LineSplitter = require('./line-splitter');

/**
 * Reads a stream that nobody types into, line by line.
 *
 * @param {Readable} stream The stream
 * @param {Object} handlers What to call
 * @param {Function} handlers.onLine Gets each line as a Buffer, the last one even
 *     if no line feed follows
 * @param {Function} handlers.onEnd Called at the end, or with an error
 */
function readPipedLines(stream, { onLine, onEnd }) {
  const splitter = new LineSplitter();

  stream.on('data', (chunk) => {
    for (const line of splitter.push(chunk)) onLine(line);
  });
  stream.on('end', () => {
    const last = splitter.end();

    if (last !== null) onLine(last);
    onEnd();
  });
  stream.on('error', onEnd);
}

module.exports = readPipedLines;
