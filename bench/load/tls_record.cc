#include "tls_record.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace load {
namespace {

constexpr size_t kTag = 16;

/** HKDF-Expand-Label of RFC 8446, 7.1, for no more than one hash's length. */
std::string Expand(const std::string& secret, const std::string& label,
                   size_t size) {
  std::string info = {0, static_cast<char>(size)};
  info += static_cast<char>(6 + label.size());
  info += "tls13 " + label;
  info += '\0';
  info += '\1';
  unsigned char hash[EVP_MAX_MD_SIZE];
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(info.data()), info.size(),
           hash, nullptr) == nullptr) {
    throw std::runtime_error("HMAC failed");
  }
  return {reinterpret_cast<const char*>(hash), size};
}

unsigned char* Bytes(char* data) {
  return reinterpret_cast<unsigned char*>(data);
}

const unsigned char* Bytes(const void* data) {
  return static_cast<const unsigned char*>(data);
}

}  // namespace

RecordCipher::~RecordCipher() { EVP_CIPHER_CTX_free(context_); }

void RecordCipher::Begin(const std::string& secret, bool seals) {
  const std::string key = Expand(secret, "key", 16);
  const std::string iv = Expand(secret, "iv", sizeof iv_);
  memcpy(iv_, iv.data(), sizeof iv_);
  context_ = EVP_CIPHER_CTX_new();
  if (context_ == nullptr ||
      EVP_CipherInit_ex(context_, EVP_aes_128_gcm(), nullptr, Bytes(key.data()),
                        nullptr, seals) != 1) {
    throw std::runtime_error("AES-128-GCM failed");
  }
}

void RecordCipher::SetNonce() {
  unsigned char nonce[sizeof iv_];
  memcpy(nonce, iv_, sizeof iv_);
  for (size_t i = 0; i < 8; ++i) {
    nonce[4 + i] ^= static_cast<unsigned char>(number_ >> (56 - 8 * i));
  }
  ++number_;
  EVP_CipherInit_ex(context_, nullptr, nullptr, nullptr, nonce, -1);
}

size_t RecordCipher::Seal(const iovec* pieces, size_t size, char* out) {
  const size_t length = size + 1 + kTag;
  const char header[] = {kData, 3, 3, static_cast<char>(length >> 8),
                         static_cast<char>(length)};
  memcpy(out, header, kRecordHeader);
  unsigned char* at = Bytes(out) + kRecordHeader;
  int n = 0;
  SetNonce();
  EVP_CipherUpdate(context_, nullptr, &n, Bytes(header), kRecordHeader);
  for (size_t left = size; left > 0; ++pieces) {
    const size_t part = std::min(left, pieces->iov_len);
    EVP_CipherUpdate(context_, at, &n, Bytes(pieces->iov_base),
                     static_cast<int>(part));
    at += part;
    left -= part;
  }
  const unsigned char type = kData;
  EVP_CipherUpdate(context_, at, &n, &type, 1);
  EVP_CipherFinal_ex(context_, at + 1, &n);
  EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, kTag, at + 1);
  return kRecordHeader + length;
}

long RecordCipher::Open(const char* record, size_t size, char* out,
                        uint8_t* type) {
  if (size < kRecordExtra || size > kRecordPlain + kRecordExtra) return -1;
  const size_t length = size - kRecordHeader - kTag;
  int n = 0;
  SetNonce();
  EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, kTag,
                      const_cast<char*>(record) + kRecordHeader + length);
  EVP_CipherUpdate(context_, nullptr, &n, Bytes(record), kRecordHeader);
  // The last byte is the type, unless there is padding: `out` has no room for
  // it.
  unsigned char last = 0;
  EVP_CipherUpdate(context_, Bytes(out), &n, Bytes(record) + kRecordHeader,
                   static_cast<int>(length - 1));
  EVP_CipherUpdate(context_, &last, &n,
                   Bytes(record) + kRecordHeader + length - 1, 1);
  if (EVP_CipherFinal_ex(context_, nullptr, &n) != 1) return -1;
  size_t left = length - 1;
  while (last == 0 && left > 0) last = static_cast<unsigned char>(out[--left]);
  *type = last;
  return static_cast<long>(left);
}

}  // namespace load
