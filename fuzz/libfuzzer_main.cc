#include "targets/targets.h"

// The entry of libFuzzer's binary for one target, BEASTWS_FUZZ_TARGET.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  beastws::fuzz::BEASTWS_FUZZ_TARGET({data, size});
  return 0;
}
