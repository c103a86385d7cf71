'use strict';

// Measures beastws and its alternatives side by side; see README.md.

const fs = require('fs');
const path = require('path');
const { parseArgs } = require('util');

const { BENCH, buildPrograms, makeCertificate } = require('./lib/build');
const { guardChildren } = require('./lib/child');
const { describeMachine, findBun, probePeers } = require('./lib/environment');
const { PEERS, whyNot } = require('./lib/peers');
const { measure } = require('./lib/measure');
const { oneLine } = require('./lib/metrics');
const { ROWS, chooseRows } = require('./lib/rows');
const { summarize, writeReport } = require('./lib/report');

const USAGE = `usage: node run.js [options]
  --rows a,b      rows, or beginnings of their names (all)
  --peers a,b     who is measured (all)
  --rounds N      how often, everybody once in each round (5)
  --seconds S     measured time of each measurement (3)
  --warmup S      time before it (0.5)
  --name NAME     of the files in results/ (latest)
  --report        write the report of results/NAME.json again, measure nothing
  --list          print rows and peers`;

/**
 * Reads the command line.
 *
 * @returns {Object} The options
 * @throws {Error} If one is wrong
 */
function readOptions() {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '' },
      peers: { type: 'string', default: '' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      warmup: { type: 'string', default: '0.5' },
      name: { type: 'string', default: 'latest' },
      report: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false }
    }
  });
  const list = (text) => text.split(',').filter(Boolean);
  const number = (name, least, most) => {
    const value = Number(values[name]);
    if (!(value >= least && value <= most)) {
      throw new Error(`--${name} must be from ${least} to ${most}`);
    }
    return value;
  };

  if (!/^[\w.-]+$/.test(values.name)) throw new Error('bad --name');
  return {
    ...values,
    rows: chooseRows(list(values.rows)),
    peers: choosePeers(list(values.peers)),
    rounds: Math.round(number('rounds', 1, 100)),
    seconds: number('seconds', 0.2, 600),
    warmup: number('warmup', 0, 60)
  };
}

/**
 * Finds the peers that a list of names means.
 *
 * @param {String[]} names The names; none stand for all
 * @returns {Object[]} The peers
 * @throws {Error} If a name means nothing
 */
function choosePeers(names) {
  for (const name of names) {
    if (!PEERS.some((peer) => peer.id === name)) {
      throw new Error(`no peer '${name}'`);
    }
  }

  return names.length ? PEERS.filter((p) => names.includes(p.id)) : PEERS;
}

/**
 * Measures everybody once in every row.
 *
 * @param {Object} context See `measure()`
 * @param {Object} result Where the samples go
 * @param {Object[]} rows The rows
 * @param {Object[]} peers The peers
 * @param {Number} round The number of the round, from 0
 */
async function measureRound(context, result, rows, peers, round) {
  for (const row of rows.filter(({ kind }) => kind !== 'ratio')) {
    console.log(`\nround ${round + 1}, ${row.id}: ${row.title}`);
    const here = peers.filter((peer) => !whyNot(peer, row));

    // Another one begins in each round, so that nobody has the best place.
    for (let i = 0; i < here.length; i++) {
      const peer = here[(i + round) % here.length];
      const place = ((result.samples[row.id] ??= {})[peer.id] ??= []);
      try {
        const sample = await measure(context, row, peer);
        place.push(sample);
        console.log(`  ${peer.title.padEnd(25)} ${oneLine(row, sample)}`);
      } catch (err) {
        const reason = err.message.replaceAll(path.dirname(BENCH), '.');
        place.push({ error: reason });
        console.log(`  ${peer.title.padEnd(25)} failed: ${reason}`);
      }
    }
  }
}

/** Prints what there is to choose from. */
function printLists() {
  for (const { id, title } of ROWS) console.log(id.padEnd(20), title);
  console.log();
  for (const { id, title } of PEERS) console.log(id.padEnd(20), title);
}

/** Does what the command line asks for. */
async function main() {
  const options = readOptions();
  if (options.help) return console.log(USAGE);
  if (options.list) return printLists();

  const base = path.join(BENCH, 'results', options.name);
  if (options.report) {
    const old = JSON.parse(fs.readFileSync(`${base}.json`, 'utf8'));
    return writeReport(base, old);
  }

  guardChildren();
  const { rounds, seconds, warmup } = options;
  const context = {
    bun: findBun(),
    certificate: makeCertificate(console.log),
    programs: buildPrograms(console.log),
    seconds,
    warmup
  };
  const { peers, versions, skipped } = await probePeers(context, options.peers);
  const result = {
    machine: describeMachine(),
    versions,
    skipped,
    options: { rounds, seconds, warmup },
    samples: {}
  };

  fs.mkdirSync(path.dirname(base), { recursive: true });
  for (const [id, reason] of Object.entries(skipped)) {
    console.log(`${id} is left out: ${reason}`);
  }
  for (let round = 0; round < rounds; round++) {
    await measureRound(context, result, options.rows, peers, round);
    // After every round: a run that is stopped keeps what it has.
    writeReport(base, result);
  }
  console.log(`\n${summarize(result)}`);
  console.log(
    `written: ${path.relative(process.cwd(), base)}.{json,md} and plots`
  );
}

main().catch((err) => {
  console.error(err.message);
  if (err.code?.startsWith('ERR_PARSE_ARGS')) console.error(USAGE);
  process.exit(1);
});
