#pragma once

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/event_list.h"
#include "support/frames.h"

// What the tests of the I/O thread share.

namespace beastws::test {

inline const Peer kPeer(Role::kServer);

inline void Expect(const GotList& got, const GotList& expected) {
  BOOST_TEST(got == expected, boost::test_tools::per_element());
}

inline Got Event(EventKind kind, uint32_t a = 0) {
  return {.kind = kind, .a = a};
}

inline std::string TextFrame(std::string_view payload) {
  return MakeFrame({.opcode = 1, .payload = std::string(payload)});
}

// Waits for something that no event tells.
inline void WaitUntil(const std::function<bool()>& condition) {
  for (int i = 0; !condition(); ++i) {
    if (i > 20000) throw std::runtime_error("it did not happen");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

// Processor time of the whole program in milliseconds, while we wait.
inline double BusyTime(int milliseconds) {
  const std::clock_t start = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  return 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

}  // namespace beastws::test
