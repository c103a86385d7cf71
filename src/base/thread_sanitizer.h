#pragma once

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace beastws {

// JavaScript's atomic operations on shared memory order what two threads do
// with it, but ThreadSanitizer does not see them. What native code did before
// such a store, and what it does after such a load, is told by these.
inline void BeforeAtomicsOfJavaScript([[maybe_unused]] void* memory) {
#ifdef __SANITIZE_THREAD__
  __tsan_release(memory);
#endif
}

inline void AfterAtomicsOfJavaScript([[maybe_unused]] void* memory) {
#ifdef __SANITIZE_THREAD__
  __tsan_acquire(memory);
#endif
}

}  // namespace beastws
