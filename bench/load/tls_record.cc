#include "tls_record.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "key_schedule.h"

namespace load {
namespace {

constexpr size_t kTag = 16;

/** Contexts that connections of before had: a new one takes longer than a new
 * key. */
std::vector<EVP_CIPHER_CTX*>& Spare() {
  static thread_local std::vector<EVP_CIPHER_CTX*> spare;
  return spare;
}

EVP_CIPHER_CTX* TakeContext() {
  std::vector<EVP_CIPHER_CTX*>& spare = Spare();
  if (spare.empty()) return EVP_CIPHER_CTX_new();
  EVP_CIPHER_CTX* context = spare.back();
  spare.pop_back();
  return context;
}

const EVP_CIPHER* Cipher() {
  static const EVP_CIPHER* const cipher =
      EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr);
  return cipher;
}

unsigned char* Bytes(char* data) {
  return reinterpret_cast<unsigned char*>(data);
}

const unsigned char* Bytes(const void* data) {
  return static_cast<const unsigned char*>(data);
}

}  // namespace

RecordCipher::~RecordCipher() {
  if (context_ != nullptr) Spare().push_back(context_);
}

void RecordCipher::Begin(const std::string& secret, bool seals) {
  const std::string key = Expand(secret, "key", "", 16);
  const std::string iv = Expand(secret, "iv", "", sizeof iv_);
  memcpy(iv_, iv.data(), sizeof iv_);
  context_ = TakeContext();
  if (context_ == nullptr ||
      EVP_CipherInit_ex(context_, Cipher(), nullptr, Bytes(key.data()), nullptr,
                        seals) != 1) {
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

size_t RecordCipher::Seal(const iovec* pieces, size_t size, char* out,
                          uint8_t type) {
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
