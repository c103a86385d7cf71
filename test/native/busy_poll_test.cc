#include "engine/busy_poll.h"

#include <boost/test/unit_test.hpp>

namespace beastws::test {

using std::chrono::microseconds;

BOOST_AUTO_TEST_SUITE(busy_poll)

BOOST_AUTO_TEST_CASE(needs_several_short_waits_in_a_row) {
  BusyPoll poll;
  const bool spare = std::thread::hardware_concurrency() > 1;
  BOOST_TEST(!poll.IsWorthwhile());
  for (int i = 0; i < 3; ++i) poll.Waited(microseconds(10));
  BOOST_TEST(!poll.IsWorthwhile());
  poll.Waited(BusyPoll::kLimit);
  BOOST_TEST(poll.IsWorthwhile() == spare);
  // One that took long, and it was in vain.
  poll.Waited(BusyPoll::kLimit + microseconds(1));
  BOOST_TEST(!poll.IsWorthwhile());
  for (int i = 0; i < 4; ++i) poll.Waited(microseconds(0));
  BOOST_TEST(poll.IsWorthwhile() == spare);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
