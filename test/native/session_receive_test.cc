#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "support/endpoint.h"

// What a session reads: messages, fragments and control frames, whole and cut.

namespace beastws::test {
namespace {

namespace data = boost::unit_test::data;
using SeenList = std::vector<Seen>;

void Expect(const Endpoint& end, const SeenList& expected) {
  BOOST_TEST(end.seen() == expected, boost::test_tools::per_element());
  BOOST_TEST(end.recorder.violation == "");
}

// The same traffic in one read, in reads of 1, 2, 3 and 7 bytes, cut in two at
// every place, and received where it belongs.
void ExpectHowever(const Session::Options& options, const std::string& bytes,
                   const SeenList& expected) {
  Endpoint whole(options);
  Expect(whole.Receive(bytes), expected);
  for (const size_t step : {1, 2, 3, 7}) {
    BOOST_TEST_CONTEXT("in steps of " << step) {
      Endpoint end(options);
      Expect(end.ReceiveBy(bytes, step), expected);
    }
  }
  for (const size_t step : {5, 64}) {
    BOOST_TEST_CONTEXT("directly, in steps of " << step) {
      Endpoint end(options);
      Expect(end.ReceiveDirect(bytes, step, 2, 40), expected);
    }
  }
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    BOOST_TEST_CONTEXT("cut at " << cut) {
      Endpoint end(options);
      Expect(end.Receive(bytes.substr(0, cut)).Receive(bytes.substr(cut)),
             expected);
    }
  }
}

void ExpectHowever(Role role, const std::string& bytes,
                   const SeenList& expected) {
  ExpectHowever(Session::Options{.role = role}, bytes, expected);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session_receive)

// RFC 6455, section 5.7.
BOOST_AUTO_TEST_CASE(examples_of_the_rfc) {
  ExpectHowever(Role::kClient, Hex("81 05 48 65 6c 6c 6f"), {Text("Hello")});
  ExpectHowever(Role::kServer, Hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"),
                {Text("Hello")});
  ExpectHowever(Role::kClient, Hex("01 03 48 65 6c 80 02 6c 6f"),
                {Fragmented(Text("Hello"), {3, 2})});
  ExpectHowever(Role::kClient, Hex("89 05 48 65 6c 6c 6f"), {Ping("Hello")});
  ExpectHowever(Role::kServer, Hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"),
                {Pong("Hello")});
  const std::string small = Pattern(256);
  ExpectHowever(Role::kClient, Hex("82 7e 01 00") + small, {Binary(small)});
  const std::string big = Pattern(65536);
  Endpoint client(Role::kClient);
  Expect(client.ReceiveBy(Hex("82 7f 00 00 00 00 00 01 00 00") + big, 1000),
         {Binary(big)});
}

// RFC 7692, section 7.2.3.
BOOST_AUTO_TEST_CASE(examples_of_the_deflate_rfc) {
  const auto client = DeflateOptions(Role::kClient);
  ExpectHowever(client, Hex("c1 07 f2 48 cd c9 c9 07 00"), {Text("Hello")});
  ExpectHowever(client, Hex("41 03 f2 48 cd 80 04 c9 c9 07 00"),
                {Fragmented(Text("Hello"), {2, 3})});
  // 7.2.3.2: the second message refers to the first.
  ExpectHowever(client, Hex("c1 07 f2 48 cd c9 c9 07 00  c1 05 f2 00 11 00 00"),
                {Text("Hello"), Text("Hello")});
  // 7.2.3.3: a block without compression.
  ExpectHowever(client, Hex("c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00"),
                {Text("Hello")});
  // 7.2.3.4: a block with BFINAL.
  ExpectHowever(client, Hex("c1 08 f3 48 cd c9 c9 07 00 00"), {Text("Hello")});
  // The messages behind it are not lost, but have no window to refer to.
  ExpectHowever(client,
                Hex("c1 08 f3 48 cd c9 c9 07 00 00  c1 07 f2 48 cd c9 c9 07 00"
                    "c1 05 f2 00 11 00 00  c1 08 f3 48 cd c9 c9 07 00 00"),
                {Text("Hello"), Text("Hello"), Text("Hello"), Text("Hello")});
  // 7.2.3.5: two blocks in one message.
  ExpectHowever(client, Hex("c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00"),
                {Text("Hello")});
  // 7.2.3.6: an empty message.
  ExpectHowever(client, Hex("c1 01 00"), {Text("")});
}

BOOST_DATA_TEST_CASE(sizes_around_every_border,
                     data::make({0,     1,     2,     124,   125,
                                 126,   127,   128,   254,   255,
                                 256,   1000,  32767, 32768, 32769,
                                 65534, 65535, 65536, 65537, 131072}),
                     number) {
  const std::string payload = Pattern(static_cast<size_t>(number));
  for (const Role role : kRoles) {
    const Peer peer(role);
    const std::string bytes = peer.Binary(payload) + peer.Ping("behind");
    const SeenList expected = {Binary(payload), Ping("behind")};
    Endpoint whole(role);
    Expect(whole.Receive(bytes), expected);
    for (const size_t step : {1, 13, 4096, 65536}) {
      Endpoint end(role);
      Expect(end.ReceiveBy(bytes, step), expected);
    }
    Endpoint direct(role);
    Expect(direct.ReceiveDirect(bytes, 20000), expected);
    if (number > 40000) BOOST_TEST(direct.direct_bytes > 0u);
  }
}

// Lengths that are longer than they need be are allowed to a receiver.
BOOST_AUTO_TEST_CASE(lengths_in_any_form) {
  for (const Role role : kRoles) {
    const Peer peer(role);
    for (const int opcode : {1, 2}) {
      for (const int form : {0, 2, 8}) {
        for (const std::string payload : {"", "a", "Hello"}) {
          ExpectHowever(
              role,
              peer.Frame(
                  {.opcode = opcode, .payload = payload, .length_bytes = form}),
              {opcode == 1 ? Text(payload) : Binary(payload)});
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(fragments) {
  for (const Role role : kRoles) {
    const Peer peer(role);
    ExpectHowever(role,
                  peer.Text("ab", false) + peer.More("c", false) +
                      peer.More("def", true) + peer.Binary("next"),
                  {Fragmented(Text("abcdef"), {2, 1, 3}), Binary("next")});
  }
}

// Empty frames at the beginning, in the middle and at the end of a message.
BOOST_AUTO_TEST_CASE(empty_frames_at_every_place) {
  const std::string parts[] = {"", "ab"};
  for (const Role role : kRoles) {
    const Peer peer(role);
    for (int pattern = 0; pattern < 16; ++pattern) {
      std::string message;
      std::vector<uint32_t> sizes;
      std::string bytes;
      for (int i = 0; i < 4; ++i) {
        const std::string& part = parts[pattern >> i & 1];
        message += part;
        if (!part.empty()) sizes.push_back(2);
        bytes += i == 0 ? peer.Text(part, false) : peer.More(part, i == 3);
      }
      if (sizes.size() < 2) sizes.clear();
      BOOST_TEST_CONTEXT("pattern " << pattern << " " << NameOf(role)) {
        ExpectHowever(role, bytes + peer.Text("next"),
                      {Fragmented(Text(message), sizes), Text("next")});
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(control_frames_between_fragments) {
  const std::string longest(125, 'p');
  for (const Role role : kRoles) {
    const Peer peer(role);
    ExpectHowever(role,
                  peer.Ping("1") + peer.Text("ab", false) + peer.Ping("") +
                      peer.Pong("2") + peer.More("", false) +
                      peer.Ping(longest) + peer.More("cd", true) +
                      peer.Pong(longest) + peer.Ping("3"),
                  {Ping("1"), Ping(""), Pong("2"), Ping(longest),
                   Fragmented(Text("abcd"), {2, 2}), Pong(longest), Ping("3")});
  }
}

BOOST_AUTO_TEST_CASE(control_frames_of_every_size) {
  for (const Role role : kRoles) {
    const Peer peer(role);
    for (size_t size = 0; size <= 125; ++size) {
      const std::string payload = Pattern(size);
      Endpoint end(role);
      end.ReceiveBy(peer.Ping(payload) + peer.Pong(payload), 3);
      Expect(end, {Ping(payload), Pong(payload)});
    }
  }
}

BOOST_AUTO_TEST_CASE(many_messages_in_one_read) {
  for (const Role role : kRoles) {
    const Peer peer(role);
    std::string bytes;
    SeenList expected;
    for (uint32_t i = 0; i < 500; ++i) {
      const std::string payload = Pattern(i * 7 % 300, i);
      bytes += peer.Binary(payload);
      expected.push_back(Binary(payload));
    }
    for (const size_t step : {size_t{1}, size_t{100}, bytes.size()}) {
      Endpoint end(role);
      Expect(end.ReceiveBy(bytes, step), expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(close_frames) {
  for (const Role role : kRoles) {
    const Peer peer(role);
    ExpectHowever(role, peer.Frame({.opcode = 8}), {Closed(1005)});
    ExpectHowever(role, peer.Close(1000), {Closed(1000)});
    ExpectHowever(role, peer.Close(1014, "bad gateway"),
                  {Closed(1014, "bad gateway")});
    const std::string longest(123, 'r');
    ExpectHowever(role, peer.Close(4999, longest), {Closed(4999, longest)});
    // Nothing counts after it, not even nonsense.
    ExpectHowever(role, peer.Close(1001) + peer.Text("late") + Hex("ff ff ff"),
                  {Closed(1001)});
    ExpectHowever(role, peer.Text("half", false) + peer.Close(3000),
                  {Closed(3000)});
  }
}

BOOST_AUTO_TEST_CASE(every_close_code) {
  const Peer peer(Role::kServer);
  for (int code = 0; code < 65536; ++code) {
    const bool valid = (code >= 1000 && code <= 1003) ||
                       (code >= 1007 && code <= 1014) ||
                       (code >= 3000 && code <= 4999);
    Endpoint end(Role::kServer);
    end.Receive(peer.Close(static_cast<uint16_t>(code)));
    const Seen expected = valid ? Closed(static_cast<uint16_t>(code))
                                : Failed(ProtocolErrorKind::kInvalidCloseCode,
                                         static_cast<uint32_t>(code));
    if (end.seen() != SeenList{expected}) {
      BOOST_ERROR("close code " << code);
    }
    BOOST_TEST_REQUIRE(end.session.finished());
  }
}

// A mask is applied in a copy: what was received may be JavaScript's memory.
BOOST_AUTO_TEST_CASE(leaves_the_bytes_received_alone) {
  const Peer peer(Role::kServer);
  Endpoint sender(DeflateOptions(Role::kClient));
  sender.SendText(Prose(200), true);
  const std::string bytes = peer.Text("abc") + peer.Ping("d") +
                            peer.Binary("ef", false) + peer.More("g", true) +
                            sender.TakeSent() + peer.Close(1000, "bye");
  for (const size_t step : {size_t{1}, size_t{9}, bytes.size()}) {
    std::string copy = bytes;
    Endpoint end(DeflateOptions(Role::kServer));
    for (size_t at = 0; at < copy.size(); at += step) {
      end.session.Receive(AsBytes(std::string_view(copy).substr(at, step)),
                          end.recorder);
    }
    BOOST_TEST(end.seen().size() == 5u);
    BOOST_TEST((copy == bytes));
  }
}

BOOST_AUTO_TEST_CASE(all_zero_masks) {
  FrameSpec spec{.opcode = 1, .payload = "plain", .mask = Mask{0, 0, 0, 0}};
  ExpectHowever(Role::kServer, MakeFrame(spec), {Text("plain")});
}

BOOST_AUTO_TEST_CASE(sessions_share_their_streams) {
  // Interleaved half messages of many connections of both roles.
  std::vector<std::unique_ptr<Endpoint>> ends;
  for (int i = 0; i < 100; ++i) {
    ends.push_back(std::make_unique<Endpoint>(kRoles[i % 2]));
  }
  for (int round = 0; round < 4; ++round) {
    for (size_t i = 0; i < ends.size(); ++i) {
      const std::string part = std::to_string(i) + "/" + std::to_string(round);
      ends[i]->Receive(round == 0 ? ends[i]->peer.Text(part, false)
                                  : ends[i]->peer.More(part, round == 3));
    }
  }
  for (size_t i = 0; i < ends.size(); ++i) {
    std::string whole;
    for (int round = 0; round < 4; ++round) {
      whole += std::to_string(i) + "/" + std::to_string(round);
    }
    const auto size = static_cast<uint32_t>(whole.size() / 4);
    Expect(*ends[i], {Fragmented(Text(whole), {size, size, size, size})});
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
