#define OPENSSL_API_COMPAT 0x10100000L

#include "tls_handshake.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace load {
namespace {

constexpr uint64_t kSignaturesPerCheck = 16;
constexpr size_t kKeyShareSize = 32;

enum MessageType : uint8_t {
  kClientHello = 1,
  kServerHello = 2,
  kEncryptedExtensions = 8,
  kCertificate = 11,
  kCertificateVerify = 15,
  kFinished = 20
};

constexpr char kChangeCipherSpec[] = "\x14\x03\x03\x00\x01\x01";
/** The random of a hello that asks for another one (RFC 8446, 4.1.3). */
constexpr char kRetry[] =
    "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91"
    "\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c";

std::string Int(size_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    text += static_cast<char>(value >> shift);
  return text;
}

/** `text` after its length in `bytes` bytes. */
std::string Vector(const std::string& text, int bytes) {
  return Int(text.size(), bytes) + text;
}

std::string Extension(size_t type, const std::string& content) {
  return Int(type, 2) + Vector(content, 2);
}

/** Reads numbers and vectors one after the other; once something is missing,
 * everything is empty. */
class Reader {
 public:
  explicit Reader(const std::string& text) : text_(text) {}

  bool ok() const { return ok_; }
  bool done() const { return at_ == text_.size(); }
  size_t Number(int bytes) {
    size_t value = 0;
    for (const char c : Take(static_cast<size_t>(bytes)))
      value = value << 8 | static_cast<uint8_t>(c);
    return value;
  }
  std::string Vector(int bytes) { return Take(Number(bytes)); }
  std::string Take(size_t size) {
    ok_ = ok_ && size <= text_.size() - at_;
    if (!ok_) return "";
    at_ += size;
    return text_.substr(at_ - size, size);
  }

 private:
  const std::string text_;
  size_t at_ = 0;
  bool ok_ = true;
};

const unsigned char* Bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

class TlsHandshake::Hash {
 public:
  Hash() { SHA256_Init(&state_); }
  void Add(const std::string& message) {
    SHA256_Update(&state_, message.data(), message.size());
  }
  std::string Value() const {
    SHA256_CTX copy = state_;
    unsigned char digest[kHashSize];
    SHA256_Final(digest, &copy);
    return {reinterpret_cast<char*>(digest), kHashSize};
  }

