#pragma once

#include <chrono>
#include <thread>

namespace beastws {

// Decides whether looking again and again is better than sleeping. To sleep and
// be woken takes longer than a small message takes otherwise. So where the last
// events have all come within some microseconds, the next one is waited for
// awake, if there is a processor to spare.
class BusyPoll {
 public:
  using Clock = std::chrono::steady_clock;

  // How long one may look: twice a round trip on this machine.
  static constexpr std::chrono::microseconds kLimit{50};

  bool IsWorthwhile() const { return spare_ && short_waits_ >= kEnough; }

  // Says how long an event was waited for.
  void Waited(Clock::duration time) {
    if (time > kLimit) {
      short_waits_ = 0;
    } else if (short_waits_ < kEnough) {
      ++short_waits_;
    }
  }

 private:
  static constexpr int kEnough = 4;

  const bool spare_ = std::thread::hardware_concurrency() > 1;
  int short_waits_ = 0;
};

}  // namespace beastws
