#pragma once

#include <memory>
#include <string>

#include "transport.h"

typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_st SSL;

namespace load {

/**
 * Client settings shared by all connections: TLS 1.3 with AES-128-GCM only, so
 * that every server does the same work, and trust in one given certificate.
 */
class TlsContext {
 public:
  /** `certificate`: path of a PEM file. Throws if it cannot be loaded. */
  explicit TlsContext(const std::string& certificate);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  SSL_CTX* get() const { return context_; }

 private:
  SSL_CTX* context_;
};

/** TLS over a non-blocking socket. */
class TlsTransport : public Transport {
 public:
  TlsTransport(int fd, const TlsContext& context);
  ~TlsTransport() override;

  IoResult Read(char* to, size_t size) override;
  IoResult Write(const iovec* pieces, int count) override;
  IoResult Handshake() override;
  bool gathers() const override { return false; }

 private:
  IoResult Result(int n);

  SSL* ssl_;
};

/** OpenSSL's explanation of the last failure, for error messages. */
std::string TlsError();

}  // namespace load
