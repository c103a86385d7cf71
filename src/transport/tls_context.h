#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "transport/openssl.h"

namespace beastws {

// The certificates of an SSL_CTX, with their keys, and the authorities that it
// trusts. Only reads that SSL_CTX, which may be somebody else's.
class TlsIdentity {
 public:
  TlsIdentity(const OpenSsl* openssl, ssl_ctx_st* context);
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

  // Gives all of it to a connection. False: it does not take it.
  bool Use(ssl_st* ssl) const;

  // The position of a certificate, or -1.
  int Find(const x509_st* certificate) const;
  size_t size() const { return entries_.size(); }
  // Certificates as DER, those that can be shown.
  std::vector<std::string> Certificates() const;

 private:
  struct Entry {
    x509_st* certificate;
    evp_pkey_st* key;
    stack_st_X509* chain;  // or null
  };

  const OpenSsl* const openssl_;
  std::vector<Entry> entries_;
  x509_store_st* store_ = nullptr;
  stack_st_X509_NAME* authorities_ = nullptr;
};

// What connections of one kind have in common. Never changed, so that both
// threads may have it: another certificate is another context.
class TlsContext {
 public:
  struct Name {
    std::string pattern;  // `*` stands for one label or a part of it
    std::shared_ptr<const TlsIdentity> identity;
  };
  struct Options {
    bool server = true;
    bool request_certificate = false;
    bool reject_unauthorized = false;  // while the handshake is under way
    int64_t handshake_timeout = 0;     // milliseconds
    uint32_t serial = 0;               // by which its maker knows it
    std::string alpn;                  // protocols, each after its length
    std::string ticket_keys;           // name, HMAC and AES keys: 16 bytes each
    std::vector<Name> names;           // the last that matches counts
  };
  static constexpr size_t kTicketKeysSize = 48;

  // `context` is ours from now on, though its maker may have a reference: all
  // callbacks are replaced.
  TlsContext(const OpenSsl* openssl, ssl_ctx_st* context, Options options);
  // With the same SSL_CTX, which may be in use on another thread.
  TlsContext(const TlsContext& base, Options options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  const OpenSsl& openssl() const { return *openssl_; }
  const Options& options() const { return options_; }

  // An SSL for a stream, which its callbacks are to know; null without memory.
  ssl_st* NewSsl(void* stream) const;
  // Which of all certificates a connection shows: first the context's, then
  // those of the names. -1: none of them.
  int FindCertificate(const ssl_st* ssl) const;
  std::vector<std::string> Certificates() const;

 private:
  static int OnCertificate(ssl_st* ssl, void* context);
  static int OnSelectAlpn(ssl_st* ssl, const unsigned char** out,
                          unsigned char* out_size, const unsigned char* in,
                          unsigned in_size, void* context);
  static int OnTicketKey(ssl_st* ssl, unsigned char* name, unsigned char* iv,
                         evp_cipher_ctx_st* cipher, evp_mac_ctx_st* mac,
                         int encrypt);

  void TakeOver();

  const OpenSsl* const openssl_;
  ssl_ctx_st* const context_;
  const Options options_;
  const std::shared_ptr<const TlsIdentity> identity_;
};

// Whether a host name is meant by a pattern, as tls.Server matches them, but
// without regard to case.
bool MatchesHostPattern(std::string_view pattern, std::string_view name);

}  // namespace beastws
