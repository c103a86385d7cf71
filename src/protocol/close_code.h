#pragma once

#include <cstdint>

namespace beastws {

// "No status code was present" (RFC 6455, section 7.1.5); never on the wire.
constexpr uint16_t kNoStatusReceived = 1005;

// Whether a close frame may carry this code (RFC 6455, section 7.4, and the
// registry it founded, up to 1014).
constexpr bool IsValidCloseCode(uint16_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 &&
          code != 1006) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace beastws
