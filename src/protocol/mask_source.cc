#include "protocol/mask_source.h"

#if defined(__unix__) || defined(__APPLE__)
#include <sys/random.h>
#include <unistd.h>
#endif

#include <cstring>
#include <random>

namespace beastws {

namespace {

// A tenth of what std::random_device takes, which asks for each word.
bool FillFromSystem(void* bytes, size_t size) {
#if defined(__unix__) || defined(__APPLE__)
  return getentropy(bytes, size) == 0;
#else
  static_cast<void>(bytes);
  static_cast<void>(size);
  return false;
#endif
}

}  // namespace

void MaskSource::Next(uint8_t mask[4]) {
  if (next_ == kWords) {
    if (!FillFromSystem(words_, sizeof(words_))) {
      std::random_device device;
      for (uint32_t& word : words_) word = device();
    }
    next_ = 0;
  }
  std::memcpy(mask, &words_[next_++], 4);
}

}  // namespace beastws
