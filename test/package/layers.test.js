'use strict';

const assert = require('assert');
const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const { checkLayers } = require('../../scripts/check-layers');

const ROOT = path.join(__dirname, '..', '..');
const SCRIPT = path.join(ROOT, 'scripts', 'check-layers.js');

describe('check-layers', () => {
  let dir;

  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-layers-'));
  });

  afterEach(() => {
    fs.rmSync(dir, { recursive: true });
  });

  /**
   * Writes files of a project.
   *
   * @param {Object} files Texts by path
   */
  function project(files) {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(dir, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
  }

  it('is content with this project', () => {
    assert.deepStrictEqual(checkLayers(ROOT), []);
  });

  it('allows what the design allows', () => {
    project({
      'src/base/a.h': '',
      'src/bridge/b.h': '#include "base/a.h"\n',
      'src/protocol/p.h':
        '#include <boost/beast/websocket.hpp>\n#include "base/a.h"\n',
      'src/transport/t.h': '#include <boost/asio.hpp>\n#include "base/a.h"\n',
      'src/engine/e.h':
        '#include "bridge/b.h"\n#include "protocol/p.h"\n' +
        '#include "transport/t.h"\n#include "e2.h"\n',
      'src/engine/e2.h': '#include <boost/beast/http.hpp>\n',
      'src/addon/m.cc':
        '#include <napi.h>\n#include "engine/e.h"\n#include "protocol/p.h"\n'
    });

    assert.deepStrictEqual(checkLayers(dir), []);
  });

  it('reports an include against the direction with its line', () => {
    project({
      'src/engine/e.h': '',
      'src/bridge/b.h': '#pragma once\n\n#  include "engine/e.h"\n',
      'src/protocol/p.cc': '#include "../engine/e.h"\n',
      'src/base/a.h': '#include <engine/e.h>\n',
      'src/transport/t.h': '#include "protocol/p.h"\n',
      'src/protocol/p.h': ''
    });

    assert.deepStrictEqual(checkLayers(dir), [
      'src/base/a.h:1: base may not include engine: #include <engine/e.h>',
      'src/bridge/b.h:3: bridge may not include engine: ' +
        '#  include "engine/e.h"',
      'src/protocol/p.cc:1: protocol may not include engine: ' +
        '#include "../engine/e.h"',
      'src/transport/t.h:1: transport may not include protocol: ' +
        '#include "protocol/p.h"'
    ]);
  });

  it('reports foreign headers away from home', () => {
    project({
      'src/engine/a.cc': '#include <napi.h>\n',
      'src/engine/b.cc': '#include <node_api.h>\n',
      'src/engine/c.cc': '#include <boost/beast/websocket/stream.hpp>\n',
      'src/transport/d.cc': '#include <boost/beast.hpp>\n',
      'src/bridge/e.h': '#include <boost/asio/buffer.hpp>\n'
    });

    assert.deepStrictEqual(
      checkLayers(dir).map((line) => line.split(': ').slice(0, 2).join(': ')),
      [
        'src/bridge/e.h:1: only engine, protocol, transport may include Asio',
        "src/engine/a.cc:1: only addon may include Node-API's headers",
        "src/engine/b.cc:1: only addon may include Node-API's headers",
        "src/engine/c.cc:1: only protocol may include Beast's websocket",
        "src/transport/d.cc:1: only protocol may include Beast's websocket"
      ]
    );
  });

  it('reports a file that is in no layer', () => {
    project({ 'src/stray.cc': '', 'src/util/x.h': '' });

    assert.deepStrictEqual(
      checkLayers(dir).map((line) => line.split(':')[0]),
      ['src/stray.cc', 'src/util/x.h']
    );
  });

  it('ignores includes in comments', () => {
    project({
      'src/engine/e.h': '',
      'src/base/a.h': '// #include "engine/e.h"\n'
    });

    assert.deepStrictEqual(checkLayers(dir), []);
  });

  it('reports cyclic requires, lazy ones too', () => {
    project({
      'lib/a.js': "const b = require('./b');\n",
      'lib/b.js': "const load = () => require('./c.js');\n",
      'lib/c.js': 'const a = require("./a");\n'
    });

    assert.deepStrictEqual(checkLayers(dir), [
      'lib/a.js: cyclic require: lib/a.js -> lib/b.js -> lib/c.js -> lib/a.js'
    ]);
  });

  it('allows two ways to one file and names in comments', () => {
    project({
      'lib/a.js': "require('./b');\nrequire('./c');\nrequire('fs');\n",
      'lib/b.js': "require('./c');\n",
      'lib/c.js': "// require('./a')\n/* require('./b') */\n"
    });

    assert.deepStrictEqual(checkLayers(dir), []);
  });

  it('ends with status 1 and the lines as a program', () => {
    project({ 'src/base/a.h': '#include <napi.h>\n' });

    const result = spawnSync(process.execPath, [SCRIPT, dir], {
      encoding: 'utf8'
    });

    assert.strictEqual(result.status, 1);
    assert.match(result.stderr, /^src\/base\/a\.h:1: /);
    assert.match(result.stdout, /1 offences/);
  });

  it('ends with status 0 where all is well', () => {
    const result = spawnSync(process.execPath, [SCRIPT, dir]);

    assert.strictEqual(result.status, 0);
  });
});
