#pragma once

#include <cstddef>

namespace beastws {

// What two peers agreed on for permessage-deflate (RFC 7692, section 7.1),
// with the sender's own settings for its compressor.
struct DeflateParams {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  int server_max_window_bits = 15;  // 8 to 15
  int client_max_window_bits = 15;  // 8 to 15
  int level = 6;                    // 0 to 9
  int memory_level = 8;             // 1 to 9; 0: see Deflater::SizeFor()
  // Shorter messages are not worth it, in bytes. Only for what is published:
  // JavaScript decides about the others.
  size_t threshold = 0;
};

}  // namespace beastws
