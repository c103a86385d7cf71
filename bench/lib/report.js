'use strict';

const fs = require('fs');
const path = require('path');

const { METRICS, headlineOf, metricsOf, titleOf } = require('./metrics');
const { BASELINE, PEERS } = require('./peers');
const { plotOverview, plotRow } = require('./plots');
const { bestOther, condense, medianOf } = require('./stats');
const { checkTargets } = require('./targets');

/**
 * Writes everything that comes out of a run: numbers, tables and plots.
 *
 * @param {String} base Path and beginning of the files' names
 * @param {Object} result The run
 */
function writeReport(base, result) {
  const tables = condense(result.samples);
  const name = path.basename(base);

  fs.mkdirSync(base, { recursive: true });
  fs.writeFileSync(`${base}.json`, `${toJson(result)}\n`);
  fs.writeFileSync(`${base}.md`, toMarkdown(name, result, tables));
  for (const metric of ['rate', 'cpu']) {
    const plot = plotOverview(tables, metric);
    if (plot) fs.writeFileSync(path.join(base, `overview-${metric}.svg`), plot);
  }
  for (const table of tables) {
    fs.writeFileSync(path.join(base, `${table.row.id}.svg`), plotRow(table));
  }
}

/**
 * Turns a run into JSON, with six digits for every number.
 *
 * @param {Object} result The run
 * @returns {String} The JSON
 */
function toJson(result) {
  const round = (key, value) =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : value;

  return JSON.stringify(result, round, 2);
}

/**
 * Turns a run into a document.
 *
 * @param {String} name The beginning of the files' names
 * @param {Object} result The run
 * @param {Object[]} tables What `condense()` returned
 * @returns {String} Markdown
 */
function toMarkdown(name, result, tables) {
  const { machine, options, versions, skipped } = result;
  const lines = [
    '# Benchmark results',
    '',
    `${machine.cores} cores (${machine.cpu}), ${machine.system}, ` +
      `Node.js ${machine.node}. Medians of ${options.rounds} interleaved ` +
      `rounds of ${options.seconds} s each; in the plots, lines show the least ` +
      'and the largest value. How to read this: ../README.md.',
    '',
    ...PEERS.filter(({ id }) => versions[id]).map(
      ({ id, title }) => `- ${title}: ${versions[id]}`
    ),
    ...Object.entries(skipped).map(
      ([id, reason]) => `- ${id} is left out: ${reason}`
    ),
    ''
  ];

  lines.push(...summaryLines(tables), ...targetLines(tables));
  for (const metric of ['rate', 'cpu']) {
    if (!tables.some((table) => ratioTo(table, BASELINE, metric))) continue;
    const title = metric === 'rate' ? 'Throughput' : 'CPU per message';
    lines.push(`![${title}](${name}/overview-${metric}.svg)`, '');
  }
  for (const table of tables) {
    lines.push(
      `## ${table.row.id}`,
      '',
      `${table.row.title}.`,
      '',
      `![${table.row.id}](${name}/${table.row.id}.svg)`,
      '',
      ...rowLines(table),
      ''
    );
  }

  return `${lines.join('\n').trimEnd()}\n`;
}

/**
 * The ratio of beastws to another peer.
 *
 * @param {Object} table The row
 * @param {String} id The other peer
 * @param {String} metric The metric
 * @returns {Number|undefined} The ratio, if both were measured
 */
function ratioTo(table, id, metric) {
  const own = medianOf(table, 'beastws', metric);
  const other = medianOf(table, id, metric);
  return own === undefined || !other ? undefined : own / other;
}

/**
 * The table that says in one look where beastws stands.
 *
 * @param {Object[]} tables What `condense()` returned
 * @returns {String[]} Lines
 */
function summaryLines(tables) {
  const rows = [];

  for (const table of tables) {
    for (const metric of headlineOf(table.row)) {
      if (medianOf(table, 'beastws', metric) === undefined) continue;
      const best = bestOther(table, metric);
      rows.push([
        table.row.id,
        titleOf(metric, table.row),
        METRICS[metric].format(medianOf(table, 'beastws', metric)),
        times(ratioTo(table, BASELINE, metric)),
        best ? times(ratioTo(table, best.peer.id, metric)) : '',
        best ? best.peer.title : ''
      ]);
    }
  }

  if (rows.length === 0) return [];
  const head = ['row', 'what', 'beastws', 'to ws', 'to the best other', 'who'];
  return ['## beastws', '', ...toTable(head, rows, 'llrrrl'), ''];
}

