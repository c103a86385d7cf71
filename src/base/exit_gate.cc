#include "base/exit_gate.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace beastws {

namespace {

constexpr int kMaxWaits = 10000;

std::atomic<int> inside{0};
std::atomic<bool> closed{false};

// Handlers run in reverse order: before those of libraries that were there
// first. Who is inside comes out within a turn.
void Close() {
  closed = true;
  for (int i = 0; i < kMaxWaits && inside > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
}

}  // namespace

ExitGate::ExitGate() {
  static const int registered = std::atexit(Close);
  static_cast<void>(registered);
  ++inside;
  open_ = !closed;
  if (!open_) --inside;
}

ExitGate::~ExitGate() {
  if (open_) --inside;
}

}  // namespace beastws
