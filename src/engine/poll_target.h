#pragma once

#include <cstdint>

namespace beastws {

// What a poller's owner pointers point to.
struct PollTarget {
  enum class Kind : uint8_t { kConnection, kListener, kHandshake };

  explicit PollTarget(Kind target_kind) : kind(target_kind) {}

  const Kind kind;
};

}  // namespace beastws
