'use strict';

// Mixed traffic for a long time, every message of it checked:
//   node soak/run.js --minutes 60

const { fork } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { parseArgs } = require('util');

const { Ledger } = require('./ledger');
const { judgeMemory, perMinute } = require('./memory');
const { trimming } = require('./trim');

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    'warm-up': { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    load: { type: 'string', default: '0.5' },
    lanes: { type: 'string', default: '12' },
    nice: { type: 'string', default: '10' },
    json: { type: 'string' }
  }
});

const seconds = options.seconds ? +options.seconds : +options.minutes * 60;
/** How much of it comes before memory is judged. */
const warmUp = options['warm-up'] ? +options['warm-up'] * 60 : seconds / 4;
const seed = options.seed ? +options.seed : (Date.now() >>> 0) % 1e9;
const load = +options.load;

/** How long everything may take to end, in milliseconds. */
const ENDING = 150000;

/** How far rests are shortened when the CPU is somebody else's. */
const SHORTEST = 0.3;

/** How often memory is measured, in milliseconds. */
const SAMPLING = seconds >= 300 ? 10000 : 1000;

const trim = trimming();
const ledger = new Ledger(seed, console.error);
const parts = [];
let pace = 1;

/** A process of the soak. */
class Part {
  /**
   * @param {String} name What to call it
   * @param {String} script Its script in this directory
   * @param {Object} settings What it is told
   */
  constructor(name, script, settings) {
    this.name = name;
    this.samples = [];
    this.cpu = 0;
    this.settled = null;
    this.process = fork(
      path.join(__dirname, script),
      [JSON.stringify({ seed, sampling: SAMPLING, ...settings })],
      { env: trim.env, execArgv: ['--expose-gc'] }
    );
    this.exited = once(this.process, 'exit').then(([code, signal]) => {
      if (code !== 0) {
        ledger.blame({ what: `${name} ended with ${signal || code}` });
      }
    });
    this.ready = new Promise((resolve) => (this.resolve = resolve));
    this.process.on('message', (line) => this.take(line));
    parts.push(this);
  }

  /**
   * Takes what the process says.
   *
   * @param {Object} line It
   */
  take(line) {
    if (line.report) ledger.report(line.report);
    else if (line.start) ledger.start(line);
    else if (line.violation)
      ledger.blame({ part: this.name, ...line.violation });
    else if (line.beat) this.cpu = line.beat;
    else if (line.sample) this.addSample(line.sample);
    else if (line.settled) this.settled = line.settled;
    else if ('ready' in line) this.resolve(line.ready);
  }

  /**
   * Keeps what it uses.
   *
   * @param {Object} sample It
   */
  addSample(sample) {
    this.samples.push({ at: (Date.now() - begun) / 1000, ...sample });
  }

  /**
   * Tells the process something.
   *
   * @param {Object} line It
   */
  tell(line) {
    if (this.process.connected) this.process.send(line);
  }

  /**
   * Says how it was.
   *
   * @returns {Object} Memory, descriptors and what was sent
   */
  summary() {
    const { baseline, sample } = this.settled ?? {};
    return {
      name: this.name,
      memory: judgeMemory(this.samples, seconds, warmUp),
      descriptors: [baseline?.descriptors, sample?.descriptors],
      rss: [baseline?.rss, sample?.rss],
      minutes: perMinute(this.samples),
      cpu: sample?.cpu,
      sent: sample?.messages,
      bytes: sample?.bytes
    };
  }
}

let begun = Date.now();
let used = 0;
let measured = Date.now();

/** Makes the whole soak use as much of the CPU as it should. */
function regulate() {
  const now = Date.now();
  const cpu = parts.reduce((sum, part) => sum + part.cpu, 0);
  const factor = (cpu - used) / ((now - measured) / 1000) / load;
  used = cpu;
  measured = now;
  pace = Math.min(
    50,
    Math.max(SHORTEST, pace * Math.min(1.3, Math.max(0.7, factor)))
  );
  for (const part of parts) part.tell({ pace });
}

