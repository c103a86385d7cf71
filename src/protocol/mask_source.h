#pragma once

#include <cstddef>
#include <cstdint>

namespace beastws {

// Unpredictable masking keys (RFC 6455, section 10.3), drawn from the system
// a few hundred at a time.
class MaskSource {
 public:
  void Next(uint8_t mask[4]);

 private:
  static constexpr size_t kWords = 256;
  uint32_t words_[kWords] = {};
  size_t next_ = kWords;
};

}  // namespace beastws
