'use strict';

const { makePlan } = require('./plan');

/** How long the second end may take to report, in milliseconds. */
const PATIENCE = 60000;

/** How long a connection may take, in milliseconds. */
const STUCK = 600000;

/** How many violations are printed when they happen. */
const PRINTED = 20;

/** Ways in which nothing may get lost. */
const CLEAN = new Set(['close', 'both']);

/** What both ends of every connection say, and whether that fits. */
class Ledger {
  /**
   * @param {Number} seed The seed of the run
   * @param {Function} print Called with the first violations, as text
   */
  constructor(seed, print) {
    this.seed = seed;
    this.print = print;
    this.entries = new Map();
    this.violations = [];
    this.counts = { connections: 0, clean: 0, messages: 0, ways: {} };
  }

  /**
   * The entry of a connection.
   *
   * @param {Number} id Its number
   * @returns {Object} What is known
   */
  entry(id) {
    let entry = this.entries.get(id);
    if (!entry) {
      entry = { begun: Date.now(), since: Infinity, reports: [null, null] };
      this.entries.set(id, entry);
    }
    return entry;
  }

  /**
   * Notes that a connection is made.
   *
   * @param {Object} line `{ start, client, to, cut }`
   */
  start({ start, client, to, cut = false }) {
    Object.assign(this.entry(start), { client, to, cut });
  }

  /**
   * Notes what one end says.
   *
   * @param {Object} report Its report
   */
  report(report) {
    const entry = this.entry(report.id);
    entry.reports[report.side] = report;
    entry.since = Math.min(entry.since, Date.now());
    if (entry.client && entry.reports[0] && entry.reports[1]) {
      this.close(report.id, entry);
    }
  }

  /**
   * Notes something that must not be.
   *
   * @param {Object} violation `{ id, side, what }`
   */
  blame(violation) {
    const { id } = violation;
    const entry = this.entries.get(id);
    const plan = entry?.client && makePlan(this.seed, id, entry.client);
    const whole = { ...violation, plan, to: entry?.to };
    this.violations.push(whole);
    if (this.violations.length <= PRINTED) this.print(JSON.stringify(whole));
  }

  /**
   * Looks for connections whose ends should have been heard of.
   *
   * @param {Boolean} [all] Whether none may be left
   */
  sweep(all = false) {
    const now = Date.now();
    for (const [id, entry] of this.entries) {
      const [client, server] = entry.reports;
      const quiet = now - entry.since > PATIENCE;
      if (client && !server && (quiet || all)) {
        const plan = makePlan(this.seed, id, entry.client);
        if (!entry.cut && plan.way !== 'abort') {
          this.blame({ id, side: 1, what: 'no report of the server' });
        }
        this.close(id, entry);
      } else if (!client && (quiet || all || now - entry.begun > STUCK)) {
        this.blame({ id, side: 0, what: 'no report of the client' });
        this.entries.delete(id);
      }
    }
  }

  /**
   * Judges a connection.
   *
   * @param {Number} id Its number
   * @param {Object} entry What is known
   */
  close(id, entry) {
    const { client: kind, cut, reports } = entry;
    const plan = makePlan(this.seed, id, kind);
    const [client, server] = reports;
    const way = cut ? 'worker' : plan.way;
    const { counts } = this;

    counts.connections++;
    counts.ways[way] = (counts.ways[way] ?? 0) + 1;
    for (const report of reports) counts.messages += report?.received ?? 0;

    if (server) {
      for (const [from, to] of [reports, [server, client]]) {
        if (to.received > from.sent) {
          this.wrong(to, `received ${to.received} of ${from.sent}`);
        }
      }
      if (way === 'fin' && server.received !== client.sent) {
        this.wrong(server, `received ${server.received} of ${client.sent}`);
      }
      if (CLEAN.has(way)) this.checkClean(plan, reports);
    }
    this.entries.delete(id);
  }

  /**
   * Checks a connection that ended with a closing handshake.
   *
   * @param {Object} plan The plan
   * @param {Object[]} reports What both ends say
   */
  checkClean(plan, reports) {
    this.counts.clean++;
    for (const report of reports) {
      const { code, errors, failed, pings, pongs, reason, received, side } =
        report;
      const { sent } = reports[1 - side];

      if (received !== sent)
        this.wrong(report, `received ${received} of ${sent}`);
      if (code !== plan.code || reason !== plan.reason) {
        this.wrong(report, `ended with ${code} ${JSON.stringify(reason)}`);
      }
      if (errors.length) this.wrong(report, `error ${errors}`);
      if (failed) this.wrong(report, `${failed} callbacks with an error`);
      if (plan.way === 'close' && plan.closer === side && pongs !== pings) {
        this.wrong(report, `${pongs} pongs for ${pings} pings`);
      }
    }
  }

  /**
   * Notes what is wrong with an end.
   *
   * @param {Object} report Its report
   * @param {String} what What is wrong
   */
  wrong(report, what) {
    this.blame({ id: report.id, side: report.side, what, report });
  }
}

module.exports = { Ledger };
