#pragma once

#include <chrono>
#include <new>
#include <thread>

namespace beastws {

// Does what needs a little memory and cannot be left undone. Where there is
// none, other threads may give some back: it is tried again for a second before
// std::bad_alloc leaves this function.
template <class Work>
auto Patiently(Work work) {
  constexpr int kAttempts = 1000;
  for (int left = kAttempts;; --left) {
    try {
      return work();
    } catch (const std::bad_alloc&) {
      if (left == 0) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

}  // namespace beastws
