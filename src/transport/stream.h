#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <utility>

#include "transport/socket.h"
#include "transport/tls_stream.h"

namespace beastws {

// A socket, with or without TLS on top: bytes go in and out as plaintext.
class Stream {
 public:
  explicit Stream(Socket socket, std::unique_ptr<TlsStream> tls = nullptr)
      : socket_(std::move(socket)), tls_(std::move(tls)) {}

  int descriptor() const { return socket_.descriptor(); }
  Socket& socket() { return socket_; }
  const Socket& socket() const { return socket_; }
  TlsStream* tls() { return tls_.get(); }
  const TlsStream* tls() const { return tls_.get(); }

  // At least 64 KiB of room, for TLS, of which at most about `most` are used.
  IoResult Receive(const iovec* pieces, size_t count, size_t most = SIZE_MAX) {
    if (tls_) return tls_->Receive(&socket_, pieces, count, most);
    const long size = socket_.Receive(pieces, count);
    // A short read has emptied the socket.
    return {size, size < Sum(pieces, count)};
  }

  // `last`: Shutdown() follows at once.
  IoResult Send(const iovec* pieces, size_t count, bool last = false) {
    if (tls_) return tls_->Send(&socket_, pieces, count, last);
    const long size = socket_.Send(pieces, count, last);
    // A short write has filled it.
    return {size, size < Sum(pieces, count)};
  }

  // There are bytes below those that were sent.
  bool wants_write() const { return tls_ && tls_->wants_write(); }

  // Ends what is sent. False: to be called again when it is writable.
  bool Shutdown() {
    if (tls_) return tls_->Shutdown(&socket_);
    socket_.ShutdownWrite();
    return true;
  }

 private:
  static long Sum(const iovec* pieces, size_t count) {
    size_t size = 0;
    for (size_t i = 0; i < count; ++i) size += pieces[i].iov_len;
    return static_cast<long>(size);
  }

  Socket socket_;
  std::unique_ptr<TlsStream> tls_;
};

}  // namespace beastws
