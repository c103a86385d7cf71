#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace beastws {

class TlsContext;

// A listening socket and how to serve it. Made and kept by JavaScript's
// thread until the listener is closed, used by the I/O thread meanwhile.
struct ListenRequest {
  ListenRequest() = default;
  ~ListenRequest() {
    if (descriptor >= 0) close(descriptor);
  }
  ListenRequest(const ListenRequest&) = delete;
  ListenRequest& operator=(const ListenRequest&) = delete;

  int descriptor = -1;
  size_t max_header_size = 0;
  size_t max_headers = 0;
  size_t max_handshakes = 0;
  int64_t handshake_timeout = 0;          // milliseconds, each
  int64_t keep_alive_timeout = 0;         // between requests
  std::shared_ptr<const TlsContext> tls;  // what connections begin with
};

}  // namespace beastws
