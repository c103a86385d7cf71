#include <string>
#include <vector>

#include "transport/tls_stream.h"

// What a TlsStream says about its connection.

namespace beastws {

namespace {

std::string ToBase64(const OpenSsl& openssl, const x509_st* certificate) {
  const int size = openssl.i2d_X509(certificate, nullptr);
  if (size <= 0) return "";
  std::vector<unsigned char> der(static_cast<size_t>(size));
  unsigned char* out = der.data();
  openssl.i2d_X509(certificate, &out);
  // Four characters for each three bytes, and a null.
  std::string text((der.size() + 2) / 3 * 4 + 1, '\0');
  openssl.EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                          der.data(), size);
  text.pop_back();
  return text;
}

const char* OrNothing(const char* text) { return text == nullptr ? "" : text; }

}  // namespace

long TlsStream::VerifyResult() const {
  x509_st* certificate = openssl_.SSL_get1_peer_certificate(ssl_);
  if (certificate == nullptr) return -1;
  openssl_.X509_free(certificate);
  return openssl_.SSL_get_verify_result(ssl_);
}

std::string TlsStream::Info() const {
  const OpenSsl& o = openssl_;
  const ssl_cipher_st* cipher = o.SSL_get_current_cipher(ssl_);
  const unsigned char* alpn = nullptr;
  unsigned alpn_size = 0;
  o.SSL_get0_alpn_selected(ssl_, &alpn, &alpn_size);
  std::string text;
  const auto add = [&text](std::string line) {
    // The lines are told apart by their ends.
    for (char& character : line) {
      if (character == '\n') character = ' ';
    }
    text += line;
    text += '\n';
  };
  add(OrNothing(o.SSL_get_version(ssl_)));
  add(OrNothing(o.SSL_CIPHER_get_name(cipher)));
  add(OrNothing(o.SSL_CIPHER_standard_name(cipher)));
  add(OrNothing(o.SSL_CIPHER_get_version(cipher)));
  add(std::string(reinterpret_cast<const char*>(alpn), alpn_size));
  add(OrNothing(o.SSL_get_servername(ssl_, 0)));
  add(o.SSL_session_reused(ssl_) == 1 ? "1" : "0");
  add(std::to_string(VerifyResult()));
  add(std::to_string(context_->options().serial) + " " +
      std::to_string(context_->FindCertificate(ssl_)));

  std::string certificates;
  x509_st* leaf = o.SSL_get1_peer_certificate(ssl_);
  if (leaf != nullptr) {
    certificates = ToBase64(o, leaf);
    o.X509_free(leaf);
    stack_st_X509* chain = o.SSL_get0_verified_chain(ssl_);
    if (chain == nullptr) chain = o.SSL_get_peer_cert_chain(ssl_);
    const auto* stack = reinterpret_cast<const stack_st*>(chain);
    const int count = stack == nullptr ? 0 : o.OPENSSL_sk_num(stack);
    const std::string first = certificates;
    for (int i = 0; i < count; ++i) {
      const std::string next = ToBase64(
          o, static_cast<const x509_st*>(o.OPENSSL_sk_value(stack, i)));
      if (next != first) certificates += "," + next;
    }
  }
  add(certificates);
  return text;
}

std::string TlsStream::ErrorInfo() const {
  if (!error_) return "\n\n0\n";
  const long verified =
      ssl_ == nullptr ? 0 : openssl_.SSL_get_verify_result(ssl_);
  return error_->library + "\n" + error_->reason + "\n" +
         std::to_string(verified) + "\n" + error_->text;
}

}  // namespace beastws
