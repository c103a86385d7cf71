'use strict';

const { createHash } = require('crypto');
const { once } = require('events');
const http = require('http');

/**
 * A registry of packages on 127.0.0.1 that has the given archives and nothing
 * else, so that packages are installed by name before they are published.
 */
class Registry {
  /**
   * Start a registry.
   *
   * @param {{manifest: Object, archive: Buffer}[]} packages What it has: the
   *     package.json and the archive of each
   * @returns {Promise<Registry>} The registry, listening
   */
  static async start(packages) {
    const registry = new Registry(packages);

    registry._server.listen(0, '127.0.0.1');
    await once(registry._server, 'listening');
    return registry;
  }

  /**
   * @param {{manifest: Object, archive: Buffer}[]} packages See `start()`
   */
  constructor(packages) {
    this._packages = new Map(packages.map((one) => [one.manifest.name, one]));
    this._server = http.createServer((request, response) => {
      this._answer(request, response);
    });
  }

  /**
   * @type {string} Its address
   */
  get url() {
    return `http://127.0.0.1:${this._server.address().port}`;
  }

  /**
   * Answer a request.
   *
   * @param {http.IncomingMessage} request The request
   * @param {http.ServerResponse} response What to answer with
   */
  _answer(request, response) {
    const [, name, ...rest] = decodeURIComponent(request.url).split('/');
    const found = this._packages.get(name);

    if (found === undefined) {
      response.writeHead(404).end('{}');
    } else if (rest.length > 0) {
      response.end(found.archive);
    } else {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(this._describe(found)));
    }
  }

  /**
   * Describe a package as registries do.
   *
   * @param {{manifest: Object, archive: Buffer}} found The package
   * @returns {Object} Its one version
   */
  _describe({ manifest, archive }) {
    const { name, version } = manifest;
    const hash = (algorithm, encoding) =>
      createHash(algorithm).update(archive).digest(encoding);

    return {
      name,
      'dist-tags': { latest: version },
      time: { [version]: '2020-01-01T00:00:00.000Z' },
      versions: {
        [version]: {
          ...manifest,
          dist: {
            tarball: `${this.url}/${name}/-/${name}-${version}.tgz`,
            shasum: hash('sha1', 'hex'),
            integrity: `sha512-${hash('sha512', 'base64')}`
          }
        }
      }
    };
  }

  /**
   * Close it.
   *
   * @returns {Promise<void>} Resolves when it is closed
   */
  close() {
    this._server.closeAllConnections();
    return new Promise((resolve) => this._server.close(resolve));
  }
}

module.exports = Registry;
