'use strict';

/**
 * What the tests need to know of a Markdown document: its blocks of code, its
 * headings and its links. Only what the project's documents use is understood.
 */

const FENCE = /^(\s*)(`{3,}|~{3,})\s*(.*)$/;
const HEADING = /^#{1,6}\s+(.*?)\s*#*$/;
const INLINE_LINK = /!?\[(?:[^\][]|\[[^\]]*\])*\]\(\s*<?([^\s)>]+)>?[^)]*\)/g;
const REFERENCE = /^\s*\[[^\]]+\]:\s*<?([^\s>]+)>?/;
const HTML_LINK = /\b(?:href|src)="([^"]+)"/g;

/**
 * Reads a document.
 *
 * @param {String} text The document
 * @return {Object} `blocks` (each with `language`, `flags`, `code` and `line`),
 *     `anchors` (a Set) and `links` (each with `target` and `line`)
 * @throws {Error} If a block of code is not closed
 */
function parseMarkdown(text) {
  const blocks = [];
  const anchors = new Set();
  const links = [];
  let block = null;

  text.split('\n').forEach((content, index) => {
    const line = index + 1;
    const fence = FENCE.exec(content);

    if (block !== null) {
      if (fence && fence[3] === '' && fence[2].startsWith(block.fence)) {
        blocks.push(block);
        block = null;
      } else {
        block.code += `${content.slice(block.indent)}\n`;
      }
    } else if (fence) {
      const [language, ...flags] = fence[3].split(/\s+/);

      block = {
        language,
        flags: new Set(flags),
        code: '',
        line,
        fence: fence[2],
        indent: fence[1].length
      };
    } else {
      const heading = HEADING.exec(content);

      if (heading) anchors.add(uniqueAnchor(heading[1], anchors));
      for (const target of linksOf(content)) links.push({ target, line });
    }
  });

  if (block !== null) throw new Error(`line ${block.line}: never closed`);
  return { blocks, anchors, links };
}

/**
 * Finds the links of a line.
 *
 * @param {String} content The line
 * @return {String[]} Where they lead
 */
function linksOf(content) {
  const prose = content.replace(/(`+).*?\1/g, '``');
  const targets = [INLINE_LINK, HTML_LINK].flatMap((pattern) =>
    [...prose.matchAll(pattern)].map((match) => match[1])
  );
  const reference = REFERENCE.exec(prose);

  if (reference) targets.push(reference[1]);
  return targets;
}

/**
 * Makes the anchor of a heading as GitHub and npm do.
 *
 * @param {String} heading The heading
 * @param {Set<String>} taken The anchors of the headings before it
 * @return {String} The anchor
 */
function uniqueAnchor(heading, taken) {
  const base = heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
  let anchor = base;

  for (let i = 1; taken.has(anchor); i++) anchor = `${base}-${i}`;
  return anchor;
}

/**
 * Reads the rows of the tables that follow a heading.
 *
 * @param {String} text The document
 * @param {String} heading The heading, without its number signs
 * @return {String[][]} The cells of all rows, those of the head left out
 * @throws {Error} If there is no such heading or no table behind it
 */
function rowsBelow(text, heading) {
  const lines = text.split('\n');
  const start = lines.findIndex(
    (line) => HEADING.exec(line)?.[1].trim() === heading
  );

  if (start === -1) throw new Error(`no heading "${heading}"`);

  const rows = [];

  for (const line of lines.slice(start + 1)) {
    if (HEADING.test(line)) break;
    if (!line.startsWith('|')) continue;
    if (/^\|[\s:|-]+\|$/.test(line)) rows.pop();
    else rows.push(cellsOf(line));
  }

  if (rows.length === 0) throw new Error(`no table below "${heading}"`);
  return rows;
}

/**
 * Splits a row of a table.
 *
 * @param {String} line The row
 * @return {String[]} Its cells
 */
function cellsOf(line) {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

module.exports = { parseMarkdown, rowsBelow };
