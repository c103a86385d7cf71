// The functions of one hash each: EVP takes several times as long for these.
#define OPENSSL_API_COMPAT 0x10100000L

#include "key_schedule.h"

#include <openssl/sha.h>

#include <cstring>

namespace load {
namespace {

constexpr size_t kBlock = 64;

const std::string& EmptyHash() {
  static const std::string hash = [] {
    unsigned char digest[kHashSize];
    SHA256(nullptr, 0, digest);
    return std::string(reinterpret_cast<char*>(digest), kHashSize);
  }();
  return hash;
}

/** The secret that both sides begin with, made ready for the next one. */
const std::string& EarlySecret() {
  static const std::string secret =
      Expand(Hmac(std::string(kHashSize, '\0'), std::string(kHashSize, '\0')),
             "derived", EmptyHash(), kHashSize);
  return secret;
}

}  // namespace

std::string Hmac(const std::string& key, const std::string& data) {
  unsigned char inner[kBlock];
  unsigned char outer[kBlock];
  memset(inner, 0x36, kBlock);
  memset(outer, 0x5c, kBlock);
  for (size_t i = 0; i < key.size(); ++i) {
    inner[i] ^= static_cast<unsigned char>(key[i]);
    outer[i] ^= static_cast<unsigned char>(key[i]);
  }
  unsigned char digest[kHashSize];
  SHA256_CTX hash;
  SHA256_Init(&hash);
  SHA256_Update(&hash, inner, kBlock);
  SHA256_Update(&hash, data.data(), data.size());
  SHA256_Final(digest, &hash);
  SHA256_Init(&hash);
  SHA256_Update(&hash, outer, kBlock);
  SHA256_Update(&hash, digest, kHashSize);
  SHA256_Final(digest, &hash);
  return {reinterpret_cast<char*>(digest), kHashSize};
}

std::string Expand(const std::string& secret, const std::string& label,
                   const std::string& context, size_t size) {
  std::string info = {0, static_cast<char>(size)};
  info += static_cast<char>(6 + label.size());
  info += "tls13 " + label;
  info += static_cast<char>(context.size());
  info += context;
  info += '\1';
  return Hmac(secret, info).substr(0, size);
}

KeySchedule::KeySchedule(const std::string& shared, const std::string& hello)
    : handshake_(Hmac(EarlySecret(), shared)),
      server_(Expand(handshake_, "s hs traffic", hello, kHashSize)),
      client_(Expand(handshake_, "c hs traffic", hello, kHashSize)) {}

std::string KeySchedule::Finished(const std::string& secret,
                                  const std::string& hash) {
  return Hmac(Expand(secret, "finished", "", kHashSize), hash);
}

void KeySchedule::Application(const std::string& hash, std::string* server,
                              std::string* client) const {
  const std::string master =
      Hmac(Expand(handshake_, "derived", EmptyHash(), kHashSize),
           std::string(kHashSize, '\0'));
  *server = Expand(master, "s ap traffic", hash, kHashSize);
  *client = Expand(master, "c ap traffic", hash, kHashSize);
}

}  // namespace load
