#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <string>

typedef struct evp_cipher_ctx_st EVP_CIPHER_CTX;

namespace load {

constexpr size_t kRecordHeader = 5;
constexpr size_t kRecordPlain = 16 * 1024;
/** What a record is longer than what it carries: header, type and tag. */
constexpr size_t kRecordExtra = kRecordHeader + 1 + 16;

/** Types of records. */
enum RecordType : uint8_t { kAlert = 21, kHandshake = 22, kData = 23 };

/**
 * One direction of TLS 1.3 with AES-128-GCM and SHA-256, for as long as it has
 * the same key. SSL_read() and SSL_write() do the same, but half a
 * microsecond later, which is time of the server that is to be measured.
 */
class RecordCipher {
 public:
  RecordCipher() = default;
  ~RecordCipher();
  RecordCipher(const RecordCipher&) = delete;
  RecordCipher& operator=(const RecordCipher&) = delete;

  /** `secret`: the traffic secret, 32 bytes. Throws if OpenSSL fails. */
  void Begin(const std::string& secret, bool seals);
  bool begun() const { return context_ != nullptr; }

  /** Makes a record of `size` bytes at the front of `pieces` (at most
   * kRecordPlain); returns its length in `out`. */
  size_t Seal(const iovec* pieces, size_t size, char* out,
              uint8_t type = kData);
  /** Opens a whole record; `type` becomes its type. Returns the size of what it
   * carries in `out`, which has room for all of it, or -1 if it is wrong. */
  long Open(const char* record, size_t size, char* out, uint8_t* type);

 private:
  void SetNonce();

  EVP_CIPHER_CTX* context_ = nullptr;
  uint8_t iv_[12];
  uint64_t number_ = 0;
};

}  // namespace load
