'use strict';

const assert = require('assert');
const path = require('path');

const { forEachKind, kinds } = require('../integration/kinds');
const { runJson } = require('../integration/support/child');

const script = path.join(__dirname, 'children', 'churn.js');

describe('Connections that go at any moment', function () {
  this.timeout(60000);

  forEachKind((kind) => {
    for (const seed of [1, 20240229]) {
      it(`leave nothing behind (seed ${seed})`, async () => {
        const { opened, echoes, lost, leaked } = await runJson(
          script,
          [kinds.indexOf(kind), 1000, seed],
          { execArgv: ['--throw-deprecation'], timeout: 40000 }
        );

        assert.ok(opened > 100, `${opened} were opened`);
        assert.ok(echoes > 100, `${echoes} echoes meanwhile`);
        assert.strictEqual(lost, 0);
        assert.strictEqual(leaked, 0);
      });
    }
  });
});
