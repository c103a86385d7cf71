#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connection.h"
#include "histogram.h"
#include "loop.h"
#include "options.h"
#include "process_probe.h"

namespace load {

/** The bytes a run needs, whatever it does with them. */
struct Materials {
  const Options* options;
  ConnectionSetup setup;
};

/**
 * A run: open all connections, work for the warm-up, then count for the
 * measured time. Each kind of load is a subclass.
 *
 * The runner follows it by lines on standard output: "open", "begin", "end"
 * (with the numbers) or "error". After "end" the connections stay open until
 * the runner answers or 3 s have passed, so that closing them is not measured.
 */
class Scenario : public Connection::Listener {
 public:
  explicit Scenario(const Materials& materials);
  virtual ~Scenario() = default;

  /** The process's exit code. */
  int Run();

  void OnOpen(Connection& connection) override;
  void OnFailure(Connection& connection, const std::string& why) override;

 protected:
  /** All connections are open. */
  virtual void Start() = 0;
  /** After every turn of the loop. */
  virtual void AfterTurn() {}
  /** The part of Run() between opening and the end. */
  virtual void Work();
  /** Whether Run() opens the connections before Start(). */
  virtual bool opens_first() const { return true; }

  void Count(uint64_t latency_ns) {
    ++progress_;
    if (!measuring_) return;
    ++messages_;
    latencies_.Add(latency_ns);
  }
  void CountWithoutLatency() {
    ++progress_;
    if (measuring_) ++messages_;
  }
  /** Turns the loop until `until_ns`, `done()` or a failure. */
  void RunUntil(uint64_t until_ns, const std::function<bool()>& done);
  void Fail(const std::string& why);
  bool failed() const { return !error_.empty(); }
  void PrintOpen() const;
  /** Waits for a line of the runner; empty at the end of its stream or after
   * `timeout_ms`. */
  std::string WaitForRunner(int timeout_ms);

  const Options& options_;
  Loop loop_;
  std::vector<std::unique_ptr<Connection>> connections_;
  uint64_t progress_ = 0;  // messages since the start, measured or not
  uint64_t missed_ = 0;  // mode "rate": messages that could not be sent in time

 private:
  void OpenAll();
  void OpenNext();
  uint64_t PayloadBytes() const;
  void Measure();
  void PrintEnd(const Usage& before, const Usage& after,
                const Usage& own_before, const Usage& own_after,
                uint64_t bytes) const;

  const ConnectionSetup setup_;
  ProcessProbe probe_;
  ProcessProbe own_probe_{0};
  Histogram latencies_;
  uint64_t messages_ = 0;
  bool measuring_ = false;
  uint32_t opening_ = 0;  // the next to open
  uint32_t open_ = 0;
  uint64_t open_took_ns_ = 0;
  std::string error_;
};

/** The scenario of `options.mode`; throws std::invalid_argument for an unknown
 * one. */
std::unique_ptr<Scenario> MakeScenario(const Materials& materials);

}  // namespace load
