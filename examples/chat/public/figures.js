/**
 * The live panel: one tile with numbers and a sparkline for each figure.
 */

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 120;
const HEIGHT = 36;
const SAMPLES = 60;

const integer = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/**
 * @param {Number} value Bytes
 * @return {String} For people
 */
export function formatBytes(value) {
  if (value < 1000) return `${integer.format(value)} B`;
  if (value < 1e6) return `${decimal.format(value / 1e3)} kB`;
  return `${decimal.format(value / 1e6)} MB`;
}

/**
 * @param {Number} value Messages a second
 * @return {String} For people
 */
function formatRate(value) {
  return value < 100 ? decimal.format(value) : integer.format(value);
}

/**
 * @param {Number} value Milliseconds
 * @return {String} For people
 */
function formatMs(value) {
  if (value < 10) return `${value.toFixed(2)} ms`;
  return `${value < 100 ? value.toFixed(1) : integer.format(value)} ms`;
}

/**
 * @param {Number} value A share of 1
 * @return {String} For people
 */
function formatShare(value) {
  return `${(value * 100).toFixed(1)} %`;
}

// `floor` is the least that the top of a sparkline stands for, so that noise
// around zero does not look like a mountain.
const TILES = [
  {
    title: 'Open connections',
    format: integer.format,
    floor: 4,
    series: [{ key: 'connections', label: '' }]
  },
  {
    title: 'Messages a second',
    format: formatRate,
    floor: 5,
    series: [
      { key: 'messagesIn', label: 'in' },
      { key: 'messagesOut', label: 'out' }
    ]
  },
  {
    title: 'Bytes a second',
    format: formatBytes,
    floor: 1000,
    series: [
      { key: 'bytesIn', label: 'in' },
      { key: 'bytesOut', label: 'out' }
    ]
  },
  {
    title: 'Event-loop delay',
    format: formatMs,
    floor: 2,
    series: [
      { key: 'delayP50', label: 'p50' },
      { key: 'delayP99', label: 'p99' }
    ]
  },
  {
    title: 'Event-loop utilisation',
    format: formatShare,
    floor: 0.1,
    series: [{ key: 'utilization', label: '' }]
  }
];

/**
 * @param {String} tag The tag
 * @param {String} className The class
 * @param {String} [text] The text in it
 * @return {HTMLElement} The new element
 */
function element(tag, className, text = '') {
  const node = document.createElement(tag);

  node.className = className;
  node.textContent = text;

  return node;
}

export class Figures {
  #samples = [];
  #tiles;

  /**
   * @param {HTMLElement} container Where the tiles go
   */
  constructor(container) {
    this.#tiles = TILES.map((tile) => createTile(tile));
    container.append(...this.#tiles.map(({ root }) => root));
  }

  /**
   * Start again with these samples.
   *
   * @param {Object[]} samples What the server remembers, oldest first
   */
  reset(samples) {
    this.#samples = samples.slice(-SAMPLES);
    this.#draw();
  }

  /**
   * @param {Object} sample The newest sample
   */
  add(sample) {
    this.#samples.push(sample);
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    this.#draw();
  }

  #draw() {
    const latest = this.#samples.at(-1);

    if (latest === undefined) return;

    for (const { tile, svg, series } of this.#tiles) {
      const highest = Math.max(
        ...this.#samples.flatMap((s) => tile.series.map(({ key }) => s[key]))
      );
      const top = Math.max(highest * 1.1, tile.floor);

      for (const { key, value, line, area } of series) {
        const points = this.#samples.map((sample) => sample[key]);
        const path = linePath(points, top);

        const [number, unit = ''] = tile.format(latest[key]).split(' ');

        value.firstChild.data = number;
        value.lastChild.textContent = unit && ` ${unit}`;
        line.setAttribute('d', path);
        area.setAttribute('d', `${path}V${HEIGHT}H${startX(points.length)}Z`);
      }

      svg.setAttribute(
        'aria-label',
        `${tile.title}, last minute, highest ${tile.format(highest)}`
      );
    }
  }
}

/**
 * @param {Object} tile One of the definitions above
 * @return {Object} The tile's elements
 */
function createTile(tile) {
  const root = element('section', 'tile');
  const values = element('div', 'values');
  const svg = document.createElementNS(SVG, 'svg');

  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', tile.title);

  const series = tile.series.map(({ key, label }, index) => {
    const group = element('div', `value series-${index}`);
    const value = element('span', 'number', '–');
    const area = document.createElementNS(SVG, 'path');
    const line = document.createElementNS(SVG, 'path');

    value.append(element('span', 'unit'));
    value.dataset.figure = key;
    area.setAttribute('class', `area series-${index}`);
    line.setAttribute('class', `line series-${index}`);
    svg.append(area, line);
    group.append(value);
    if (label !== '') group.append(element('span', 'series-label', label));
    values.append(group);

    return { key, value, line, area };
  });

  root.append(element('h3', '', tile.title), values, svg);

  return { tile, root, svg, series };
}

/**
 * @param {Number} count Number of points
 * @return {Number} Where the first of them is; the newest is at the right edge
 */
function startX(count) {
  return WIDTH - ((count - 1) * WIDTH) / (SAMPLES - 1);
}

/**
 * @param {Number[]} points The values
 * @param {Number} top The value at the upper edge
 * @return {String} An SVG path
 */
function linePath(points, top) {
  const step = WIDTH / (SAMPLES - 1);
  const first = startX(points.length);

  return points
    .map((value, index) => {
      const x = (first + index * step).toFixed(1);
      const y = (HEIGHT - 1 - (value / top) * (HEIGHT - 2)).toFixed(1);

      return `${index === 0 ? 'M' : 'L'}${x} ${y}`;
    })
    .join('');
}
