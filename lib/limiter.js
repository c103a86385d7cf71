'use strict';

/**
 * Runs jobs in the order in which they are added, only so many at a time.
 */
class Limiter {
  /**
   * @param {Number} [concurrency=Infinity] How many jobs may run at a time; 0
   *     stands for any number
   */
  constructor(concurrency) {
    this.concurrency = concurrency || Infinity;

    /** The jobs that wait, first the next one. */
    this.jobs = [];

    /** How many jobs are running. */
    this.pending = 0;
  }

  /**
   * Adds a job. It is started at once if it may run, else when others are done.
   *
   * @param {Function} job Gets a function that it must call when it is done
   */
  add(job) {
    if (this.pending < this.concurrency) this.start(job);
    else this.jobs.push(job);
  }

  /**
   * Starts a job.
   *
   * @param {Function} job The job
   */
  start(job) {
    this.pending++;

    job(() => {
      this.pending--;
      if (this.jobs.length > 0) this.start(this.jobs.shift());
    });
  }
}

module.exports = Limiter;
