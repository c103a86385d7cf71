#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "key_schedule.h"
#include "tls_record.h"

typedef struct evp_pkey_st EVP_PKEY;
typedef struct evp_pkey_ctx_st EVP_PKEY_CTX;

namespace load {

/**
 * What all handshakes have in common: the one certificate that the server may
 * show, and our key pair for X25519, which is the same for all connections, as
 * nothing is secret here.
 */
class TlsContext {
 public:
  /** `certificate`: path of a PEM file, with a key for P-256. Throws if it
   * cannot be loaded. */
  explicit TlsContext(const std::string& certificate);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  const std::string& certificate() const { return certificate_; }  // DER
  const std::string& key_share() const { return key_share_; }
  /** The secret shared with whom `key_share` belongs to; empty if it is none.
   */
  std::string Agree(const std::string& key_share) const;
  /** Whether the server has signed `hash`. Only the signature of every 16th
   * connection is looked at. */
  bool IsSigned(const std::string& hash, const std::string& signature) const;

 private:
  std::string certificate_;
  std::string key_share_;
  EVP_PKEY* public_key_ = nullptr;
  EVP_PKEY* own_key_ = nullptr;
  EVP_PKEY_CTX* agreement_ = nullptr;
  mutable uint64_t signatures_ = 0;
};

/**
 * A client's handshake of TLS 1.3 with X25519, AES-128-GCM, and ECDSA on P-256;
 * no other. What takes a client long is left out: OpenSSL's client needs four
 * times as long, which is time of the server that is to be measured.
 */
class TlsHandshake {
 public:
  explicit TlsHandshake(const TlsContext& context);

  /** The record to begin with. */
  std::string Hello();

  enum class Progress { kMore, kDone, kWrong };
  /** Takes a whole record. */
  Progress Take(const char* record, size_t size);
  /** Why it is wrong. */
  const std::string& error() const { return error_; }
  /** When it is done: the records that are the answer, and the secrets of the
   * application's data. */
  const std::string& answer() const { return answer_; }
  const std::string& server_secret() const { return server_secret_; }
  const std::string& client_secret() const { return client_secret_; }

 private:
  class Hash;
  struct Deleter {
    void operator()(Hash* hash) const;
  };

  Progress Wrong(const std::string& why);
  Progress TakeHello(const std::string& message);
  Progress TakeMessages();
  Progress TakeMessage(uint8_t type, const std::string& message);
  Progress Finish(const std::string& message);

  const TlsContext& context_;
  std::unique_ptr<Hash, Deleter> hash_;  // of all messages
  std::unique_ptr<KeySchedule> keys_;    // once the server has said hello
  RecordCipher in_;
  std::string plain_;  // messages that have not come to their end
  uint8_t expected_;   // the next message's type
  std::string answer_;
  std::string server_secret_;
  std::string client_secret_;
  std::string error_;
};

}  // namespace load
