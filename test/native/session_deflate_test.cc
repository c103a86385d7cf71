#include <boost/test/unit_test.hpp>

#include "support/endpoint.h"
#include "support/zlib_peer.h"

// permessage-deflate between two sessions, and between a session and zlib.

namespace beastws::test {
namespace {

using SeenList = std::vector<Seen>;

Role OtherRole(Role role) {
  return role == Role::kServer ? Role::kClient : Role::kServer;
}

struct Pair {
  Pair(Role role, const DeflateParams& params)
      : from(DeflateOptions(role, params)),
        to(DeflateOptions(OtherRole(role), params)) {}

  // Sends a message and returns what it took on the wire.
  size_t Send(std::string_view payload, size_t step = SIZE_MAX) {
    from.SendBinary(payload, true);
    const std::string bytes = from.TakeSent();
    to.ReceiveBy(bytes, std::min(step, bytes.size()));
    return bytes.size();
  }

  Endpoint from, to;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(session_deflate)

BOOST_AUTO_TEST_CASE(every_window_and_takeover) {
  // Repeats itself at a distance that only large windows reach.
  const std::string block = Pattern(3000);
  const std::string payload = block + Prose(500) + block + block;
  for (const Role role : kRoles) {
    for (int bits = 8; bits <= 15; ++bits) {
      for (const bool takeover : {false, true}) {
        DeflateParams params;
        // The other direction is different.
        params.server_max_window_bits =
            role == Role::kServer ? bits : 23 - bits;
        params.client_max_window_bits =
            role == Role::kClient ? bits : 23 - bits;
        params.server_no_context_takeover =
            role == Role::kServer ? !takeover : takeover;
        params.client_no_context_takeover =
            role == Role::kClient ? !takeover : takeover;
        Pair pair(role, params);
        SeenList expected;
        std::vector<size_t> sizes;
        for (int i = 0; i < 3; ++i) {
          sizes.push_back(pair.Send(payload, 100));
          expected.push_back(Binary(payload));
        }
        BOOST_TEST_CONTEXT(NameOf(role)
                           << " bits " << bits << " takeover " << takeover) {
          BOOST_TEST(pair.to.seen() == expected,
                     boost::test_tools::per_element());
          // A masked frame has a header of 4 bytes more, but the same size.
          if (takeover && bits >= 14) {
            BOOST_TEST(sizes[1] < sizes[0] / 10);
          }
          if (!takeover) BOOST_TEST(sizes[1] == sizes[0]);
          if (bits == 15) BOOST_TEST(sizes[0] < 3000 + 1000u);
          if (bits == 9) BOOST_TEST(sizes[0] > 9000u);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(levels_and_memory) {
  for (const int level : {0, 1, 6, 9}) {
    for (const int memory : {1, 8, 9}) {
      DeflateParams params;
      params.level = level;
      params.memory_level = memory;
      Pair pair(Role::kServer, params);
      const std::string payload = Prose(50000);
      const size_t size = pair.Send(payload);
      BOOST_TEST(pair.to.seen() == SeenList{Binary(payload)},
                 boost::test_tools::per_element());
      if (level == 0) {
        BOOST_TEST(size > payload.size());
      } else {
        BOOST_TEST(size < payload.size() / 3);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(memory_follows_the_messages) {
  const auto window = [](size_t message, int max, int memory_level) {
    return Deflater::SizeFor(message, max, memory_level).window_bits;
  };
  BOOST_TEST(window(8192, 15, 0) == 13);
  BOOST_TEST(window(8193, 15, 0) == 15);
  BOOST_TEST(window(100, 10, 0) == 10);
  BOOST_TEST(window(9000, 10, 0) == 10);
  BOOST_TEST(window(100, 15, 8) == 15);

  // The fragments of a message, too.
  const std::string far = Pattern(10000);
  for (const Role role : kRoles) {
    DeflateParams params;
    params.memory_level = 0;
    Pair pair(role, params);
    SeenList expected;
    const auto send = [&](const std::string& payload) {
      expected.push_back(Binary(payload));
      return pair.Send(payload, 1000);
    };
    BOOST_TEST(send(far.substr(0, 4000)) > 3000u);
    BOOST_TEST(send(far.substr(0, 4000)) < 200u);
    // What the small one knew is lost, and the large one knows more.
    BOOST_TEST(send(far) > 8000u);
    BOOST_TEST(send(far) < 400u);
    // There is no way back.
    BOOST_TEST(send(far.substr(0, 4000)) < 200u);
    BOOST_TEST(send(Prose(3000) + Prose(20000)) < 12000u);
    BOOST_TEST(pair.to.seen() == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_larger_fragment_needs_more_memory) {
  DeflateParams params;
  params.memory_level = 0;
  Pair pair(Role::kServer, params);
  const std::string small = Prose(2000), large = Prose(60000);
  const auto send = [&](Opcode opcode, bool fin, const std::string& payload) {
    pair.from.Send({.opcode = opcode, .fin = fin, .compress = true}, payload);
  };
  send(Opcode::kText, false, small);
  send(Opcode::kContinuation, false, large);
  send(Opcode::kContinuation, true, small);
  pair.to.Receive(pair.from.TakeSent());
  BOOST_TEST(pair.to.seen() == SeenList{Fragmented(Text(small + large + small),
                                                   {2000, 60000, 2000})},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(some_messages_are_not_compressed) {
  for (const Role role : kRoles) {
    Pair pair(role, {});
    SeenList expected;
    for (uint32_t i = 0; i < 20; ++i) {
      const std::string text = Prose(i * 50, i);
      pair.from.SendText(text, i % 2 == 0);
      const std::string bytes = pair.from.TakeSent();
      BOOST_TEST((ReadFrames(bytes).at(0).rsv == 4) == (i % 2 == 0));
      pair.to.Receive(bytes);
      expected.push_back(Text(text));
    }
    BOOST_TEST(pair.to.seen() == expected, boost::test_tools::per_element());
  }
}

// Only the first frame of a message says that it is compressed.
BOOST_AUTO_TEST_CASE(fragments) {
  for (const Role role : kRoles) {
    Pair pair(role, {});
    pair.from.Send({.opcode = Opcode::kText, .fin = false, .compress = true},
                   "one ");
    pair.from.SendControl(Opcode::kPing, "between");
    // What the later ones say does not count.
    pair.from.Send({.opcode = Opcode::kContinuation, .fin = false}, "");
    pair.from.Send(
        {.opcode = Opcode::kContinuation, .fin = false, .compress = true},
        "two ");
    pair.from.Send({.opcode = Opcode::kContinuation}, "three");
    const std::string bytes = pair.from.TakeSent();
    const auto frames = ReadFrames(bytes);
    BOOST_TEST_REQUIRE(frames.size() == 5u);
    const int rsvs[] = {4, 0, 0, 0, 0};
    for (size_t i = 0; i < 5; ++i) BOOST_TEST(frames[i].rsv == rsvs[i]);
    pair.to.ReceiveBy(bytes, 1);
    BOOST_TEST(pair.to.seen() ==
                   (SeenList{Ping("between"),
                             Fragmented(Text("one two three"), {4, 4, 5})}),
               boost::test_tools::per_element());
  }
}

// What is not negotiated is not done.
BOOST_AUTO_TEST_CASE(without_the_extension) {
  for (const Role role : kRoles) {
    Endpoint from(role);
    from.SendText(Prose(5000), true);
    const auto frames = from.TakeFrames();
    BOOST_TEST(frames.at(0).rsv == 0);
    BOOST_TEST(frames.at(0).payload == Prose(5000));
  }
}

// After a failure of the reading side the writing side keeps its window.
BOOST_AUTO_TEST_CASE(sends_on_after_bad_data) {
  const std::string payload = Pattern(3000);
  Pair pair(Role::kServer, {});
  pair.Send(payload);
  pair.from.Receive(pair.from.peer.Compressed(2, "\xff\xff"));
  BOOST_TEST(
      pair.from.seen() ==
          SeenList{Failed(ProtocolErrorKind::kInflate,
                          static_cast<uint32_t>(InflateFault::kBlockType))},
      boost::test_tools::per_element());
  BOOST_TEST(pair.Send(payload) < 300u);
  BOOST_TEST(pair.to.seen().size() == 2u);
  BOOST_TEST((pair.to.seen()[1].data == payload));
}

BOOST_AUTO_TEST_CASE(bombs) {
  Endpoint sender(DeflateOptions(Role::kClient));
  sender.SendBinary(std::string(20 << 20, '\0'), true);
  const std::string bytes = sender.TakeSent();
  BOOST_TEST(bytes.size() < 30000u);
  for (const size_t step : {size_t{1}, size_t{1000}, bytes.size()}) {
    Endpoint end({.role = Role::kServer,
                  .deflate = DeflateParams{},
                  .limits = {.max_payload = 1 << 20}});
    end.ReceiveBy(bytes, step);
    BOOST_TEST(
        end.seen() == SeenList{Failed(ProtocolErrorKind::kMessageTooBig)},
        boost::test_tools::per_element());
  }
}

// Fragments of a bomb count together.
BOOST_AUTO_TEST_CASE(bombs_in_fragments) {
  Endpoint sender(DeflateOptions(Role::kClient));
  for (int i = 0; i < 50; ++i) {
    sender.Send({.opcode = i == 0 ? Opcode::kBinary : Opcode::kContinuation,
                 .fin = false,
                 .compress = true},
                std::string(30000, '\0'));
  }
  Endpoint end({.role = Role::kServer,
                .deflate = DeflateParams{},
                .limits = {.max_payload = 1 << 20}});
  end.Receive(sender.TakeSent());
  BOOST_TEST(end.seen() == SeenList{Failed(ProtocolErrorKind::kMessageTooBig)},
             boost::test_tools::per_element());
}

// A frame cut off inside of the deflate stream: what is there is the message.
BOOST_AUTO_TEST_CASE(data_that_end_early) {
  const Peer peer(Role::kServer);
  Endpoint end(DeflateOptions(Role::kServer));
  end.Receive(peer.Compressed(2, Hex("f2 48 cd c9 c9 07")));
  BOOST_TEST_REQUIRE(end.seen().size() == 1u);
  BOOST_TEST(end.seen()[0].data.substr(0, 5) == "Hello");
}

#ifndef BEASTWS_NO_ZLIB

BOOST_AUTO_TEST_CASE(talks_with_zlib) {
  for (const Role role : kRoles) {
    for (const int bits : {9, 12, 15}) {
      DeflateParams params;
      params.server_max_window_bits = params.client_max_window_bits = bits;
      Endpoint end(DeflateOptions(role, params));
      ZlibDeflater deflater(bits);
      ZlibInflater inflater(bits);
      SeenList expected;
      for (uint32_t i = 0; i < 30; ++i) {
        const std::string text = Prose(i * i * 10, i);
        end.ReceiveBy(end.peer.Compressed(1, deflater.Message(text)), 50);
        expected.push_back(Text(text));
        end.SendText(text, true);
        BOOST_TEST((inflater.Message(end.TakeFrames().at(0).payload) == text));
      }
      BOOST_TEST(end.seen() == expected, boost::test_tools::per_element());
    }
  }
}

#endif  // BEASTWS_NO_ZLIB

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
