#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/bytes.h"

namespace beastws::fuzz {

// Says what does not hold, and ends the program where a fuzzer sees it.
[[noreturn]] inline void Fail(const char* what) {
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

inline void Require(bool holds, const char* what) {
  if (!holds) Fail(what);
}

// The input of a target, read as numbers and bytes. At its end there are only
// zeros.
class Input {
 public:
  explicit Input(Bytes bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }
  size_t size() const { return bytes_.size(); }

  uint8_t Byte() {
    if (bytes_.empty()) return 0;
    const uint8_t byte = bytes_[0];
    bytes_ = bytes_.subspan(1);
    return byte;
  }
  bool Bit() { return Byte() & 1; }
  uint32_t Word() {
    uint32_t word = Byte();
    word |= static_cast<uint32_t>(Byte()) << 8;
    return word;
  }
  // A number from 0 to `max`.
  uint32_t UpTo(uint32_t max) {
    const uint32_t number = max < 256 ? Byte() : Word();
    return number % (max + 1);
  }
  // Up to `max` bytes of the input.
  Bytes Take(size_t max) {
    const Bytes taken = bytes_.first(std::min(max, bytes_.size()));
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }

 private:
  Bytes bytes_;
};

}  // namespace beastws::fuzz
