#include "tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace load {
namespace {

constexpr char kCloseNotify = 0;
constexpr char kNewTicket = 4;
constexpr size_t kReadSize = 256 * 1024;
/** Plaintext that becomes records at once. */
constexpr size_t kWriteSize = 256 * 1024;
constexpr size_t kWriteRoom =
    kWriteSize + (kWriteSize / kRecordPlain + 1) * kRecordExtra;

uint8_t HexDigit(char c) {
  return static_cast<uint8_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/** "LABEL RANDOM SECRET": keeps the secrets of the application's data. */
void OnSecret(const SSL* ssl, const char* line) {
  constexpr const char* kLabels[] = {"SERVER_TRAFFIC_SECRET_0 ",
                                     "CLIENT_TRAFFIC_SECRET_0 "};
  auto* secrets = static_cast<std::string*>(SSL_get_app_data(ssl));
  for (int i = 0; i < 2; ++i) {
    if (strncmp(line, kLabels[i], strlen(kLabels[i])) != 0) continue;
    const char* hex = strrchr(line, ' ') + 1;
    for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
      secrets[i] += static_cast<char>(HexDigit(hex[0]) << 4 | HexDigit(hex[1]));
    }
  }
}

/** Takes from `data` the length of the record that begins there; 0 if it has
 * not come to its end. */
size_t RecordSize(const char* data, size_t size) {
  if (size < kRecordHeader) return 0;
  const size_t length =
      kRecordHeader + (static_cast<size_t>(static_cast<uint8_t>(data[3])) << 8 |
                       static_cast<uint8_t>(data[4]));
  return length <= size ? length : 0;
}

}  // namespace

std::string TlsError() {
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  return text;
}

TlsContext::TlsContext(const std::string& certificate)
    : context_(SSL_CTX_new(TLS_client_method())) {
  if (context_ == nullptr ||
      SSL_CTX_load_verify_locations(context_, certificate.c_str(), nullptr) !=
          1 ||
      SSL_CTX_set_min_proto_version(context_, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context_, "TLS_AES_128_GCM_SHA256") != 1) {
    throw std::runtime_error("TLS set-up failed: " + TlsError());
  }
  // Who has signed the certificate takes time, too, and is known.
  SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_keylog_callback(context_, &OnSecret);
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

TlsTransport::TlsTransport(int fd, const TlsContext& context)
    : Transport(fd), ssl_(SSL_new(context.get())) {
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  if (ssl_ == nullptr || in == nullptr || out == nullptr) {
    throw std::runtime_error("TLS set-up failed: " + TlsError());
  }
  BIO_set_mem_eof_return(in, -1);
  SSL_set_bio(ssl_, in, out);
  SSL_set_app_data(ssl_, secrets_);
  SSL_set_connect_state(ssl_);
}

TlsTransport::~TlsTransport() { SSL_free(ssl_); }

/** One step of OpenSSL's: what it says goes to the socket. */
Io TlsTransport::Advance() {
  ERR_clear_error();
  const int n = SSL_do_handshake(ssl_);
  const bool blocked = n <= 0 && SSL_get_error(ssl_, n) == SSL_ERROR_WANT_READ;
  char* data = nullptr;
  const long size = BIO_get_mem_data(SSL_get_wbio(ssl_), &data);
  if (size > 0) rest_.append(data, static_cast<size_t>(size));
  BIO_reset(SSL_get_wbio(ssl_));
  if (WriteRest() == Io::kError) return Io::kError;
  return n == 1 ? Io::kOk : blocked ? Io::kBlocked : Io::kError;
}

IoResult TlsTransport::Handshake() {
  static thread_local char buffer[kReadSize];
  Io status = Advance();
  while (status == Io::kBlocked) {
    // No byte of what comes after the handshake is OpenSSL's.
    const size_t size = RecordSize(partial_.data(), partial_.size());
    if (size > 0) {
      BIO_write(SSL_get_rbio(ssl_), partial_.data(), static_cast<int>(size));
      partial_.erase(0, size);
      status = Advance();
      continue;
    }
    const IoResult result = Transport::Read(buffer, sizeof buffer);
    if (result.status != Io::kOk) return {result.status};
    partial_.append(buffer, result.bytes);
  }
  if (status != Io::kOk) return {status};
  in_.Begin(secrets_[0], false);
  out_.Begin(secrets_[1], true);
  SSL_free(ssl_);
  ssl_ = nullptr;
  return {Io::kOk};
}

/** Opens the records that are whole and keeps the rest; what they carry, or -1
 * if one is wrong. */
long TlsTransport::Open(const char* data, size_t size, char* to) {
  size_t done = 0;
  size_t total = 0;
  while (const size_t record = RecordSize(data + done, size - done)) {
    uint8_t type = 0;
    const long n = in_.Open(data + done, record, to + total, &type);
    if (n < 0) return -1;
    done += record;
    if (type == kData) {
      total += static_cast<size_t>(n);
    } else if (type == kAlert && n == 2 && to[total + 1] == kCloseNotify) {
      over_ = true;
    } else if (type != kHandshake || n == 0 || to[total] != kNewTicket) {
      return -1;
    }
  }
  partial_.assign(data + done, size - done);
  return static_cast<long>(total);
}

IoResult TlsTransport::Read(char* to, size_t size) {
  static thread_local char buffer[kReadSize];
  size = std::min(size, sizeof buffer);
  for (;;) {
    if (over_) return {Io::kEof};
    // Whole records may be left of the handshake.
    const size_t before = partial_.size();
    memcpy(buffer, partial_.data(), before);
    const IoResult result = Transport::Read(buffer + before, size - before);
    const long n = Open(buffer, before + result.bytes, to);
    if (n < 0) {
      errno = EPROTO;
      return {Io::kError};
    }
    if (n > 0) {
      const bool more = over_ || result.status == Io::kEof || !result.drained;
      return {Io::kOk, static_cast<size_t>(n), !more};
    }
    if (result.status != Io::kOk) return {result.status};
  }
}

IoResult TlsTransport::Write(const iovec* pieces, int count) {
  static thread_local char records[kWriteRoom];
  if (!rest_.empty()) return {Io::kBlocked};
  size_t size = 0;
  size_t taken = 0;
  iovec left[2];
  count = std::min(count, 2);
  std::copy(pieces, pieces + count, left);
  for (int at = 0; at < count && taken < kWriteSize;) {
    size_t part = 0;
    for (int i = at; i < count; ++i) part += left[i].iov_len;
    part = std::min(part, kRecordPlain);
    size += out_.Seal(left + at, part, records + size);
    taken += part;
    for (; at < count && left[at].iov_len <= part; ++at)
      part -= left[at].iov_len;
    if (at == count) break;
    left[at].iov_base = static_cast<char*>(left[at].iov_base) + part;
    left[at].iov_len -= part;
  }
  const iovec all{records, size};
  const IoResult result = Transport::Write(&all, 1);
  if (result.status == Io::kError) return result;
  rest_.assign(records + result.bytes, size - result.bytes);
  return {Io::kOk, taken};
}

Io TlsTransport::WriteRest() {
  if (rest_.empty()) return Io::kOk;
  const iovec all{rest_.data(), rest_.size()};
  const IoResult result = Transport::Write(&all, 1);
  if (result.status != Io::kOk) return result.status;
  rest_.erase(0, result.bytes);
  return rest_.empty() ? Io::kOk : Io::kBlocked;
}

}  // namespace load
