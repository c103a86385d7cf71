'use strict';

const { METRICS, headlineOf, metricsOf, titleOf } = require('./metrics');
const { BASELINE, PEERS } = require('./peers');
const { medianOf } = require('./stats');
const { element, line, page, text } = require('./svg');

const COLORS = {
  beastws: '#d9480f',
  'beastws-inline': '#f59f00',
  'beastws-native': '#f59f00',
  'beastws-native-tls': '#f59f00',
  ws: '#1864ab',
  'ws-js': '#74c0fc',
  uws: '#2b8a3e',
  bun: '#862e9c',
  websocket: '#868e96',
  raw: '#ced4da'
};
const GRAY = '#495057';
const PALE = '#dee2e6';

const PANEL = 560; // width
const LABEL = 175;
const BAR = 210;
const STEP = 24;
const HEAD = 34;
const MARGIN = 18;

/**
 * Draws a row: a panel of bars for each metric, and one for the latencies.
 *
 * @param {Object} table A row of `condense()`
 * @returns {String} An SVG document
 */
function plotRow(table) {
  const { row, peers } = table;
  const has = (name) => peers.some(({ values }) => values[name]);
  const bars = metricsOf(row).filter(
    (name) => METRICS[name].better && !/^p\d+$/.test(name) && has(name)
  );
  const panels = bars.map((name) => barPanel(row, peers, name));
  const first = headlineOf(row).includes('p50');
  if (has('p50')) panels.splice(first ? 0 : 2, 0, latencyPanel(peers));

  const height = HEAD + peers.length * STEP + MARGIN;
  const lines = Math.ceil(panels.length / 2);
  const shapes = [title(`${row.id}: ${row.title}`)];
  panels.forEach((shape, i) => {
    const x = MARGIN + (i % 2) * PANEL;
    const y = 40 + Math.floor(i / 2) * height;
    shapes.push(element('g', { transform: `translate(${x} ${y})` }, shape));
  });

  return page(2 * PANEL + MARGIN, 40 + lines * height + MARGIN, shapes);
}

/**
 * Draws a metric as one bar for each peer.
 *
 * @param {Object} row The row
 * @param {Object[]} peers The peers
 * @param {String} name The metric
 * @returns {String} Elements
 */
function barPanel(row, peers, name) {
  const { better, format } = METRICS[name];
  const largest = Math.max(
    ...peers.map(({ values }) => values[name]?.most ?? 0)
  );
  const scale = (value) => LABEL + (Math.max(0, value) / largest) * BAR;
  const shapes = [heading(`${titleOf(name, row)} (${better} is better)`)];

  peers.forEach(({ peer, values, rounds }, i) => {
    const y = HEAD + i * STEP;
    shapes.push(label(peer, y));
    const value = values[name];
    if (value === undefined) {
      const why = rounds > 0 ? 'not measured' : 'failed';
      shapes.push(text(LABEL + 4, y + 13, why, { fill: GRAY }));
      return;
    }
    const { median, least, most } = value;
    const width = Math.max(1, scale(median) - LABEL);
    const fill = COLORS[peer.id];
    shapes.push(
      element('rect', { x: LABEL, y, width, height: STEP - 7, fill }),
      line(scale(least), y + 8.5, scale(most), y + 8.5, '#000000', 1.5),
      text(Math.max(scale(most), scale(median)) + 6, y + 13, format(median), {
        'font-weight': peer.id === 'beastws' ? 'bold' : undefined
      })
    );
  });

  return shapes.join('\n');
}

/**
 * Draws p50, p99 and p999 of each peer on one logarithmic axis.
 *
 * @param {Object[]} peers The peers
 * @returns {String} Elements
 */
function latencyPanel(peers) {
  const timed = peers.filter(({ values }) => values.p50);
  const low = Math.min(...timed.map(({ values }) => values.p50.median));
  const high = Math.max(...timed.map(({ values }) => values.p999.median));
  const span = Math.log(high / low) || 1;
  const scale = (value) =>
    LABEL + 6 + (Math.log(value / low) / span) * (BAR - 60);
  const shapes = [
    heading('latency: p50 (dot), p99 (ring), p999 (bar); log scale')
  ];

  peers.forEach(({ peer, values, rounds }, i) => {
    const y = HEAD + i * STEP + 8.5;
    shapes.push(label(peer, y - 8.5));
    if (rounds === 0) {
      shapes.push(text(LABEL + 4, y + 4.5, 'failed', { fill: GRAY }));
      return;
    }
    const color = peer.id === 'raw' ? '#adb5bd' : COLORS[peer.id];
    const [p50, p99, p999] = ['p50', 'p99', 'p999'].map(
      (name) => values[name].median
    );
    const texts = [p50, p99, p999].map((value) => METRICS.p50.format(value));
    shapes.push(
      line(scale(p50), y, scale(p999), y, color, 2),
      element('circle', { cx: scale(p50), cy: y, r: 5, fill: color }),
      element('circle', {
        cx: scale(p99),
        cy: y,
        r: 4.5,
        fill: '#ffffff',
        stroke: color,
        'stroke-width': 2
      }),
      line(scale(p999), y - 7, scale(p999), y + 7, color, 3),
      text(LABEL + BAR - 38, y + 4.5, texts.join(' / '), { 'font-size': 12 })
    );
  });

  return shapes.join('\n');
}

