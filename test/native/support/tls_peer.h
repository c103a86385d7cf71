#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "transport/openssl.h"
#include "transport/tls_context.h"

struct bio_st;

namespace beastws::test {

// The system's OpenSSL, loaded so that OpenSsl::Find() finds it, as Node's is
// there for the addon. Throws without one.
const OpenSsl& SystemOpenSsl();

// A certificate for a name, signed by itself, in an SSL_CTX.
struct TlsMaterial {
  explicit TlsMaterial(const std::string& name, bool server = true);
  ~TlsMaterial();
  TlsMaterial(const TlsMaterial&) = delete;
  TlsMaterial& operator=(const TlsMaterial&) = delete;

  ssl_ctx_st* context;
};

// A context of ours with such a certificate, or one for clients.
std::shared_ptr<const TlsContext> MakeServerContext(
    TlsContext::Options options = {}, const std::string& name = "localhost");
std::shared_ptr<const TlsContext> MakeClientContext(
    TlsContext::Options options = {});

// The other end: OpenSSL as everybody uses it, in memory. Ciphertext goes in
// and out by hand, so that a test decides what of it arrives when.
class TlsPeer {
 public:
  static constexpr int kTls12 = 0x0303;
  static constexpr int kTls13 = 0x0304;
  struct Options {
    bool server = false;
    int version = kTls13;
    std::string host;  // that a client asks for
    std::string alpn;  // that a client offers
  };

  explicit TlsPeer(const Options& options);
  TlsPeer() : TlsPeer(Options{}) {}
  ~TlsPeer();
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  // Goes on with the handshake, if it is under way.
  void Advance();
  bool is_open() const { return open_; }
  // What it has to say, and what is said to it.
  std::string TakeOutput();
  void Feed(std::string_view ciphertext);

  // Ciphertext of a message.
  std::string Seal(std::string_view text);
  // All plaintext that has come.
  std::string Open();
  // close_notify has come; known after Open().
  bool has_ended() const { return ended_; }
  // It has got an alert, or something wrong; likewise. In OpenSSL's words.
  const std::string& error() const { return error_; }
  std::string Close();
  // Other keys for what it sends, and the wish for others from the peer.
  std::string UpdateKeys();
  // The name on the certificate that it was shown.
  std::string PeerName() const;
  std::string Alpn() const;

 private:
  void Fail();

  std::unique_ptr<TlsMaterial> material_;
  ssl_st* ssl_;
  bio_st* in_;
  bio_st* out_;
  bool open_ = false;
  bool ended_ = false;
  std::string error_;
};

}  // namespace beastws::test
