#pragma once

#include <cassert>
#include <thread>

namespace beastws {

// Asserts, in debug builds, that an object stays on the thread that owns it.
// The owner is the thread of the first check.
class ThreadChecker {
 public:
#ifndef NDEBUG
  void Check() const {
    if (owner_ == std::thread::id()) owner_ = std::this_thread::get_id();
    assert(owner_ == std::this_thread::get_id());
  }

 private:
  mutable std::thread::id owner_;
#else
  void Check() const {}
#endif
};

}  // namespace beastws
