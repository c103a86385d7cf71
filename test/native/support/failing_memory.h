#pragma once

#include <cstddef>

namespace beastws::test {

// Makes one allocation of this thread fail: the one after `successes` more.
// Covers operator new, and on Linux what ByteBuffer asks of realloc(3).
class FailingMemory {
 public:
  explicit FailingMemory(size_t successes);
  ~FailingMemory();
  FailingMemory(const FailingMemory&) = delete;
  FailingMemory& operator=(const FailingMemory&) = delete;

  // Whether it has come to that.
  bool failed() const;
};

}  // namespace beastws::test
