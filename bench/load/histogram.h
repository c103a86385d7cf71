#pragma once

#include <cstdint>
#include <vector>

namespace load {

/**
 * Counts durations in buckets that are 1/512 of their value wide, so that a
 * quantile is exact to 0.2 % without keeping every sample.
 */
class Histogram {
 public:
  Histogram();

  void Add(uint64_t ns) {
    ++buckets_[Index(ns)];
    ++count_;
  }
  void Clear();

  /** The duration in nanoseconds that `share` (0 to 1) of the samples do not
   * exceed. */
  double Quantile(double share) const;
  uint64_t count() const { return count_; }

 private:
  static constexpr int kBits = 9;
  static constexpr uint64_t kHalf = 1ull << kBits;

  static uint64_t Index(uint64_t ns) {
    if (ns < 2 * kHalf) return ns;
    if (ns > kMax) ns = kMax;
    const int shift = 63 - __builtin_clzll(ns) - kBits;
    return static_cast<uint64_t>(shift) * kHalf + (ns >> shift);
  }
  static double Middle(uint64_t index);

  static constexpr uint64_t kMax = (1ull << 42) - 1;

  std::vector<uint64_t> buckets_;
  uint64_t count_ = 0;
};

}  // namespace load