 private:
  SHA256_CTX state_;
};

void TlsHandshake::Deleter::operator()(Hash* hash) const { delete hash; }

TlsContext::TlsContext(const std::string& certificate) {
  FILE* file = fopen(certificate.c_str(), "r");
  X509* x509 = file == nullptr ? nullptr
                               : PEM_read_X509(file, nullptr, nullptr, nullptr);
  if (file != nullptr) fclose(file);
  unsigned char* der = nullptr;
  const int size = i2d_X509(x509, &der);
  public_key_ = X509_get_pubkey(x509);
  own_key_ = EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519");
  unsigned char share[kKeyShareSize];
  size_t share_size = sizeof share;
  agreement_ = EVP_PKEY_CTX_new(own_key_, nullptr);
  if (size <= 0 || public_key_ == nullptr || agreement_ == nullptr ||
      EVP_PKEY_get_raw_public_key(own_key_, share, &share_size) != 1 ||
      EVP_PKEY_derive_init(agreement_) != 1) {
    throw std::runtime_error(std::string("TLS set-up failed: ") +
                             ERR_reason_error_string(ERR_get_error()));
  }
  certificate_.assign(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  key_share_.assign(reinterpret_cast<char*>(share), share_size);
  OPENSSL_free(der);
  X509_free(x509);
}

TlsContext::~TlsContext() {
  EVP_PKEY_CTX_free(agreement_);
  EVP_PKEY_free(own_key_);
  EVP_PKEY_free(public_key_);
}

std::string TlsContext::Agree(const std::string& key_share) const {
  EVP_PKEY* peer = EVP_PKEY_new_raw_public_key(
      EVP_PKEY_X25519, nullptr, Bytes(key_share), key_share.size());
  unsigned char secret[kKeyShareSize];
  size_t size = sizeof secret;
  const bool agreed = peer != nullptr &&
                      EVP_PKEY_derive_set_peer(agreement_, peer) == 1 &&
                      EVP_PKEY_derive(agreement_, secret, &size) == 1;
  EVP_PKEY_free(peer);
  return agreed ? std::string(reinterpret_cast<char*>(secret), size) : "";
}

bool TlsContext::IsSigned(const std::string& hash,
                          const std::string& signature) const {
  if (signatures_++ % kSignaturesPerCheck != 0) return true;
  std::string text(64, ' ');
  text += "TLS 1.3, server CertificateVerify";
  text += '\0';
  text += hash;
  EVP_MD_CTX* check = EVP_MD_CTX_new();
  const bool right = EVP_DigestVerifyInit(check, nullptr, EVP_sha256(), nullptr,
                                          public_key_) == 1 &&
                     EVP_DigestVerify(check, Bytes(signature), signature.size(),
                                      Bytes(text), text.size()) == 1;
  EVP_MD_CTX_free(check);
  return right;
}

TlsHandshake::TlsHandshake(const TlsContext& context)
    : context_(context), hash_(new Hash), expected_(kServerHello) {}

// As OpenSSL's clients send it, with one offer of each kind. What is to be
// random need not be.
std::string TlsHandshake::Hello() {
  const std::string extensions =
      Extension(10, Vector(Int(0x001d, 2), 2)) +  // groups: X25519
      Extension(13, Vector(Int(0x0403, 2), 2)) +  // ecdsa_secp256r1_sha256
      Extension(43, Vector(Int(0x0304, 2), 1)) +  // TLS 1.3
      Extension(45, Vector(Int(1, 1), 1)) +       // tickets are welcome
      Extension(51,
                Vector(Int(0x001d, 2) + Vector(context_.key_share(), 2), 2));
  const std::string body =
      Int(0x0303, 2) + std::string(32, 'r') + Vector(std::string(32, 's'), 1) +
      Vector(Int(0x1301, 2), 2) + Vector(Int(0, 1), 1) + Vector(extensions, 2);
  const std::string message = Int(kClientHello, 1) + Vector(body, 3);
  hash_->Add(message);
  return Int(kHandshake, 1) + Int(0x0301, 2) + Vector(message, 2);
}

TlsHandshake::Progress TlsHandshake::Wrong(const std::string& why) {
  error_ = why;
  return Progress::kWrong;
}

TlsHandshake::Progress TlsHandshake::Take(const char* record, size_t size) {
  const auto type = static_cast<uint8_t>(record[0]);
  if (record[0] == kChangeCipherSpec[0]) return Progress::kMore;
  if (!in_.begun()) {
    if (type != kHandshake) return Wrong("no hello came");
    plain_.append(record + kRecordHeader, size - kRecordHeader);
    return TakeMessages();
  }
  const size_t before = plain_.size();
  plain_.resize(before + size);
  uint8_t inner = 0;
  const long opened = in_.Open(record, size, plain_.data() + before, &inner);
  if (opened < 0 || inner != kHandshake) return Wrong("a record is wrong");
  plain_.resize(before + static_cast<size_t>(opened));
  return TakeMessages();
}

TlsHandshake::Progress TlsHandshake::TakeMessages() {
  for (;;) {
    if (plain_.size() < 4) return Progress::kMore;
    const size_t size =
        4 + (static_cast<size_t>(static_cast<uint8_t>(plain_[1])) << 16 |
             static_cast<size_t>(static_cast<uint8_t>(plain_[2])) << 8 |
             static_cast<uint8_t>(plain_[3]));
    if (plain_.size() < size) return Progress::kMore;
    const std::string message = plain_.substr(0, size);
    plain_.erase(0, size);
    const auto type = static_cast<uint8_t>(message[0]);
    if (type != expected_) {
      return Wrong("message " + std::to_string(type) + " came, not " +
                   std::to_string(expected_));
    }
    const Progress progress = TakeMessage(type, message);
    if (progress != Progress::kMore) return progress;
  }
}

TlsHandshake::Progress TlsHandshake::TakeMessage(uint8_t type,
                                                 const std::string& message) {
  if (type == kServerHello) return TakeHello(message);
  if (type == kFinished) return Finish(message);
  Reader reader(message);
  reader.Take(4);
  if (type == kEncryptedExtensions) {
    expected_ = kCertificate;
  } else if (type == kCertificate) {
    reader.Vector(1);
    Reader list(reader.Vector(3));
    if (list.Vector(3) != context_.certificate())
      return Wrong("the certificate is another one");
    expected_ = kCertificateVerify;
  } else {
    const size_t scheme = reader.Number(2);
    if (scheme != 0x0403 ||
        !context_.IsSigned(hash_->Value(), reader.Vector(2))) {
      return Wrong("the signature is wrong");
    }
    expected_ = kFinished;
  }
  hash_->Add(message);
  return Progress::kMore;
}

TlsHandshake::Progress TlsHandshake::TakeHello(const std::string& message) {
  Reader reader(message);
  reader.Take(6);
  if (reader.Take(32) == std::string(kRetry, 32))
    return Wrong("the hello was not enough");
  reader.Vector(1);
  const size_t cipher = reader.Number(2);
  reader.Number(1);
  Reader extensions(reader.Vector(2));
  size_t version = 0;
  std::string share;
  while (extensions.ok() && !extensions.done()) {
    const size_t type = extensions.Number(2);
    Reader content(extensions.Vector(2));
    if (type == 43) {
      version = content.Number(2);
    } else if (type == 51 && content.Number(2) == 0x001d) {
      share = content.Vector(2);
    }
  }
  const std::string shared = context_.Agree(share);
  if (!extensions.ok() || cipher != 0x1301 || version != 0x0304 ||
      shared.empty()) {
    return Wrong("the hello is wrong");
  }
  hash_->Add(message);
  keys_ = std::make_unique<KeySchedule>(shared, hash_->Value());
  in_.Begin(keys_->server_secret(), false);
  expected_ = kEncryptedExtensions;
  // What follows is encrypted.
  return plain_.empty() ? Progress::kMore : Wrong("more than a hello came");
}

TlsHandshake::Progress TlsHandshake::Finish(const std::string& message) {
  if (message.substr(4) !=
      KeySchedule::Finished(keys_->server_secret(), hash_->Value())) {
    return Wrong("the server has seen another handshake");
  }
  hash_->Add(message);
  const std::string hash = hash_->Value();
  keys_->Application(hash, &server_secret_, &client_secret_);

  const std::string finished =
      Int(kFinished, 1) +
      Vector(KeySchedule::Finished(keys_->client_secret(), hash), 3);
  RecordCipher out;
  out.Begin(keys_->client_secret(), true);
  char record[128];
  const iovec piece{const_cast<char*>(finished.data()), finished.size()};
  const size_t size = out.Seal(&piece, finished.size(), record, kHandshake);
  answer_.assign(kChangeCipherSpec, sizeof kChangeCipherSpec - 1);
  answer_.append(record, size);
  return plain_.empty() ? Progress::kDone : Wrong("more than Finished came");
}

}  // namespace load
