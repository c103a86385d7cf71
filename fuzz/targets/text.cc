#include <bit>
#include <string>
#include <string_view>
#include <vector>

#include "support/bytes.h"
#include "support/frames.h"
#include "targets/checked_events.h"
#include "targets/input.h"
#include "targets/targets.h"

namespace beastws::fuzz {

namespace {

// RFC 3629 by its numbers: the value of each character is computed, and no
// other form may be shorter.
bool IsText(std::string_view text) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  for (size_t i = 0; i < text.size();) {
    const uint8_t first = at(i);
    if (first < 0x80) {
      ++i;
      continue;
    }
    const auto size = static_cast<size_t>(std::countl_one(first));
    if (size < 2 || size > 4 || text.size() - i < size) return false;
    uint32_t value = first & (0x7fu >> size);
    for (size_t k = 1; k < size; ++k) {
      if ((at(i + k) & 0xc0) != 0x80) return false;
      value = value << 6 | (at(i + k) & 0x3f);
    }
    constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < kLeast[size] || value > 0x10ffff) return false;
    if (value >= 0xd800 && value <= 0xdfff) return false;
    i += size;
  }
  return true;
}

// RFC 6455, section 7.4, and the codes that were registered after it.
bool IsCode(uint32_t code) {
  switch (code) {
    case 1000:
    case 1001:
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
    case 1010:
    case 1011:
    case 1012:
    case 1013:
    case 1014:
      return true;
    default:
      return code >= 3000 && code < 5000;
  }
}

// What a close frame with this payload is to report.
std::string CloseLine(const std::string& payload) {
  if (payload.empty()) return "close 1005 ";
  if (payload.size() == 1) return "error 5/1";
  const uint32_t code = static_cast<uint8_t>(payload[0]) * 256u +
                        static_cast<uint8_t>(payload[1]);
  if (!IsCode(code)) return "error 8/" + std::to_string(code);
  const std::string reason = payload.substr(2);
  if (!IsText(reason)) return "error 9/0";
  return "close " + std::to_string(code) + " " + reason;
}

}  // namespace

void Text(Bytes bytes) {
  Input input(bytes);
  const uint8_t flags = input.Byte();
  const Role role = flags & 1 ? Role::kClient : Role::kServer;
  const uint8_t step = flags >> 2;
  const test::Peer peer(role);
  std::string wire;
  std::string message;
  std::vector<std::string> expected;
  size_t pieces = 0;
  std::string sizes;
  bool valid = true;
  for (size_t count = input.UpTo(7); count > 0 && valid; --count) {
    const std::string piece = test::AsString(input.Take(input.Byte()));
    const bool fin = count == 1;
    wire += message.empty() && wire.empty() ? peer.Text(piece, fin)
                                            : peer.More(piece, fin);
    message += piece;
    if (!piece.empty()) {
      ++pieces;
      sizes += "+" + std::to_string(piece.size());
    }
    if (fin) {
      valid = IsText(message);
      expected.push_back(valid ? "text " + message + (pieces > 1 ? sizes : "")
                               : "error 9/0");
    }
  }
  if (valid) {
    const std::string payload = test::AsString(input.Take(kMaxControlPayload));
    wire += peer.Frame({.opcode = 8, .payload = payload});
    expected.push_back(CloseLine(payload));
  }

  const ReceiveLimits limits;
  Session session(Pools(), {.role = role, .deflate = {}, .limits = limits});
  CheckedEvents events(&limits);
  Feed(session, events, test::AsBytes(wire),
       [&]() -> size_t { return step == 0 ? SIZE_MAX : step; });
  Require(session.finished(), "it is not over");
  Require(events.report.lines == expected, "something else is text");
}

}  // namespace beastws::fuzz
