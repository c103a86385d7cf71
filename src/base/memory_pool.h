#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <new>
#include <vector>

#include "base/byte_buffer.h"

namespace beastws {

// Keeps large buffers that one thread fills and another one gives back, so that
// the system need not find, clear and map their pages again for every batch.
// What nobody asked for during a second goes back to the system.
class MemoryPool {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds kPeriod{1};
  // Of all that is kept.
  static constexpr size_t kMaxBytes = 16 * 1024 * 1024;

  // Room for `size` bytes, or as much as there is, or none.
  ByteBuffer Take(size_t size) {
    ByteBuffer result;
    {
      std::lock_guard lock(mutex_);
      // The last one given back may still be in a cache.
      const auto found = std::find_if(
          free_.rbegin(), free_.rend(),
          [size](const ByteBuffer& each) { return each.capacity() >= size; });
      if (found != free_.rend()) {
        result = std::move(*found);
        free_.erase(std::next(found).base());
        Count(-result.capacity());
        return result;
      }
    }
    try {
      result.Reserve(size);
    } catch (const std::bad_alloc&) {
      // It grows, if it can, with what it gets.
    }
    return result;
  }

  void Give(ByteBuffer&& buffer) {
    ByteBuffer mine = std::move(buffer);
    mine.Clear();
    std::lock_guard lock(mutex_);
    if (bytes_ + mine.capacity() > kMaxBytes) return;
    try {
      free_.push_back(std::move(mine));
    } catch (const std::bad_alloc&) {
      return;
    }
    Count(free_.back().capacity());
  }

  bool empty() const { return bytes_ == 0; }

  // To be called now and then.
  void Trim(Clock::time_point now = Clock::now()) {
    std::lock_guard lock(mutex_);
    if (now - trimmed_ < kPeriod) return;
    trimmed_ = now;
    // Buffers are used from the end: these were not needed.
    const auto unused = free_.begin() + static_cast<ptrdiff_t>(least_);
    for (auto each = free_.begin(); each != unused; ++each) {
      bytes_ -= each->capacity();
    }
    free_.erase(free_.begin(), unused);
    least_ = free_.size();
  }

 private:
  void Count(size_t change) {
    bytes_ += change;
    least_ = std::min(least_, free_.size());
  }

  std::mutex mutex_;
  std::vector<ByteBuffer> free_;  // guarded by mutex_
  size_t least_ = 0;              // of them, since Trim(); guarded by mutex_
  Clock::time_point trimmed_;     // guarded by mutex_
  std::atomic<size_t> bytes_{0};  // of free_
};

}  // namespace beastws
