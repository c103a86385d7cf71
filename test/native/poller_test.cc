#include "engine/poller.h"

#include <boost/test/unit_test.hpp>

#include "support/socket_pair.h"
#include "transport/socket.h"

namespace beastws::test {

namespace {

// What is said of `owner` now; 0: nothing.
uint32_t Heard(Poller* poller, const void* owner) {
  Poller::Ready ready[8];
  const size_t count = poller->Wait(0, ready, 8);
  uint32_t what = 0;
  for (size_t i = 0; i < count; ++i) {
    if (ready[i].owner == owner) what |= ready[i].what;
  }
  return what;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(poller)

BOOST_AUTO_TEST_CASE(tells_of_edges) {
  Poller poller;
  SocketPair sockets;
  Socket socket(sockets.Take());
  int owner = 0;
  BOOST_TEST(poller.Add(socket.descriptor(), &owner) == 0);
  BOOST_TEST(Heard(&poller, &owner) == Poller::kWritable);
  BOOST_TEST(Heard(&poller, &owner) == 0u);
  sockets.Write("x");
  BOOST_TEST((Heard(&poller, &owner) & Poller::kReadable));
  BOOST_TEST(Heard(&poller, &owner) == 0u);
  sockets.Shutdown();
  BOOST_TEST((Heard(&poller, &owner) & Poller::kPeerClosed));
  BOOST_TEST(poller.Add(-1, &owner) == -EBADF);
  poller.Forget(-1);
}

BOOST_AUTO_TEST_CASE(tells_a_new_owner) {
  Poller poller;
  SocketPair sockets;
  Socket socket(sockets.Take());
  int first = 0;
  int second = 0;
  BOOST_TEST(poller.Add(socket.descriptor(), &first) == 0);
  BOOST_TEST(Heard(&poller, &first) == Poller::kWritable);
  poller.Move(socket.descriptor(), &second);
  sockets.Write("x");
  BOOST_TEST((Heard(&poller, &second) & Poller::kReadable));
  sockets.Write("y");
  BOOST_TEST(Heard(&poller, &first) == 0u);
}

BOOST_AUTO_TEST_CASE(tells_nobody_of_what_was_removed) {
  Poller poller;
  SocketPair sockets;
  Socket socket(sockets.Take());
  int owner = 0;
  BOOST_TEST(poller.Add(socket.descriptor(), &owner) == 0);
  poller.Remove(socket.descriptor());
  BOOST_TEST(Heard(&poller, &owner) == 0u);
  BOOST_TEST(poller.Add(socket.descriptor(), &owner) == 0);
  BOOST_TEST(Heard(&poller, &owner) == Poller::kWritable);
}

// As when a process is being started that has not closed it yet.
BOOST_AUTO_TEST_CASE(tells_nobody_of_what_is_open_elsewhere) {
  Poller poller;
  SocketPair old_sockets;
  SocketPair sockets;
  int old_owner = 0;
  int owner = 0;
  const int descriptor = old_sockets.Take();
  Socket elsewhere(dup(descriptor));
  BOOST_TEST(poller.Add(descriptor, &old_owner) == 0);
  BOOST_TEST((Heard(&poller, &old_owner) == Poller::kWritable));
  poller.Forget(descriptor);
  close(descriptor);
  // The same number again.
  const int other = sockets.Take();
  Socket socket(dup2(other, descriptor));
  close(other);
  BOOST_TEST(poller.Add(descriptor, &owner) == 0);
  BOOST_TEST(Heard(&poller, &owner) == Poller::kWritable);
  old_sockets.Write("x");
  BOOST_TEST(Heard(&poller, &old_owner) == 0u);
  old_sockets.Write("y");
  BOOST_TEST(Heard(&poller, &owner) == 0u);
  sockets.Write("z");
  BOOST_TEST((Heard(&poller, &owner) & Poller::kReadable));
}

BOOST_AUTO_TEST_CASE(is_woken) {
  Poller poller;
  Poller::Ready ready[2];
  poller.Wake();
  BOOST_TEST_REQUIRE(poller.Wait(-1, ready, 2) == 1u);
  BOOST_TEST(ready[0].owner == nullptr);
  BOOST_TEST(poller.Wait(0, ready, 2) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
