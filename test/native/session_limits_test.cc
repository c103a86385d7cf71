#include <boost/test/unit_test.hpp>

#include "support/endpoint.h"

namespace beastws::test {
namespace {

using Kind = ProtocolErrorKind;
using SeenList = std::vector<Seen>;

SeenList Read(const ReceiveLimits& limits, const std::string& bytes,
              size_t step) {
  Endpoint end({.role = Role::kServer, .limits = limits});
  end.ReceiveBy(bytes, step);
  BOOST_TEST(end.recorder.violation == "");
  return end.seen();
}

const Peer kPeer(Role::kServer);

}  // namespace

BOOST_AUTO_TEST_SUITE(session_limits)

BOOST_AUTO_TEST_CASE(max_payload_of_a_frame) {
  const ReceiveLimits limits{.max_payload = 300};
  const std::string fits = Pattern(300);
  for (const size_t step : {1, 7, 1000}) {
    BOOST_TEST(Read(limits, kPeer.Binary(fits), step) == SeenList{Binary(fits)},
               boost::test_tools::per_element());
    BOOST_TEST(Read(limits, kPeer.Binary(fits + "x"), step) ==
                   SeenList{Failed(Kind::kMessageTooBig)},
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(max_payload_is_known_at_the_header) {
  // Nothing of the payload has come, not even the mask.
  BOOST_TEST(Read({.max_payload = 1 << 20}, Hex("82 ff 00000000ffffffff"),
                  1000) == SeenList{Failed(Kind::kMessageTooBig)},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(max_payload_of_a_message) {
  const ReceiveLimits limits{.max_payload = 10};
  const std::string bytes = kPeer.Binary("12345", false) + kPeer.Ping("p") +
                            kPeer.More("67890", false);
  for (const size_t step : {1, 1000}) {
    BOOST_TEST(
        Read(limits, bytes + kPeer.More("", true), step) ==
            (SeenList{Ping("p"), Fragmented(Binary("1234567890"), {5, 5})}),
        boost::test_tools::per_element());
    BOOST_TEST(Read(limits, bytes + kPeer.More("x", true), step) ==
                   (SeenList{Ping("p"), Failed(Kind::kMessageTooBig)}),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(max_payload_after_inflating) {
  Endpoint sender(DeflateOptions(Role::kClient));
  sender.SendBinary(std::string(5000, 'z'), true);
  const std::string bytes = sender.TakeSent();
  BOOST_TEST_REQUIRE(bytes.size() < 100u);
  for (const size_t step : {1, 5, 1000}) {
    Endpoint exact({.role = Role::kServer,
                    .deflate = DeflateParams{},
                    .limits = {.max_payload = 5000}});
    exact.ReceiveBy(bytes, step);
    BOOST_TEST(exact.seen() == SeenList{Binary(std::string(5000, 'z'))},
               boost::test_tools::per_element());
    Endpoint less({.role = Role::kServer,
                   .deflate = DeflateParams{},
                   .limits = {.max_payload = 4999}});
    less.ReceiveBy(bytes, step);
    BOOST_TEST(less.seen() == SeenList{Failed(Kind::kMessageTooBig)},
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(max_payload_counts_compressed_bytes_too) {
  // Random bytes grow when they are deflated.
  const std::string random = Pattern(1000);
  Endpoint sender(DeflateOptions(Role::kClient));
  sender.SendBinary(random, true);
  Endpoint end({.role = Role::kServer,
                .deflate = DeflateParams{},
                .limits = {.max_payload = 1000}});
  end.Receive(sender.TakeSent());
  BOOST_TEST(end.seen() == SeenList{Failed(Kind::kMessageTooBig)},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(max_fragments) {
  const ReceiveLimits limits{.max_fragments = 3};
  const std::string bytes = kPeer.Text("", false) + kPeer.More("a", false) +
                            kPeer.Ping("") + kPeer.Pong("");
  for (const size_t step : {1, 1000}) {
    BOOST_TEST(Read(limits, bytes + kPeer.More("b", true) + bytes, step) ==
                   (SeenList{Ping(""), Pong(""), Fragmented(Text("ab"), {1, 1}),
                             Ping(""), Pong("")}),
               boost::test_tools::per_element());
    BOOST_TEST(
        Read(limits, bytes + kPeer.More("b", false) + kPeer.More("", true),
             step) ==
            (SeenList{Ping(""), Pong(""), Failed(Kind::kTooManyFragments)}),
        boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(limits_change_under_way) {
  Endpoint end(Role::kServer);
  end.Receive(kPeer.Text("12345", false));
  end.session.set_limits({.max_payload = 6});
  BOOST_TEST(end.session.limits().max_payload == 6u);
  end.Receive(kPeer.More("67", true));
  BOOST_TEST(end.seen() == SeenList{Failed(Kind::kMessageTooBig)},
             boost::test_tools::per_element());
}

// A chunk is one read. Those are counted that hold bytes of the part of a
// frame (its first two bytes, its length, its mask, its payload) for which the
// session waits.
BOOST_AUTO_TEST_CASE(max_chunks) {
  const ReceiveLimits limits{.max_chunks = 3};
  const std::string whole = Hex("82 85") +
                            std::string(kMask.begin(), kMask.end()) +
                            Masked("abcde", kMask);
  const auto read = [&](const std::vector<std::string>& reads) {
    Endpoint end({.role = Role::kServer, .limits = limits});
    for (const std::string& one : reads) end.Receive(one);
    return end.seen();
  };
  const SeenList good = {Binary("abcde")};
  const SeenList bad = {Failed(Kind::kTooManyChunks)};
  const auto part = [&](size_t from, size_t count) {
    return whole.substr(from, count);
  };

  BOOST_TEST(read({whole}) == good, boost::test_tools::per_element());
  // The payload in three reads, the header in one of its own.
  BOOST_TEST(read({part(0, 6), part(6, 1), part(7, 1), part(8, 3)}) == good,
             boost::test_tools::per_element());
  BOOST_TEST(
      read({part(0, 6), part(6, 1), part(7, 1), part(8, 1), part(9, 2)}) == bad,
      boost::test_tools::per_element());
  // The payload's beginning comes together with the header.
  BOOST_TEST(read({part(0, 7), part(7, 1), part(8, 3)}) == good,
             boost::test_tools::per_element());
  BOOST_TEST(read({part(0, 7), part(7, 1), part(8, 1), part(9, 2)}) == bad,
             boost::test_tools::per_element());
  // Byte by byte through the header: the mask takes four reads.
  BOOST_TEST(read({part(0, 1), part(1, 1), part(2, 2), part(4, 1), part(5, 1),
                   part(6, 5)}) == good,
             boost::test_tools::per_element());
  BOOST_TEST(read({part(0, 1), part(1, 1), part(2, 1), part(3, 1), part(4, 1),
                   part(5, 1), part(6, 5)}) == bad,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(max_chunks_of_a_long_length) {
  const auto read = [&](uint32_t max, const std::string& bytes) {
    Endpoint end({.role = Role::kServer, .limits = {.max_chunks = max}});
    end.ReceiveBy(bytes, 1);
    return end.seen();
  };
  // Eight reads of one byte each for the length, then the payload.
  const std::string frame =
      MakeFrame({.payload = "abc", .mask = kMask, .length_bytes = 8});
  BOOST_TEST(read(8, frame) == SeenList{Binary("abc")},
             boost::test_tools::per_element());
  BOOST_TEST(read(7, frame) == SeenList{Failed(Kind::kTooManyChunks)},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(max_chunks_of_control_frames_and_many_messages) {
  const auto read = [&](uint32_t max, const std::string& bytes, size_t step) {
    Endpoint end({.role = Role::kServer, .limits = {.max_chunks = max}});
    end.ReceiveBy(bytes, step);
    return end.seen();
  };
  std::string many;
  for (int i = 0; i < 50; ++i) {
    many += kPeer.Text("ab") + kPeer.Ping("cd") + kPeer.Text("") +
            kPeer.Binary("", false) + kPeer.More("efg", true);
  }
  BOOST_TEST(read(4, many, 1).size() == 200u);
  BOOST_TEST(read(1, many, many.size()).size() == 200u);
  const std::string ping = kPeer.Ping("123456");
  BOOST_TEST(read(6, ping, 1) == SeenList{Ping("123456")},
             boost::test_tools::per_element());
  BOOST_TEST(read(5, ping, 1) == SeenList{Failed(Kind::kTooManyChunks)},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
