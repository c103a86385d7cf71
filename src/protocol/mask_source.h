#pragma once

#include <cstddef>
#include <cstdint>

namespace beastws {

// Unpredictable masking keys (RFC 6455, section 10.3), drawn from the system
// a few at a time.
class MaskSource {
 public:
  void Next(uint8_t mask[4]);

 private:
  static constexpr size_t kWords = 64;  // the 256 bytes of a getentropy(3)
  uint32_t words_[kWords] = {};
  size_t next_ = kWords;
};

}  // namespace beastws
