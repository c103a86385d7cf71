#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace beastws {

// How batches reach JavaScript: how many, and how long they were ready before
// they were taken.
struct DeliveryStats {
  // The upper bounds of the buckets in nanoseconds; the last one has none.
  static constexpr std::array<int64_t, 9> kBounds = {
      100'000,    300'000,     1'000'000,   3'000'000,    10'000'000,
      30'000'000, 100'000'000, 300'000'000, 1'000'000'000};

  void Add(size_t batch_events, std::chrono::nanoseconds lag) {
    ++batches;
    events += batch_events;
    last = lag.count();
    max = std::max(max, last);
    sum += last;
    const auto* bound = std::lower_bound(kBounds.begin(), kBounds.end(), last);
    ++buckets[static_cast<size_t>(bound - kBounds.begin())];
  }

  uint64_t batches = 0;
  uint64_t events = 0;
  int64_t last = 0;  // nanoseconds, these three
  int64_t max = 0;
  int64_t sum = 0;
  std::array<uint64_t, kBounds.size() + 1> buckets = {};
};

}  // namespace beastws
