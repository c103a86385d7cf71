'use strict';

// Tells how many threads listening and the first connection start.
// Argument: the index of the kind.

const { once } = require('events');
const fs = require('fs');

const { kinds } = require('../../integration/kinds');

const kind = kinds[process.argv[2]];
const threads = () => fs.readdirSync('/proc/self/task').length;

(async () => {
  const before = threads();
  const wss = await kind.listen();
  const counts = [threads()];

  for (let i = 0; i < 3; i++) {
    await once(kind.connect(wss, { perMessageDeflate: false }), 'open');
    counts.push(threads());
  }
  for (const ws of wss.clients) ws.terminate();
  await new Promise((resolve) => wss.close(resolve));
  process.stdout.write(JSON.stringify(counts.map((n) => n - before)));
})();
