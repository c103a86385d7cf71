#include "tls.h"

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
    256 + kWriteSize + (kWriteSize / kRecordPlain + 1) * kRecordExtra;

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

TlsTransport::TlsTransport(int fd, const TlsContext& context)
    : Transport(fd), handshake_(std::make_unique<TlsHandshake>(context)) {
  rest_ = handshake_->Hello();
}

TlsTransport::~TlsTransport() = default;

IoResult TlsTransport::Handshake() {
  static thread_local char buffer[kReadSize];
  if (WriteRest() == Io::kError) return {Io::kError};
  for (;;) {
    // No byte of what comes after the handshake is its own.
    size_t done = 0;
    auto progress = TlsHandshake::Progress::kMore;
    while (progress == TlsHandshake::Progress::kMore) {
      const size_t size =
          RecordSize(partial_.data() + done, partial_.size() - done);
      if (size == 0) break;
      progress = handshake_->Take(partial_.data() + done, size);
      done += size;
    }
    partial_.erase(0, done);
    if (progress == TlsHandshake::Progress::kWrong) {
      error_ = handshake_->error();
      return {Io::kError};
    }
    if (progress == TlsHandshake::Progress::kDone) break;
    const IoResult result = Transport::Read(buffer, sizeof buffer);
    if (result.status != Io::kOk) return {result.status};
    partial_.append(buffer, result.bytes);
  }
  in_.Begin(handshake_->server_secret(), false);
  out_.Begin(handshake_->client_secret(), true);
  answer_ = handshake_->answer();
  handshake_.reset();
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
  // The end of the handshake goes with the first data.
  size_t size = answer_.size();
  memcpy(records, answer_.data(), size);
  answer_.clear();
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
