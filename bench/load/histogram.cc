#include "histogram.h"

#include <algorithm>

namespace load {

Histogram::Histogram() : buckets_(Index(kMax) + 1) {}

void Histogram::Clear() {
  std::fill(buckets_.begin(), buckets_.end(), 0);
  count_ = 0;
}

double Histogram::Middle(uint64_t index) {
  if (index < 2 * kHalf) return static_cast<double>(index);
  const uint64_t shift = index / kHalf - 1;
  const uint64_t low = (index - shift * kHalf) << shift;
  return static_cast<double>(low) +
         static_cast<double>((1ull << shift) - 1) / 2;
}

double Histogram::Quantile(double share) const {
  if (count_ == 0) return 0;
  const uint64_t rank =
      std::min(count_ - 1, static_cast<uint64_t>(share * count_));
  uint64_t seen = 0;
  for (uint64_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen > rank) return Middle(i);
  }
  return Middle(buckets_.size() - 1);
}

}  // namespace load