/** Prints a line about everything. */
function printLine() {
  const { connections, clean, messages } = ledger.counts;
  const last = (part) => part.samples.at(-1) ?? { bytes: 0, rss: 0 };
  const bytes = parts.reduce((sum, part) => sum + last(part).bytes, 0);
  const elapsed = (Date.now() - begun) / 1000;
  const cpu = parts.reduce((sum, part) => sum + part.cpu, 0);
  const rss = parts.map(
    (part) => `${part.name} ${Math.round(last(part).rss / 1048576)}`
  );

  ledger.sweep();
  console.error(
    `${(elapsed / 60).toFixed(1)} min: ${connections} connections ` +
      `(${clean} closed cleanly), ${messages} messages, ` +
      `${(bytes / 1e9).toFixed(2)} GB, ${ledger.violations.length} violations, ` +
      `${(cpu / elapsed).toFixed(2)} cores, pace ${pace.toFixed(2)}, ` +
      `${ledger.entries.size} open; MiB: ${rss.join(', ')}`
  );
}

/**
 * Waits for promises, but not for ever.
 *
 * @param {Promise[]} promises What to wait for
 * @returns {Promise<Boolean>} Whether all were fulfilled
 */
async function inTime(promises) {
  let timer;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, ENDING, false);
  });
  const result = await Promise.race([
    Promise.all(promises).then(() => true),
    limit
  ]);
  clearTimeout(timer);
  return result;
}

/** Judges what is left when everything has ended. */
function judge() {
  ledger.sweep(true);
  for (const part of parts) {
    const { descriptors, memory } = part.summary();
    const [before, after] = descriptors;
    if (!part.settled) ledger.blame({ what: `${part.name} did not settle` });
    else if (after > before) {
      ledger.blame({
        what: `${part.name}: ${after} descriptors, ${before} before`,
        open: part.settled.open
      });
    }
    if (!memory.flat) {
      const growth = (memory.growth * 100).toFixed(1);
      ledger.blame({ what: `${part.name} has grown by ${growth} %` });
    }
  }
}

/** Runs the soak. */
async function main() {
  os.setPriority(Math.max(os.getPriority(), +options.nice));
  console.error(`seed ${seed}, ${seconds} s, ${load} cores`);

  const servers = ['port', 'native', 'tls', 'inline', 'https'].map(
    (kind) => new Part(`${kind} server`, 'server-process.js', { kind })
  );
  for (const part of servers) part.tell({ start: true });
  const targets = (await Promise.all(servers.map((part) => part.ready))).flat();

  const clients = ['native', 'inline', 'raw'].map(
    (kind, i) =>
      new Part(`${kind} clients`, 'client-process.js', {
        kind,
        first: (i + 1) * 1e8,
        lanes: +options.lanes
      })
  );
  clients.push(new Part('workers', 'worker-process.js', { first: 9e8 }));
  for (const part of clients) part.tell({ start: targets });
  await Promise.all(clients.map((part) => part.ready));

  begun = Date.now();
  used = parts.reduce((sum, part) => sum + part.cpu, 0);
  measured = begun;
  const timers = [setInterval(regulate, 3000), setInterval(printLine, 60000)];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  timers.forEach(clearInterval);

  // The clients first: a server settles when they are gone.
  for (const part of parts) part.tell({ finish: true });
  for (const group of [clients, servers]) {
    for (const part of group) part.tell({ settle: true });
    if (!(await inTime(group.map((part) => part.exited)))) {
      for (const part of group) part.process.kill('SIGKILL');
    }
    await Promise.all(group.map((part) => part.exited));
  }

  trim.remove();
  printLine();
  judge();
  const { violations, counts } = ledger;
  const result = {
    seed,
    seconds,
    node: process.version,
    ...counts,
    parts: parts.map((part) => part.summary()),
    violations: violations.slice(0, 100)
  };
  const text = JSON.stringify(result, null, 2);
  console.log(text);
  if (options.json) fs.writeFileSync(options.json, `${text}\n`);
  if (violations.length) {
    console.error(
      `${violations.length} violations; repeat with --seed ${seed}`
    );
    process.exitCode = 1;
  }
}

// No process outlives the runner: they end when its channel is closed.
main();
