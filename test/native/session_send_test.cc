#include <boost/test/unit_test.hpp>

#include "support/endpoint.h"

namespace beastws::test {
namespace {

using Frame = Session::OutgoingFrame;
using Loans = std::vector<Outbox::LoanId>;

// Where a payload went: into the outbox's own bytes or as a reference.
bool IsLent(const Outbox& outbox, std::string_view payload) {
  bool lent = false;
  outbox.Gather(SIZE_MAX, [&](size_t, const uint8_t* data, size_t size) {
    lent = lent || (data == AsBytes(payload).data() && size == payload.size());
  });
  return lent;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session_send)

// RFC 6455, section 5.7.
BOOST_AUTO_TEST_CASE(examples_of_the_rfc) {
  Endpoint server(Role::kServer);
  server.SendText("Hello");
  BOOST_TEST(ToHex(server.TakeSent()) == "81 05 48 65 6c 6c 6f");
  server.SendControl(Opcode::kPing, "Hello");
  BOOST_TEST(ToHex(server.TakeSent()) == "89 05 48 65 6c 6c 6f");
  server.Send({.opcode = Opcode::kText, .fin = false}, "Hel");
  server.Send({.opcode = Opcode::kContinuation}, "lo");
  BOOST_TEST(ToHex(server.TakeSent()) == "01 03 48 65 6c 80 02 6c 6f");

  Endpoint client(Role::kClient);
  client.Send({.opcode = Opcode::kText, .mask = kMask.data()}, "Hello");
  BOOST_TEST(ToHex(client.TakeSent()) == "81 85 37 fa 21 3d 7f 9f 4d 51 58");
  client.session.SendControl(Opcode::kPong, AsBytes("Hello"), true,
                             kMask.data(), &client.outbox);
  BOOST_TEST(ToHex(client.TakeSent()) == "8a 85 37 fa 21 3d 7f 9f 4d 51 58");
}

BOOST_AUTO_TEST_CASE(sizes_around_every_border) {
  for (const Role role : kRoles) {
    for (const size_t size :
         {0, 1, 125, 126, 127, 65535, 65536, 65537, 1000000}) {
      const std::string payload = Pattern(size);
      Endpoint end(role);
      end.SendBinary(payload);
      end.SendText("next");
      const auto frames = end.TakeFrames();
      BOOST_TEST_REQUIRE(frames.size() == 2u);
      BOOST_TEST(frames[0].opcode == 2);
      BOOST_TEST(frames[0].fin);
      BOOST_TEST(frames[0].rsv == 0);
      BOOST_TEST(frames[0].mask.has_value() == (role == Role::kClient));
      BOOST_TEST((frames[0].payload == payload));
      BOOST_TEST(frames[1].payload == "next");
    }
  }
}

BOOST_AUTO_TEST_CASE(fragments) {
  for (const Role role : kRoles) {
    Endpoint end(role);
    end.Send({.opcode = Opcode::kText, .fin = false}, "");
    end.SendControl(Opcode::kPing, "between");
    end.Send({.opcode = Opcode::kContinuation, .fin = false}, "b");
    end.Send({.opcode = Opcode::kContinuation}, "");
    end.Send({.opcode = Opcode::kBinary, .fin = false}, "c");
    end.Send({.opcode = Opcode::kContinuation}, "d");
    const auto frames = end.TakeFrames();
    BOOST_TEST_REQUIRE(frames.size() == 6u);
    const int opcodes[] = {1, 9, 0, 0, 2, 0};
    const bool fins[] = {false, true, false, true, false, true};
    for (size_t i = 0; i < 6; ++i) {
      BOOST_TEST(frames[i].opcode == opcodes[i]);
      BOOST_TEST(frames[i].fin == fins[i]);
    }
  }
}

// A connection that was at rest elsewhere before: a continuation may come
// first, and it stays one.
BOOST_AUTO_TEST_CASE(goes_on_with_a_message_begun_elsewhere) {
  for (const Role role : kRoles) {
    Endpoint end(role);
    end.Send({.opcode = Opcode::kContinuation, .fin = false}, "b");
    end.Send({.opcode = Opcode::kContinuation}, "c");
    end.SendText("next");
    const auto frames = end.TakeFrames();
    BOOST_TEST_REQUIRE(frames.size() == 3u);
    BOOST_TEST(frames[0].opcode == 0);
    BOOST_TEST(frames[1].opcode == 0);
    BOOST_TEST(frames[2].opcode == 1);
  }
}

BOOST_AUTO_TEST_CASE(begins_a_message_that_was_not_ended) {
  for (const Role role : kRoles) {
    Endpoint end(role);
    end.Send({.opcode = Opcode::kText, .fin = false}, "a");
    end.SendBinary("b");
    end.SendText("c");
    const auto frames = end.TakeFrames();
    BOOST_TEST_REQUIRE(frames.size() == 3u);
    BOOST_TEST(frames[0].opcode == 1);
    BOOST_TEST(frames[1].opcode == 2);
    BOOST_TEST(frames[2].opcode == 1);
  }
}

BOOST_AUTO_TEST_CASE(masks_are_chosen_by_the_caller) {
  const Mask mask = {1, 2, 3, 4};
  for (const size_t size : {0, 1, 125, 126, 4095, 4096, 5000, 70000}) {
    const std::string payload = Pattern(size);
    for (const Role role : kRoles) {
      for (const bool compress : {false, true}) {
        Endpoint end(DeflateOptions(role));
        end.session.SendData({.compress = compress,
                              .masked = true,
                              .payload = AsBytes(payload),
                              .mask = mask.data()},
                             &end.outbox);
        const auto frames = end.TakeFrames();
        BOOST_TEST_REQUIRE(frames.size() == 1u);
        BOOST_TEST((frames[0].mask == mask));
        if (!compress) BOOST_TEST((frames[0].payload == payload));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(masks_differ) {
  Endpoint client(Role::kClient);
  for (int i = 0; i < 1000; ++i) {
    client.SendText("x");
    client.SendControl(Opcode::kPing, "y");
  }
  std::vector<Mask> masks;
  for (const FrameSpec& frame : client.TakeFrames()) {
    masks.push_back(*frame.mask);
  }
  std::sort(masks.begin(), masks.end());
  masks.erase(std::unique(masks.begin(), masks.end()), masks.end());
  BOOST_TEST(masks.size() > 1990u);
}

// A client that does not mask, a server that does, and messages of both kinds
// of frames: ws sends what it is told to.
BOOST_AUTO_TEST_CASE(masking_against_the_role) {
  for (const Role role : kRoles) {
    for (int pattern = 0; pattern < 8; ++pattern) {
      Endpoint end(role);
      for (int i = 0; i < 3; ++i) {
        end.session.SendData(
            {.opcode = i == 0 ? Opcode::kText : Opcode::kContinuation,
             .fin = i == 2,
             .masked = (pattern >> i & 1) != 0,
             .payload = AsBytes("part")},
            &end.outbox);
      }
      end.SendBinary("next", false);
      end.Send({.opcode = Opcode::kBinary, .fin = false}, "more");
      end.Send({.opcode = Opcode::kContinuation}, "end");
      const auto frames = end.TakeFrames();
      BOOST_TEST_CONTEXT(NameOf(role) << " pattern " << pattern) {
        BOOST_TEST_REQUIRE(frames.size() == 6u);
        const int opcodes[] = {1, 0, 0, 2, 2, 0};
        for (size_t i = 0; i < 6; ++i) {
          BOOST_TEST(frames[i].opcode == opcodes[i]);
        }
        for (int i = 0; i < 3; ++i) {
          BOOST_TEST(frames[static_cast<size_t>(i)].mask.has_value() ==
                     ((pattern >> i & 1) != 0));
          BOOST_TEST(frames[static_cast<size_t>(i)].payload == "part");
        }
      }
    }
  }
}

// Lent memory is referred to when it goes out as it is. In any case the loan
// is over when the frame is written, and not before.
BOOST_AUTO_TEST_CASE(loans) {
  for (const Role role : kRoles) {
    for (const bool masked : {false, true}) {
      for (const bool compress : {false, true}) {
        for (const bool continuation : {false, true}) {
          for (const size_t size : {0, 10, 70000, 300000}) {
            const std::string payload = Prose(size);
            Endpoint end(DeflateOptions(role));
            end.session.SendData({.opcode = continuation ? Opcode::kContinuation
                                                         : Opcode::kBinary,
                                  .compress = compress,
                                  .masked = masked,
                                  .payload = AsBytes(payload),
                                  .loan = 77},
                                 &end.outbox);
            const bool as_it_is =
                !masked && (!compress || continuation) && size > 0;
            BOOST_TEST_CONTEXT(NameOf(role)
                               << " masked " << masked << " compress "
                               << compress << " continuation " << continuation
                               << " size " << size) {
              BOOST_TEST(IsLent(end.outbox, payload) == as_it_is);
              const size_t all = end.outbox.size();
              end.outbox.Consume(all - 1, [](Outbox::LoanId loan) {
                if (loan != 0) BOOST_ERROR("returned too early");
              });
              end.TakeSent();
              BOOST_TEST(end.returned == Loans{77},
                         boost::test_tools::per_element());
            }
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_content_of_lent_frames) {
  for (const Role role : kRoles) {
    const std::string payload = Pattern(200000);
    Endpoint end(role);
    end.Send({.opcode = Opcode::kBinary, .fin = false, .loan = 1}, payload);
    end.Send({.opcode = Opcode::kContinuation, .loan = 2}, payload);
    const auto frames = end.TakeFrames();
    BOOST_TEST_REQUIRE(frames.size() == 2u);
    BOOST_TEST((frames[0].payload == payload));
    BOOST_TEST((frames[1].payload == payload));
    BOOST_TEST(end.returned == (Loans{1, 2}), boost::test_tools::per_element());
  }
}

// Sessions share the streams that write; each message is one connection's.
BOOST_AUTO_TEST_CASE(interleaved_messages_of_many_sessions) {
  std::vector<std::unique_ptr<Endpoint>> ends;
  for (int i = 0; i < 150; ++i) {
    ends.push_back(std::make_unique<Endpoint>(kRoles[i % 2]));
  }
  for (int part = 0; part < 3; ++part) {
    for (auto& end : ends) {
      end->Send({.opcode = part == 0 ? Opcode::kText : Opcode::kContinuation,
                 .fin = part == 2},
                std::string(static_cast<size_t>(part) + 1, 'x'));
    }
  }
  for (auto& end : ends) {
    const auto frames = end->TakeFrames();
    BOOST_TEST_REQUIRE(frames.size() == 3u);
    for (size_t part = 0; part < 3; ++part) {
      BOOST_TEST(frames[part].opcode == (part == 0 ? 1 : 0));
      BOOST_TEST(frames[part].payload.size() == part + 1);
      BOOST_TEST(frames[part].fin == (part == 2));
    }
  }
}

// A stream that last wrote for one connection may fail while it reads for
// another one. What Beast writes of its own accord then goes to nobody.
BOOST_AUTO_TEST_CASE(a_stream_forgets_whom_it_wrote_for) {
  for (const Role role : kRoles) {
    for (int round = 0; round < 80; ++round) {
      Endpoint writer(role);
      writer.SendText("hello");
      const std::string sent = writer.TakeSent();
      Endpoint reader(role);
      reader.Receive(reader.peer.Text("\xff"));
      BOOST_TEST(reader.seen().size() == 1u);
      BOOST_TEST(writer.outbox.empty());
      BOOST_TEST(reader.outbox.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(messages_arrive_at_the_other_end) {
  for (const Role role : kRoles) {
    const Role other = role == Role::kServer ? Role::kClient : Role::kServer;
    for (const bool compress : {false, true}) {
      Endpoint from(DeflateOptions(role));
      Endpoint to(DeflateOptions(other));
      std::vector<Seen> expected;
      for (uint32_t i = 0; i < 60; ++i) {
        const std::string text = Prose(i * i * 20, i);
        from.SendText(text, compress && i % 3 > 0);
        from.SendBinary(Pattern(i * 100, i), compress && i % 4 > 0);
        from.SendControl(Opcode::kPing, text.substr(0, 100));
        expected.push_back(Text(text));
        expected.push_back(Binary(Pattern(i * 100, i)));
        expected.push_back(Ping(text.substr(0, 100)));
      }
      to.ReceiveDirect(from.TakeSent(), 50000, 1000, 1 << 20);
      BOOST_TEST(to.seen() == expected, boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