/**
 * Draws one metric of all rows as ratios to the baseline.
 *
 * @param {Object[]} tables What `condense()` returned
 * @param {String} metric The metric
 * @returns {String|null} An SVG document; null if there is nothing to compare
 */
function plotOverview(tables, metric) {
  // Where the rate is given, it says nothing.
  const rows = tables.filter(
    (table) =>
      medianOf(table, BASELINE, metric) &&
      !(metric === 'rate' && (table.row.load.rate || table.row.feedRate))
  );
  const ratios = rows.map((table) =>
    table.peers
      .filter(({ peer, values }) => peer.id !== BASELINE && values[metric])
      .map(({ peer, values }) => ({
        peer,
        ratio: values[metric].median / medianOf(table, BASELINE, metric)
      }))
  );
  const all = ratios.flat().map(({ ratio }) => ratio);
  if (all.length === 0) return null;

  const from = Math.floor(Math.log2(Math.min(0.5, ...all)));
  const to = Math.ceil(Math.log2(Math.max(2, ...all)));
  const left = 190;
  const width = 760;
  const top = 88;
  const bottom = top + rows.length * STEP;
  const scale = (ratio) =>
    left + ((Math.log2(ratio) - from) / (to - from)) * width;
  const what = metric === 'rate' ? 'Throughput' : 'CPU per message';
  const side = METRICS[metric].better === 'more' ? 'right' : 'left';
  const shapes = [
    title(
      `${what} relative to ws (line at 1x; log scale; further ${side} is better)`
    ),
    ...legend(ratios.flat().map(({ peer }) => peer.id))
  ];

  for (let power = from; power <= to; power++) {
    const x = scale(2 ** power);
    const one = power === 0;
    shapes.push(
      line(x, top - 6, x, bottom, one ? COLORS.ws : PALE, one ? 2 : 1),
      text(x, bottom + 18, power < 0 ? `1/${2 ** -power}x` : `${2 ** power}x`, {
        anchor: 'middle',
        fill: GRAY
      })
    );
  }
  rows.forEach(({ row }, i) => {
    const y = top + i * STEP + STEP / 2;
    shapes.push(
      text(left - 12, y + 4.5, row.id, { anchor: 'end' }),
      line(left, y, left + width, y, '#f1f3f5')
    );
    // beastws last, on top of the others.
    for (const { peer, ratio } of [...ratios[i]].reverse()) {
      shapes.push(dot(peer, scale(ratio), y));
      if (peer.id !== 'beastws') continue;
      shapes.push(
        text(left + width + 12, y + 4.5, `${ratio.toFixed(2)}x`, {
          fill: COLORS.beastws,
          'font-weight': 'bold'
        })
      );
    }
  });

  return page(left + width + 80, bottom + 40, shapes);
}

/**
 * Draws a peer's mark.
 *
 * @param {Object} peer The peer
 * @param {Number} cx Where
 * @param {Number} cy Where
 * @returns {String} The element
 */
function dot(peer, cx, cy) {
  const raw = peer.id === 'raw';

  return element('circle', {
    cx,
    cy,
    r: peer.id === 'beastws' ? 7 : 5,
    fill: raw ? '#ffffff' : COLORS[peer.id],
    stroke: raw ? GRAY : '#ffffff',
    'stroke-width': 1.5
  });
}

/**
 * Draws the names of the marks.
 *
 * @param {String[]} ids The peers that appear
 * @returns {String[]} Elements
 */
function legend(ids) {
  const shapes = [];
  let x = MARGIN + 8;

  for (const peer of PEERS.filter(({ id }) => ids.includes(id))) {
    shapes.push(dot(peer, x, 56), text(x + 12, 60.5, peer.title));
    x += 40 + peer.title.length * 7;
  }

  return shapes;
}

/**
 * Writes a plot's title.
 *
 * @param {String} content The title
 * @returns {String} The element
 */
function title(content) {
  return text(MARGIN, 26, content, { 'font-size': 17, 'font-weight': 'bold' });
}

/**
 * Writes a panel's heading.
 *
 * @param {String} content The heading
 * @returns {String} The element
 */
function heading(content) {
  return text(0, 20, content, { 'font-weight': 'bold', fill: GRAY });
}

/**
 * Writes a peer's name beside its bar.
 *
 * @param {Object} peer The peer
 * @param {Number} y The bar's upper edge
 * @returns {String} The element
 */
function label(peer, y) {
  return text(LABEL - 8, y + 13, peer.title, {
    anchor: 'end',
    'font-weight': peer.id === 'beastws' ? 'bold' : undefined
  });
}

module.exports = { plotOverview, plotRow };
