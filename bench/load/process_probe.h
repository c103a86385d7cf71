#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstdint>

namespace load {

/** What a process has used up to now. */
struct Usage {
  uint64_t at_ns = 0;           // monotonic time of this reading
  uint64_t cpu_ns = 0;          // all threads, user and system
  uint64_t main_thread_ns = 0;  // the thread that runs JavaScript
  uint64_t user_ticks = 0;      // /proc/<pid>/stat, utime
  uint64_t system_ticks = 0;    // /proc/<pid>/stat, stime
};

/**
 * Reads another process's consumption from outside it.
 *
 * The sum comes from the process's CPU clock, the same number as utime + stime
 * of /proc/<pid>/stat but in nanoseconds instead of ticks of 10 ms.
 */
class ProcessProbe {
 public:
  /** `pid` 0 means: this process. */
  explicit ProcessProbe(pid_t pid);

  Usage Read() const;
  /** The largest resident set so far, in bytes; 0 if unknown. */
  uint64_t PeakRss() const;

 private:
  pid_t pid_;
  clockid_t clock_ = CLOCK_PROCESS_CPUTIME_ID;
};

}  // namespace load
