#pragma once

#include <cstdint>
#include <vector>

#include "scenario.h"

namespace load {

/**
 * A fixed number of messages a second, whatever comes back (open loop), one
 * connection after the other. Latency counts from when a message was due.
 *
 * A connection with `kMaxInFlight` messages unanswered sends no more; what it
 * should have sent is counted as missed.
 */
class RateScenario : public Scenario {
 public:
  explicit RateScenario(const Materials& materials);
  void OnMessage(Connection& connection, uint64_t now_ns) override;

 private:
  static constexpr uint32_t kMaxInFlight = 64;

  struct InFlight {
    uint64_t due[kMaxInFlight];
    uint32_t oldest = 0;
    uint32_t count = 0;
  };

  void Start() override;
  void AfterTurn() override;

  Ticker ticker_;
  std::vector<InFlight> in_flight_;
  uint64_t began_ns_ = 0;
  uint64_t sent_ = 0;
};

}  // namespace load
