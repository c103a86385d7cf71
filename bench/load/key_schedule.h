#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace load {

constexpr size_t kHashSize = 32;

/** HMAC with SHA-256. */
std::string Hmac(const std::string& key, const std::string& data);

/** HKDF-Expand-Label of RFC 8446, 7.1, for no more than one hash's length. */
std::string Expand(const std::string& secret, const std::string& label,
                   const std::string& context, size_t size);

/** What a handshake of TLS 1.3 with SHA-256 and without a shared secret of
 * before comes to (RFC 8446, 7.1). Hashes are those of the messages so far. */
class KeySchedule {
 public:
  /** `shared`: what both sides have agreed on; `hello`: the hash of both
   * hellos. */
  KeySchedule(const std::string& shared, const std::string& hello);

  /** Secrets of the handshake's records: the server's, ours. */
  const std::string& server_secret() const { return server_; }
  const std::string& client_secret() const { return client_; }

  /** The content of a message Finished of whom `secret` belongs to. */
  static std::string Finished(const std::string& secret,
                              const std::string& hash);
  /** Secrets of the application's data; `hash` goes to the server's Finished.
   */
  void Application(const std::string& hash, std::string* server,
                   std::string* client) const;

 private:
  std::string handshake_;
  std::string server_;
  std::string client_;
};

}  // namespace load
