#include "protocol/mask_source.h"

#include <cstring>
#include <random>

namespace beastws {

void MaskSource::Next(uint8_t mask[4]) {
  if (next_ == kWords) {
    std::random_device device;
    for (uint32_t& word : words_) word = device();
    next_ = 0;
  }
  std::memcpy(mask, &words_[next_++], 4);
}

}  // namespace beastws
