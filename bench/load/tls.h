#pragma once

#include <memory>
#include <string>

#include "tls_record.h"
#include "transport.h"

typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_st SSL;

namespace load {

/**
 * Client settings shared by all connections: TLS 1.3 with AES-128-GCM only, so
 * that every server does the same work.
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

/**
 * TLS over a non-blocking socket: the handshake is OpenSSL's, the records after
 * it are read and written here, with one system call for as many as there are.
 */
class TlsTransport : public Transport {
 public:
  TlsTransport(int fd, const TlsContext& context);
  ~TlsTransport() override;

  IoResult Read(char* to, size_t size) override;
  IoResult Write(const iovec* pieces, int count) override;
  Io WriteRest() override;
  IoResult Handshake() override;

 private:
  Io Advance();
  long Open(const char* data, size_t size, char* to);

  SSL* ssl_;                // until the handshake is over
  std::string secrets_[2];  // the server's, ours
  RecordCipher in_;
  RecordCipher out_;
  std::string partial_;  // a record that has not come to its end
  std::string rest_;     // what the socket did not take
  bool over_ = false;    // nothing more comes
};

/** OpenSSL's explanation of the last failure, for error messages. */
std::string TlsError();

}  // namespace load