/**
 * The table of the targets.
 *
 * @param {Object[]} tables What `condense()` returned
 * @returns {String[]} Lines
 */
function targetLines(tables) {
  const rows = checkTargets(tables).map(({ target, table, value, met }) => {
    const { format } = METRICS[target.metric];
    const text = (number) =>
      target.to ? `${times(number)} ${target.to}` : format(number);
    const limit = target.least ?? target.most;
    return [
      target.peer ? `${target.row} (${target.peer})` : target.row,
      titleOf(target.metric, table.row),
      `${target.least === undefined ? 'at most' : 'at least'} ${text(limit)}`,
      text(value),
      met ? 'yes' : 'NO'
    ];
  });

  if (rows.length === 0) return [];
  const head = ['row', 'what', 'target', 'reached', 'met'];
  return ['## Targets', '', ...toTable(head, rows, 'llrrl'), ''];
}

/**
 * The table of a row.
 *
 * @param {Object} table The row
 * @returns {String[]} Lines
 */
function rowLines(table) {
  const { row, peers } = table;
  const metrics = metricsOf(row).filter((name) =>
    peers.some(({ values }) => values[name])
  );
  const withRatios = row.kind === 'ratio' ? [] : headlineOf(row);
  const head = ['peer'];
  for (const name of metrics) {
    head.push(titleOf(name, row));
    if (withRatios.includes(name)) head.push('to ws', 'to best');
  }

  const rows = peers.map(({ peer, values }) => {
    const cells = [peer.title];
    for (const name of metrics) {
      const value = values[name]?.median;
      cells.push(value === undefined ? '' : METRICS[name].format(value));
      if (!withRatios.includes(name)) continue;
      const best = bestOther(table, name)?.values[name].median;
      cells.push(times(value / medianOf(table, BASELINE, name)));
      cells.push(times(value / best));
    }
    return cells;
  });
  const align = `l${'r'.repeat(head.length - 1)}`;
  const lines = toTable(head, rows, align);

  for (const { peer, errors, takeover } of peers) {
    const notes = errors.map((error) => `failed: ${error.split('\n')[0]}`);
    if (row.load.deflate === 'takeover' && takeover === false) {
      notes.push('keeps no context, although it was asked to');
    }
    for (const note of notes) lines.push('', `${peer.title} ${note}`);
  }

  return lines;
}

/**
 * Writes a ratio.
 *
 * @param {Number} [ratio] The ratio
 * @returns {String} Its text; empty if there is none
 */
function times(ratio) {
  if (ratio === undefined || !Number.isFinite(ratio)) return '';
  return `${ratio.toFixed(ratio < 10 ? 2 : 1)}x`;
}

/**
 * Lays out a table of Markdown.
 *
 * @param {String[]} head The headings
 * @param {String[][]} rows The cells
 * @param {String} align `l` or `r` for each column
 * @returns {String[]} Lines
 */
function toTable(head, rows, align) {
  const widths = head.map((_, i) =>
    Math.max(3, ...[head, ...rows].map((cells) => cells[i].length))
  );
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const pad = (cells) =>
    cells.map((cell, i) =>
      align[i] === 'r' ? cell.padStart(widths[i]) : cell.padEnd(widths[i])
    );
  const rule = widths.map((width, i) =>
    align[i] === 'r' ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)
  );

  return [line(pad(head)), line(rule), ...rows.map((row) => line(pad(row)))];
}

/**
 * Says the result in a few lines, for the terminal.
 *
 * @param {Object} result The run
 * @returns {String} The lines
 */
function summarize(result) {
  const tables = condense(result.samples);
  const lines = [...summaryLines(tables), ...targetLines(tables)];
  const errors = tables.flatMap(({ row, peers }) =>
    peers
      .filter((entry) => entry.errors.length > 0)
      .map(({ peer, errors: [error] }) => `${row.id}, ${peer.id}: ${error}`)
  );

  if (errors.length) lines.push('## Failed', '', ...errors, '');
  return lines.join('\n');
}

module.exports = { summarize, writeReport };
