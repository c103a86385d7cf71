'use strict';

// The few shapes that the plots are made of.

const FONT = 'Helvetica, Arial, DejaVu Sans, sans-serif';

/**
 * Makes a text safe for XML.
 *
 * @param {String} text The text
 * @returns {String} The same, escaped
 */
function escape(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/**
 * Writes an element.
 *
 * @param {String} name Its name
 * @param {Object} attributes Its attributes; numbers are rounded to 0.1
 * @param {String} [content] What is inside
 * @returns {String} The element
 */
function element(name, attributes, content) {
  const list = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const text =
        typeof value === 'number' ? String(Math.round(value * 10) / 10) : value;
      return ` ${key}="${escape(text)}"`;
    })
    .join('');

  return content === undefined
    ? `<${name}${list}/>`
    : `<${name}${list}>${content}</${name}>`;
}

/**
 * Writes a text.
 *
 * @param {Number} x Where it begins, ends or has its middle
 * @param {Number} y Its base line
 * @param {String} content The text
 * @param {Object} [more] Other attributes, `anchor` for `text-anchor`
 * @returns {String} The element
 */
function text(x, y, content, { anchor, ...more } = {}) {
  const attributes = { x, y, 'text-anchor': anchor, ...more };
  return element('text', attributes, escape(content));
}

/**
 * Writes a line.
 *
 * @param {Number} x1 From
 * @param {Number} y1 From
 * @param {Number} x2 To
 * @param {Number} y2 To
 * @param {String} stroke The colour
 * @param {Number} [width] Its width
 * @returns {String} The element
 */
function line(x1, y1, x2, y2, stroke, width = 1) {
  return element('line', { x1, y1, x2, y2, stroke, 'stroke-width': width });
}

/**
 * Puts shapes on a white page.
 *
 * @param {Number} width The page's width
 * @param {Number} height The page's height
 * @param {String[]} shapes The elements
 * @returns {String} The document
 */
function page(width, height, shapes) {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${Math.round(width)} ${Math.round(height)}`,
    'font-family': FONT,
    'font-size': 13,
    fill: '#212529'
  };
  const white = element('rect', { width, height, fill: '#ffffff' });

  return `${element('svg', attributes, ['', white, ...shapes, ''].join('\n'))}\n`;
}

module.exports = { element, line, page, text };
