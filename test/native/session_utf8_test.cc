#include <boost/test/unit_test.hpp>

#include "protocol/utf8.h"
#include "support/endpoint.h"

namespace beastws::test {
namespace {

using SeenList = std::vector<Seen>;

void Encode(uint32_t point, std::string* out) {
  const auto add = [out](uint32_t byte) { *out += static_cast<char>(byte); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xc0 | point >> 6);
    add(0x80 | (point & 63));
  } else if (point < 0x10000) {
    add(0xe0 | point >> 12);
    add(0x80 | (point >> 6 & 63));
    add(0x80 | (point & 63));
  } else {
    add(0xf0 | point >> 18);
    add(0x80 | (point >> 12 & 63));
    add(0x80 | (point >> 6 & 63));
    add(0x80 | (point & 63));
  }
}

// Decodes by arithmetic and encodes again: slow, but hard to get wrong.
bool IsUtf8(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    const auto lead = static_cast<unsigned char>(bytes[at]);
    const int more = lead < 0x80    ? 0
                     : lead >= 0xf0 ? 3
                     : lead >= 0xe0 ? 2
                     : lead >= 0xc0 ? 1
                                    : -1;
    if (more < 0 || lead >= 0xf8) return false;
    uint32_t point = more == 0 ? lead : lead & (0x3f >> more);
    if (at + static_cast<size_t>(more) >= bytes.size()) return false;
    for (int i = 1; i <= more; ++i) {
      const auto byte =
          static_cast<unsigned char>(bytes[at + static_cast<size_t>(i)]);
      if ((byte & 0xc0) != 0x80) return false;
      point = point << 6 | (byte & 0x3f);
    }
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
    std::string again;
    Encode(point, &again);
    if (again != bytes.substr(at, static_cast<size_t>(more) + 1)) return false;
    at += static_cast<size_t>(more) + 1;
  }
  return true;
}

const std::string kGood[] = {
    "plain",
    "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",
    "\xc2\x80\xdf\xbf",
    "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
    "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
    std::string("nul\0nul", 7),
};

const std::string kBad[] = {
    "\x80",
    "a\xbf",
    "\xc0\xaf",
    "\xc1\xbf",
    "\xe0\x80\xaf",
    "\xe0\x9f\xbf",
    "\xed\xa0\x80",
    "\xed\xbf\xbf",
    "\xf0\x80\x80\xaf",
    "\xf0\x8f\xbf\xbf",
    "\xf4\x90\x80\x80",
    "\xf5\x80\x80\x80",
    "\xfe",
    "\xff",
    "\xc3",
    "a\xe2\x82",
    "a\xf0\x9f\x98",
    "\xc3\x28",
    "\xe2\x28\xa1",
    "\xe2\x82\x28",
    "\xf8\x88\x80\x80\x80",
};

}  // namespace

BOOST_AUTO_TEST_SUITE(session_utf8)

BOOST_AUTO_TEST_CASE(every_code_point) {
  std::string all;
  for (uint32_t point = 0; point < 0x120000; ++point) {
    std::string one;
    Encode(point, &one);
    const bool valid = point < 0x110000 && !(point >= 0xd800 && point < 0xe000);
    if (IsValidUtf8(AsBytes(one)) != valid) {
      BOOST_ERROR("code point " << point);
    }
    if (valid) all += one;
  }
  BOOST_TEST(IsValidUtf8(AsBytes(all)));
  BOOST_TEST(IsValidUtf8({}));
}

