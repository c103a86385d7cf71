#include "support/failing_memory.h"

#include <cstdlib>
#include <new>

namespace {

thread_local bool armed = false;
thread_local bool has_failed = false;
thread_local size_t successes_left = 0;

bool ShallFail() {
  if (!armed) return false;
  if (successes_left-- > 0) return false;
  armed = false;
  has_failed = true;
  return true;
}

}  // namespace

namespace beastws::test {

FailingMemory::FailingMemory(size_t successes) {
  has_failed = false;
  successes_left = successes;
  armed = true;
}

FailingMemory::~FailingMemory() { armed = false; }

bool FailingMemory::failed() const { return has_failed; }

}  // namespace beastws::test

// Every operator new of the program.
void* operator new(size_t size) {
  if (ShallFail()) throw std::bad_alloc();
  void* memory = std::malloc(size > 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* operator new[](size_t size) { return operator new(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

#ifdef __linux__
// The linker (--wrap=realloc) sends the core's calls here.
extern "C" void* __real_realloc(void* memory, size_t size);

extern "C" void* __wrap_realloc(void* memory, size_t size) {
  return ShallFail() ? nullptr : __real_realloc(memory, size);
}
#endif
