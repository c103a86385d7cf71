#pragma once

#include <atomic>
#include <cstdint>

namespace beastws {

// A number that one thread counts up and any thread may read.
class Counter {
 public:
  void Add(uint64_t count) {
    value_.store(value_.load(std::memory_order_relaxed) + count,
                 std::memory_order_relaxed);
  }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Messages and the bytes of their payloads, uncompressed, of all connections of
// a thread.
struct Traffic {
  Counter messages_in;
  Counter bytes_in;
  Counter messages_out;
  Counter bytes_out;
  Counter skipped;  // published messages that a slow receiver did not get
};

}  // namespace beastws