BOOST_AUTO_TEST_CASE(every_short_sequence) {
  // All of two bytes; of three and four those that begin with the borders.
  const unsigned char borders[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f,
                                   0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0,
                                   0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff};
  const auto check = [](const std::string& bytes) {
    if (IsValidUtf8(AsBytes(bytes)) != IsUtf8(bytes)) {
      BOOST_ERROR(ToHex(bytes));
    }
  };
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      std::string two = {static_cast<char>(a), static_cast<char>(b)};
      check(two);
      for (const unsigned char c : borders) {
        const std::string three = two + static_cast<char>(c);
        check(three);
        // A prefix of 8 bytes moves the sequence in the checker's words.
        check("12345678" + three);
        if (a < 0xf0) continue;
        for (const unsigned char d : borders) {
          check(three + static_cast<char>(d));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(text_cut_at_every_byte) {
  for (const Role role : kRoles) {
    const Peer peer(role);
    for (const std::string& text : kGood) {
      // Between two fragments, and between two reads of one frame.
      for (size_t cut = 0; cut <= text.size(); ++cut) {
        Endpoint end(role);
        end.Receive(peer.Text(text.substr(0, cut), false) +
                    peer.More(text.substr(cut), true));
        BOOST_TEST_REQUIRE(end.seen().size() == 1u);
        BOOST_TEST((end.seen()[0].kind == Seen::kText));
        BOOST_TEST(end.seen()[0].data == text);
        const std::string frame = peer.Text(text);
        Endpoint reads(role);
        reads.Receive(frame.substr(0, frame.size() - cut));
        reads.Receive(frame.substr(frame.size() - cut));
        BOOST_TEST(reads.seen() == SeenList{Text(text)},
                   boost::test_tools::per_element());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(bad_text_cut_at_every_byte) {
  const Seen failed = Failed(ProtocolErrorKind::kInvalidUtf8);
  for (const Role role : kRoles) {
    const Peer peer(role);
    for (const std::string& bad : kBad) {
      const std::string text = "ab" + bad;
      BOOST_TEST(!IsUtf8(text));
      for (size_t cut = 0; cut <= text.size(); ++cut) {
        BOOST_TEST_CONTEXT(ToHex(text) << " cut at " << cut) {
          Endpoint end(role);
          end.Receive(peer.Text(text.substr(0, cut), false) +
                      peer.More(text.substr(cut), true));
          BOOST_TEST(end.seen() == SeenList{failed},
                     boost::test_tools::per_element());
          const std::string frame = peer.Text(text);
          Endpoint reads(role);
          reads.Receive(frame.substr(0, frame.size() - cut));
          reads.Receive(frame.substr(frame.size() - cut));
          BOOST_TEST(reads.seen() == SeenList{failed},
                     boost::test_tools::per_element());
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(large_bad_text) {
  // The last byte of a message that is received where it belongs.
  for (const Role role : kRoles) {
    std::string text = Prose(200000);
    text.back() = '\xc3';
    Endpoint end(role);
    end.ReceiveDirect(end.peer.Text(text), 30000);
    BOOST_TEST(end.direct_bytes > 0u);
    BOOST_TEST(end.seen() == SeenList{Failed(ProtocolErrorKind::kInvalidUtf8)},
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(binary_is_not_looked_at) {
  for (const Role role : kRoles) {
    for (const std::string& bad : kBad) {
      Endpoint end(role);
      end.ReceiveBy(end.peer.Binary(bad), 1);
      BOOST_TEST(end.seen() == SeenList{Binary(bad)},
                 boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(validation_can_be_switched_off) {
  for (const Role role : kRoles) {
    const Peer peer(role);
    for (const std::string& bad : kBad) {
      Endpoint end({.role = role, .limits = {.skip_utf8_validation = true}});
      end.ReceiveBy(peer.Text(bad) + peer.Text(bad, false) +
                        peer.More("", true) + peer.Close(1000, bad),
                    3);
      BOOST_TEST(
          end.seen() == (SeenList{Text(bad), Text(bad), Closed(1000, bad)}),
          boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(validation_can_be_switched_between_messages) {
  Endpoint end(Role::kServer);
  end.Receive(end.peer.Text("ok"));
  end.session.set_limits({.skip_utf8_validation = true});
  end.Receive(end.peer.Text("\xff"));
  end.session.set_limits({});
  end.Receive(end.peer.Text("\xfe"));
  BOOST_TEST(end.seen() == (SeenList{Text("ok"), Text("\xff"),
                                     Failed(ProtocolErrorKind::kInvalidUtf8)}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(compressed_text_is_looked_at_too) {
  for (const Role role : kRoles) {
    const Role other = role == Role::kServer ? Role::kClient : Role::kServer;
    for (const std::string& bad : kBad) {
      Endpoint sender(DeflateOptions(other));
      sender.SendText("ab" + bad, true);
      Endpoint end(DeflateOptions(role));
      end.ReceiveBy(sender.TakeSent(), 2);
      BOOST_TEST(
          end.seen() == SeenList{Failed(ProtocolErrorKind::kInvalidUtf8)},
          boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
