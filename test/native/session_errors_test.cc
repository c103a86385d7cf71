#include <boost/test/unit_test.hpp>

#include "support/endpoint.h"

// What a session refuses, and what it does afterwards.

namespace beastws::test {
namespace {

using Kind = ProtocolErrorKind;
using SeenList = std::vector<Seen>;

struct BadInput {
  const char* what;
  std::string bytes;
  SeenList before;  // what is reported before the error
  Kind kind;
  uint32_t detail = 0;
};

std::vector<BadInput> BadInputs(Role role) {
  const Peer peer(role);
  FrameSpec wrong_mask{.opcode = 1, .payload = "mask"};
  if (role == Role::kClient) wrong_mask.mask = kMask;
  return {
      {"RSV2", peer.Frame({.rsv = 2}), {}, Kind::kUnexpectedRsv23},
      {"RSV3", peer.Frame({.rsv = 1}), {}, Kind::kUnexpectedRsv23},
      {"RSV1 without deflate",
       peer.Frame({.rsv = 4}),
       {},
       Kind::kUnexpectedRsv1},
      {"opcode 3", peer.Frame({.opcode = 3}), {}, Kind::kInvalidOpcode, 3},
      {"opcode 15", peer.Frame({.opcode = 15}), {}, Kind::kInvalidOpcode, 15},
      {"continuation of nothing",
       peer.More("x", true),
       {},
       Kind::kInvalidOpcode,
       0},
      {"text in a message",
       peer.Text("a", false) + peer.Text("b"),
       {},
       Kind::kInvalidOpcode,
       1},
      {"binary in a message",
       peer.Binary("a", false) + peer.Binary("b"),
       {},
       Kind::kInvalidOpcode,
       2},
      {"continuation after the end",
       peer.Text("a", false) + peer.More("b", true) + peer.More("c", true),
       {Fragmented(Text("ab"), {1, 1})},
       Kind::kInvalidOpcode,
       0},
      {"fragmented ping",
       peer.Frame({.opcode = 9, .fin = false}),
       {},
       Kind::kExpectedFin},
      {"fragmented close in a message",
       peer.Text("a", false) + peer.Frame({.opcode = 8, .fin = false}),
       {},
       Kind::kExpectedFin},
      {"ping of 126 bytes",
       peer.Frame({.opcode = 9, .payload = std::string(126, 'x')}),
       {},
       Kind::kInvalidControlLength,
       126},
      {"ping with a length of 8 bytes",
       peer.Frame({.opcode = 9, .payload = "x", .length_bytes = 8}),
       {},
       Kind::kInvalidControlLength,
       127},
      {"close of one byte",
       peer.Frame({.opcode = 8, .payload = "x"}),
       {},
       Kind::kInvalidControlLength,
       1},
      {"a mask where none belongs, or none",
       MakeFrame(wrong_mask),
       {},
       role == Role::kServer ? Kind::kExpectedMask : Kind::kUnexpectedMask},
      {"close code 1005", peer.Close(1005), {}, Kind::kInvalidCloseCode, 1005},
      {"close code 0", peer.Close(0), {}, Kind::kInvalidCloseCode, 0},
      {"close reason that is not UTF-8",
       peer.Close(1000, "\xff"),
       {},
       Kind::kInvalidUtf8},
      {"close reason that is cut off",
       peer.Close(1000, "ab\xc3"),
       {},
       Kind::kInvalidUtf8},
      {"text that is not UTF-8", peer.Text("ab\xff"), {}, Kind::kInvalidUtf8},
      {"text that is cut off", peer.Text("ab\xe2\x82"), {}, Kind::kInvalidUtf8},
      {"text cut off in front of an empty frame",
       peer.Text("ab\xe2\x82", false) + peer.More("", true),
       {},
       Kind::kInvalidUtf8},
      {"a length of 2^53",
       peer.Frame({.declared = uint64_t{1} << 53}),
       {},
       Kind::kUnsupportedDataLength},
      {"messages, then nonsense",
       peer.Text("one") + peer.Ping("two") + peer.Frame({.opcode = 7}),
       {Text("one"), Ping("two")},
       Kind::kInvalidOpcode,
       7},
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session_errors)

BOOST_AUTO_TEST_CASE(refused_however_it_arrives) {
  for (const Role role : kRoles) {
    for (const BadInput& bad : BadInputs(role)) {
      SeenList expected = bad.before;
      expected.push_back(Failed(bad.kind, bad.detail));
      for (const size_t step :
           {size_t{1}, size_t{2}, size_t{5}, bad.bytes.size()}) {
        BOOST_TEST_CONTEXT(NameOf(role) << ": " << bad.what << " by " << step) {
          Endpoint end(role);
          end.ReceiveBy(bad.bytes, step);
          BOOST_TEST(end.seen() == expected, boost::test_tools::per_element());
          BOOST_TEST(end.recorder.violation == "");
          BOOST_TEST(end.session.finished());
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(ignores_what_comes_after) {
  for (const Role role : kRoles) {
    for (const BadInput& bad : BadInputs(role)) {
      Endpoint end(role);
      end.Receive(bad.bytes + end.peer.Text("behind"));
      const size_t count = end.seen().size();
      end.Receive(end.peer.Text("later")).ReceiveBy(end.peer.Ping("x"), 1);
      BOOST_TEST_CONTEXT(NameOf(role) << ": " << bad.what) {
        BOOST_TEST(end.seen().size() == count);
        BOOST_TEST(end.session.DirectBuffer(1, 1000).empty());
        BOOST_TEST(end.recorder.violation == "");
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(leaves_other_sessions_alone) {
  // The streams of Beast that read nonsense must not come back.
  for (const Role role : kRoles) {
    for (const BadInput& bad : BadInputs(role)) {
      Endpoint(role).Receive(bad.bytes);
      Endpoint(role).ReceiveBy(bad.bytes, 1);
      Endpoint good(role);
      good.Receive(good.peer.Text("fine") + good.peer.Binary("b", false) +
                   good.peer.More("c", true));
      BOOST_TEST_CONTEXT(NameOf(role) << ": " << bad.what) {
        BOOST_TEST(good.seen() == (SeenList{Text("fine"),
                                            Fragmented(Binary("bc"), {1, 1})}),
                   boost::test_tools::per_element());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(can_still_send_a_close_frame) {
  for (const Role role : kRoles) {
    for (const BadInput& bad : BadInputs(role)) {
      Endpoint end(role);
      end.Receive(bad.bytes);
      end.SendControl(Opcode::kClose, Hex("03 ea"));
      const auto frames = end.TakeFrames();
      BOOST_TEST_REQUIRE(frames.size() == 1u);
      BOOST_TEST(frames[0].opcode == 8);
      BOOST_TEST(frames[0].payload == Hex("03 ea"));
    }
  }
}

// JavaScript may not know yet that reading is over.
BOOST_AUTO_TEST_CASE(a_message_being_sent_goes_on) {
  for (const Role role : kRoles) {
    const Peer peer(role);
    const std::string endings[] = {
        peer.Frame({.opcode = 7}),  // in no message
        peer.Text("half", false) + peer.Frame({.opcode = 7}),
        peer.Text("half", false) + peer.More("\xff", true),
        peer.Text("half", false) + peer.Close(1000),
    };
    for (const std::string& ending : endings) {
      Endpoint end(role);
      end.Send({.opcode = Opcode::kText, .fin = false}, "one ");
      end.Receive(ending);
      BOOST_TEST_REQUIRE(end.session.finished());
      end.Send({.opcode = Opcode::kContinuation, .fin = false}, "two ");
      end.Send({.opcode = Opcode::kContinuation}, "three");
      end.SendBinary("next");
      const auto frames = end.TakeFrames();
      BOOST_TEST_CONTEXT(NameOf(role) << ' ' << ToHex(ending)) {
        BOOST_TEST_REQUIRE(frames.size() == 4u);
        BOOST_TEST(frames[0].opcode == 1);
        BOOST_TEST(frames[1].opcode == 0);
        BOOST_TEST(frames[2].opcode == 0);
        BOOST_TEST(frames[2].fin);
        BOOST_TEST(frames[3].opcode == 2);
      }
      // The stream that was left in the middle of reading is not given on.
      Endpoint other(role);
      other.Receive(other.peer.Text("mine"));
      BOOST_TEST(other.seen() == SeenList{Text("mine")},
                 boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(sessions_that_end_half_way) {
  // Destroyed in every state; a sanitizer looks at what is left.
  for (const Role role : kRoles) {
    const Peer peer(role);
    const std::string bytes = peer.Text(std::string(200, 'x'), false) +
                              peer.Ping("p") + peer.More("y", true);
    for (size_t size = 0; size <= bytes.size(); ++size) {
      Endpoint end(role);
      end.Receive(bytes.substr(0, size));
      end.Send({.opcode = Opcode::kText, .fin = false}, "half");
    }
    Endpoint good(role);
    good.ReceiveBy(bytes, 1);
    BOOST_TEST(good.seen().size() == 2u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
