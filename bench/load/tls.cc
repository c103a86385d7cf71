#include "tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <climits>
#include <stdexcept>

namespace load {

std::string TlsError() {
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  return text;
}

TlsContext::TlsContext(const std::string& certificate)
    : context_(SSL_CTX_new(TLS_client_method())) {
  if (context_ == nullptr ||
      SSL_CTX_load_verify_locations(context_, certificate.c_str(), nullptr) !=
          1 ||
      SSL_CTX_set_min_proto_version(context_, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context_, "TLS_AES_128_GCM_SHA256") != 1) {
    throw std::runtime_error("TLS set-up failed: " + TlsError());
  }
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

TlsTransport::TlsTransport(int fd, const TlsContext& context)
    : Transport(fd), ssl_(SSL_new(context.get())) {
  if (ssl_ == nullptr || SSL_set_fd(ssl_, fd) != 1) {
    throw std::runtime_error("TLS set-up failed: " + TlsError());
  }
  SSL_set_connect_state(ssl_);
}

TlsTransport::~TlsTransport() { SSL_free(ssl_); }

IoResult TlsTransport::Result(int n) {
  if (n > 0) return {Io::kOk, static_cast<size_t>(n)};
  switch (SSL_get_error(ssl_, n)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {Io::kBlocked};
    case SSL_ERROR_ZERO_RETURN:
      return {Io::kEof};
    default:
      return {Io::kError};
  }
}

IoResult TlsTransport::Handshake() {
  ERR_clear_error();
  return Result(SSL_do_handshake(ssl_));
}

IoResult TlsTransport::Read(char* to, size_t size) {
  ERR_clear_error();
  return Result(
      SSL_read(ssl_, to, static_cast<int>(std::min<size_t>(size, INT_MAX))));
}

IoResult TlsTransport::Write(const iovec* pieces, int count) {
  size_t written = 0;
  for (int i = 0; i < count; ++i) {
    if (pieces[i].iov_len == 0) continue;
    ERR_clear_error();
    const IoResult result = Result(SSL_write(
        ssl_, pieces[i].iov_base,
        static_cast<int>(std::min<size_t>(pieces[i].iov_len, INT_MAX))));
    if (result.status != Io::kOk)
      return written > 0 ? IoResult{Io::kOk, written} : result;
    written += result.bytes;
    if (result.bytes < pieces[i].iov_len) break;
  }
  return {Io::kOk, written};
}

}  // namespace load
