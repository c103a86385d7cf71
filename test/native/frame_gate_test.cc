#include "protocol/frame_gate.h"

#include <boost/test/unit_test.hpp>

#include "support/bytes.h"
#include "support/endpoint.h"
#include "support/frames.h"

namespace beastws::test {
namespace {

using Kind = ProtocolErrorKind;

// What the gate makes of the front of some bytes.
struct Verdict {
  size_t size = 0;
  Kind error = Kind::kNone;
  uint32_t detail = 0;
  FrameHeader header;
};

Verdict Parse(FrameGate& gate, std::string_view bytes,
              const ReceiveLimits& limits = {}) {
  Verdict verdict;
  ProtocolError error;
  verdict.size = gate.Parse(AsBytes(bytes), limits, &verdict.header, &error);
  verdict.error = error.kind;
  verdict.detail = error.detail;
  return verdict;
}

// As Parse(), and goes on behind the frame.
Verdict Pass(FrameGate& gate, std::string_view bytes,
             const ReceiveLimits& limits = {}) {
  const Verdict verdict = Parse(gate, bytes, limits);
  if (verdict.size > 0) gate.Accept(verdict.header);
  return verdict;
}

// The first two bytes of a frame for a receiver of this role.
std::string Head(Role role, int first, int length) {
  const int mask = role == Role::kServer ? 128 : 0;
  return {static_cast<char>(first), static_cast<char>(mask + length)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(frame_gate)

BOOST_AUTO_TEST_CASE(reads_every_form_of_length) {
  const struct {
    uint64_t length;
    int bytes;
  } kCases[] = {{0, 0},   {1, 0},     {125, 0},       {126, 2},
                {127, 2}, {65535, 2}, {65536, 8},     {1, 2},
                {1, 8},   {0, 8},     {0x7fffffff, 8}};
  for (const Role role : kRoles) {
    for (const auto& one : kCases) {
      FrameSpec spec{.length_bytes = one.bytes, .declared = one.length};
      if (role == Role::kServer) spec.mask = kMask;
      const std::string frame = MakeFrame(spec);
      BOOST_TEST_CONTEXT(NameOf(role) << ' ' << ToHex(frame)) {
        FrameGate gate(role, false);
        for (size_t cut = 0; cut < frame.size(); ++cut) {
          const Verdict early = Parse(gate, frame.substr(0, cut));
          BOOST_TEST(early.size == 0u);
          BOOST_TEST((early.error == Kind::kNone));
        }
        const Verdict verdict = Parse(gate, frame + "behind");
        BOOST_TEST(verdict.size == frame.size());
        BOOST_TEST(verdict.header.length == one.length);
        BOOST_TEST(verdict.header.fin);
        BOOST_TEST((verdict.header.opcode == Opcode::kBinary));
        BOOST_TEST(verdict.header.masked == (role == Role::kServer));
        if (role == Role::kServer) {
          BOOST_TEST(verdict.header.mask == kMask,
                     boost::test_tools::per_element());
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(judges_every_first_byte) {
  // Every first byte outside and inside a message, with and without deflate.
  for (int first = 0; first < 256; ++first) {
    for (const bool deflate : {false, true}) {
      for (const bool inside : {false, true}) {
        FrameGate gate(Role::kClient, deflate);
        if (inside) Pass(gate, Hex("01 00"));
        const bool fin = first & 128;
        const bool rsv1 = first & 64;
        const int opcode = first & 15;
        Kind expected = Kind::kNone;
        uint32_t detail = 0;
        if (first & 0x30) {
          expected = Kind::kUnexpectedRsv23;
        } else if (rsv1 && !deflate) {
          expected = Kind::kUnexpectedRsv1;
        } else if (opcode == 0 && rsv1) {
          expected = Kind::kUnexpectedRsv1;
        } else if ((opcode == 0) != inside && opcode <= 2) {
          expected = Kind::kInvalidOpcode;
          detail = static_cast<uint32_t>(opcode);
        } else if (opcode >= 8 && opcode <= 10) {
          expected = !fin   ? Kind::kExpectedFin
                     : rsv1 ? Kind::kUnexpectedRsv1
                            : Kind::kNone;
        } else if (opcode > 2) {
          expected = Kind::kInvalidOpcode;
          detail = static_cast<uint32_t>(opcode);
        }
        const Verdict verdict = Parse(gate, Head(Role::kClient, first, 0));
        BOOST_TEST_CONTEXT("first byte " << first << " deflate " << deflate
                                         << " inside " << inside) {
          BOOST_TEST((verdict.error == expected));
          BOOST_TEST(verdict.detail == detail);
          BOOST_TEST(verdict.size == (expected == Kind::kNone ? 2u : 0u));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(demands_masks_of_clients_only) {
  FrameGate server(Role::kServer, false);
  BOOST_TEST((Parse(server, Hex("82 00")).error == Kind::kExpectedMask));
  FrameGate client(Role::kClient, false);
  BOOST_TEST((Parse(client, Hex("82 80")).error == Kind::kUnexpectedMask));
}

BOOST_AUTO_TEST_CASE(limits_control_frames) {
  for (const int opcode : {8, 9, 10}) {
    for (const int length : {0, 1, 2, 124, 125, 126, 127}) {
      FrameGate gate(Role::kClient, false);
      const Verdict verdict =
          Parse(gate, Head(Role::kClient, 128 + opcode, length));
      const bool bad = length > 125 || (opcode == 8 && length == 1);
      BOOST_TEST_CONTEXT("opcode " << opcode << " length " << length) {
        BOOST_TEST((verdict.error ==
                    (bad ? Kind::kInvalidControlLength : Kind::kNone)));
        if (bad) BOOST_TEST(verdict.detail == static_cast<uint32_t>(length));
      }
    }
  }
}

// The order in which several faults of one frame are told apart.
BOOST_AUTO_TEST_CASE(reports_the_first_fault) {
  FrameGate server(Role::kServer, false);
  BOOST_TEST((Parse(server, Hex("7f 7f")).error == Kind::kUnexpectedRsv23));
  BOOST_TEST((Parse(server, Hex("4f 7f")).error == Kind::kUnexpectedRsv1));
  BOOST_TEST((Parse(server, Hex("0f 7f")).error == Kind::kInvalidOpcode));
  BOOST_TEST((Parse(server, Hex("09 7f")).error == Kind::kExpectedFin));
  BOOST_TEST(
      (Parse(server, Hex("89 7f")).error == Kind::kInvalidControlLength));
  BOOST_TEST((Parse(server, Hex("89 7d")).error == Kind::kExpectedMask));
  // One byte proves nothing: ws reads two at a time.
  BOOST_TEST((Parse(server, Hex("ff")).error == Kind::kNone));
}

BOOST_AUTO_TEST_CASE(refuses_lengths_beyond_safe_integers) {
  FrameGate gate(Role::kClient, false);
  const Verdict verdict = Parse(gate, Hex("82 7f 0020000000000000"));
  BOOST_TEST((verdict.error == Kind::kUnsupportedDataLength));
  BOOST_TEST((Parse(gate, Hex("82 7f ffffffffffffffff")).error ==
              Kind::kUnsupportedDataLength));
  BOOST_TEST((Parse(gate, Hex("82 7f 00200000000000")).error == Kind::kNone));
}

// An event carries the length of a message as a 32-bit integer.
BOOST_AUTO_TEST_CASE(limits_messages_when_nobody_else_does) {
  FrameGate gate(Role::kClient, false);
  BOOST_TEST((Parse(gate, Hex("82 7f 0000000080000000")).error ==
              Kind::kMessageTooBig));
  BOOST_TEST((Parse(gate, Hex("82 7f 001fffffffffffff")).error ==
              Kind::kMessageTooBig));
  BOOST_TEST(Pass(gate, Hex("02 7f 0000000040000000")).size == 10u);
  BOOST_TEST((Parse(gate, Hex("80 7f 0000000040000000")).error ==
              Kind::kMessageTooBig));
  BOOST_TEST(Pass(gate, Hex("80 7f 000000003fffffff")).size == 10u);
}

BOOST_AUTO_TEST_CASE(adds_up_the_fragments_of_a_message) {
  const ReceiveLimits limits{.max_payload = 10};
  FrameGate gate(Role::kClient, false);
  BOOST_TEST((Parse(gate, Hex("82 0b"), limits).error == Kind::kMessageTooBig));
  BOOST_TEST(Pass(gate, Hex("02 06"), limits).size == 2u);
  BOOST_TEST(Pass(gate, Hex("89 7d"), limits).size == 2u);
  BOOST_TEST((Parse(gate, Hex("80 05"), limits).error == Kind::kMessageTooBig));
  BOOST_TEST(Pass(gate, Hex("00 04"), limits).size == 2u);
  BOOST_TEST(Pass(gate, Hex("80 00"), limits).size == 2u);
  // The next message starts from nothing.
  BOOST_TEST(Pass(gate, Hex("82 0a"), limits).size == 2u);
}

BOOST_AUTO_TEST_CASE(refuses_a_long_message_before_its_mask) {
  const ReceiveLimits limits{.max_payload = 10};
  FrameGate gate(Role::kServer, false);
  BOOST_TEST((Parse(gate, Hex("82 8b"), limits).error == Kind::kMessageTooBig));
}

BOOST_AUTO_TEST_CASE(counts_fragments) {
  const ReceiveLimits limits{.max_fragments = 2};
  FrameGate gate(Role::kClient, false);
  BOOST_TEST(Pass(gate, Hex("01 00"), limits).size == 2u);
  BOOST_TEST(Pass(gate, Hex("00 00"), limits).size == 2u);
  BOOST_TEST(Pass(gate, Hex("8a 00"), limits).size == 2u);
  BOOST_TEST(
      (Parse(gate, Hex("80 00"), limits).error == Kind::kTooManyFragments));
  // A limit that was raised meanwhile counts.
  BOOST_TEST(Pass(gate, Hex("80 00"), {.max_fragments = 3}).size == 2u);
  BOOST_TEST(Pass(gate, Hex("01 00"), limits).size == 2u);
  BOOST_TEST(Pass(gate, Hex("80 00"), limits).size == 2u);
}

BOOST_AUTO_TEST_CASE(remembers_the_message_under_way) {
  FrameGate gate(Role::kClient, true);
  BOOST_TEST((gate.message_opcode() == Opcode::kContinuation));
  Pass(gate, Hex("41 01"));
  BOOST_TEST((gate.message_opcode() == Opcode::kText));
  BOOST_TEST(gate.message_compressed());
  Pass(gate, Hex("89 00"));
  Pass(gate, Hex("00 01"));
  BOOST_TEST(gate.message_compressed());
  Pass(gate, Hex("80 01"));
  BOOST_TEST((gate.message_opcode() == Opcode::kContinuation));
  Pass(gate, Hex("02 01"));
  BOOST_TEST((gate.message_opcode() == Opcode::kBinary));
  BOOST_TEST(!gate.message_compressed());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
