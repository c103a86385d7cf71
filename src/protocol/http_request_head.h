#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace beastws {

struct HttpLimits {
  size_t max_header_size = 16 * 1024;
  size_t max_headers = 2000;
};

// The head of an HTTP/1 request, as far as a server for websockets cares.
struct HttpRequestHead {
  enum class Result { kComplete, kIncomplete, kBad, kTooLarge };

  size_t size = 0;  // bytes up to the end of the empty line
  bool upgrade = false;
  bool connect = false;  // the method
  bool is_head = false;  // likewise
  bool keep_alive = false;
  bool chunked = false;
  uint64_t content_length = 0;
  bool has_host = false;
  bool is_http_1_1 = false;
  // method, target, minor version, then name and value of each field in their
  // order, each followed by a line feed, which none of them can contain.
  std::string text;
};

// Looks for a head at the beginning of `bytes`. `scanned` is how many of them
// an earlier call has seen.
HttpRequestHead::Result ParseHttpRequestHead(Bytes bytes, size_t scanned,
                                             const HttpLimits& limits,
                                             HttpRequestHead* head);

}  // namespace beastws
