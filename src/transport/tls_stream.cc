#include "transport/tls_stream.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <exception>
#include <utility>

namespace beastws {

namespace {

constexpr size_t kRecordHeader = 5;
constexpr uint8_t kHandshakeRecord = 22;
// What a record can be longer than its plaintext, and what an SSL can hold of
// records that are not complete.
constexpr size_t kMaxHeld = 18 * 1024;
// Reads that brought nothing to show before it is another one's turn.
constexpr int kReadsPerCall = 4;
// Ciphertext that is made in one go.
constexpr size_t kMaxAhead = 128 * 1024;
// A peer that asks for answers (new keys, say) and does not read them.
constexpr size_t kMaxReplies = 64 * 1024;
constexpr size_t kMaxOutKept = 512 * 1024;

// What OpenSSL prints of one error.
int AppendText(const char* text, size_t size, void* to) {
  // No exception may pass through OpenSSL.
  try {
    static_cast<std::string*>(to)->append(text, size);
  } catch (const std::exception&) {
    return 0;
  }
  return 1;
}

size_t SizeOf(const iovec* pieces, size_t count) {
  size_t size = 0;
  for (size_t i = 0; i < count; ++i) size += pieces[i].iov_len;
  return size;
}

}  // namespace

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context,
                     TlsBuffers* buffers)
    : context_(std::move(context)),
      openssl_(context_->openssl()),
      buffers_(buffers) {}

TlsStream::~TlsStream() {
  if (ssl_ != nullptr) openssl_.SSL_free(ssl_);
}

TlsStream* TlsStream::Of(const ssl_st* ssl) {
  return static_cast<TlsStream*>(
      OpenSsl::Find()->SSL_get_ex_data(ssl, OpenSsl::Find()->stream_index));
}

bio_method_st* TlsStream::MakeBioMethod(const OpenSsl& openssl) {
  bio_method_st* method = openssl.BIO_meth_new(
      openssl.BIO_get_new_index() | openssl::kBioSourceSink, "beastws");
  if (method == nullptr) return nullptr;
  openssl.BIO_meth_set_read(method, &TlsStream::OnRead);
  openssl.BIO_meth_set_write(method, &TlsStream::OnWrite);
  openssl.BIO_meth_set_ctrl(method, [](bio_st*, int command, long, void*) {
    return command == openssl::kBioCtrlFlush ? 1L : 0L;
  });
  return method;
}

int TlsStream::OnRead(bio_st* bio, char* bytes, int size) {
  const OpenSsl& openssl = *OpenSsl::Find();
  auto* self = static_cast<TlsStream*>(openssl.BIO_get_data(bio));
  openssl.BIO_clear_flags(bio,
                          openssl::kBioFlagRead | openssl::kBioFlagShouldRetry);
  const size_t count = std::min(self->in_.size(), static_cast<size_t>(size));
  if (count == 0) {
    openssl.BIO_set_flags(bio,
                          openssl::kBioFlagRead | openssl::kBioFlagShouldRetry);
    return -1;
  }
  std::memcpy(bytes, self->in_.data(), count);
  self->in_ = self->in_.subspan(count);
  return static_cast<int>(count);
}

int TlsStream::OnWrite(bio_st* bio, const char* bytes, int size) {
  auto* self = static_cast<TlsStream*>(OpenSsl::Find()->BIO_get_data(bio));
  // No exception may pass through OpenSSL.
  try {
    self->buffers_->out.Append(bytes, static_cast<size_t>(size));
  } catch (const std::exception&) {
    return -1;
  }
  return size;
}

int TlsStream::OnNewSession(ssl_st* ssl, ssl_session_st* session) {
  TlsStream* self = Of(ssl);
  const int size = self->openssl_.i2d_SSL_SESSION(session, nullptr);
  if (size <= 0) return 0;
  try {
    self->session_.resize(static_cast<size_t>(size));
  } catch (const std::exception&) {
    return 0;
  }
  auto* out = reinterpret_cast<unsigned char*>(self->session_.data());
  self->openssl_.i2d_SSL_SESSION(session, &out);
  return 0;  // it is not kept
}

// Whether it makes sense to look: the first record is complete, or is none.
bool TlsStream::HasClientHello() const {
  const uint8_t* bytes = early_.data();
  if (early_.size() == 0) return false;
  if (bytes[0] != kHandshakeRecord) return true;
  if (early_.size() < kRecordHeader) return false;
  const size_t size = static_cast<size_t>(bytes[3]) << 8 | bytes[4];
  return bytes[1] != 3 || size > TlsBuffers::kRecordSize ||
         early_.size() >= kRecordHeader + size;
}

bool TlsStream::MakeSsl() {
  ssl_ = context_->NewSsl(this);
  if (ssl_ == nullptr) {
    FailWith("malloc failure");
    return false;
  }
  state_ = State::kHandshaking;
  return true;
}

// Nothing of others is in the way, though one of them failed in the middle.
void TlsStream::Begin() {
  // Looking is cheaper.
  if (openssl_.ERR_peek_error() != 0) openssl_.ERR_clear_error();
  buffers_->out.Clear();
  if (!held_.empty()) {
    buffers_->out.Append(held_.data(), held_.size());
    held_.Reset();
  }
  in_ = {};
}

void TlsStream::Connect(Socket* socket, const std::string& host,
                        Bytes session) {
  Begin();
  if (!MakeSsl()) return;
  if (!host.empty()) {
    openssl_.SSL_ctrl(ssl_, openssl::kCtrlSetHostname, 0,
                      const_cast<char*>(host.c_str()));
  }
  if (!session.empty()) {
    const unsigned char* at = session.data();
    ssl_session_st* old = openssl_.d2i_SSL_SESSION(
        nullptr, &at, static_cast<long>(session.size()));
    if (old != nullptr) {
      openssl_.SSL_set_session(ssl_, old);
      openssl_.SSL_SESSION_free(old);
    }
    openssl_.ERR_clear_error();
  }
  const int result = openssl_.SSL_do_handshake(ssl_);
  if (openssl_.SSL_get_error(ssl_, result) != openssl::kErrorWantRead) Fail();
  WriteOut(socket);
}

void TlsStream::FailWith(const char* reason) {
  if (error_) return;
  state_ = State::kFailed;
  error_ = std::make_unique<TlsError>();
  error_->library = "SSL routines";
  error_->reason = reason;
  error_->text = "error:" + error_->library + "::" + error_->reason + "\n";
}

void TlsStream::Fail() {
  const unsigned long number = openssl_.ERR_peek_error();
  const char* reason = openssl_.ERR_reason_error_string(number);
  const char* library = openssl_.ERR_lib_error_string(number);
  FailWith(reason == nullptr ? "unknown error" : reason);
  if (library != nullptr) error_->library = library;
  std::string text;
  openssl_.ERR_print_errors_cb(&AppendText, &text);
  if (!text.empty()) error_->text = std::move(text);
  openssl_.ERR_clear_error();
}

// Fills pieces with what can be decrypted of in_, and does whatever else the
// records ask for.
size_t TlsStream::Decrypt(const iovec* pieces, size_t count) {
  size_t total = 0;
  size_t piece = 0;
  size_t used = 0;
  while (piece < count && (!in_.empty() || openssl_.SSL_pending(ssl_) > 0)) {
    if (used == pieces[piece].iov_len) {
      ++piece;
      used = 0;
      continue;
    }
    const size_t room = std::min<size_t>(pieces[piece].iov_len - used, INT_MAX);
    const size_t before = in_.size();
    const int size = openssl_.SSL_read(
        ssl_, static_cast<uint8_t*>(pieces[piece].iov_base) + used,
        static_cast<int>(room));
    if (state_ == State::kHandshaking &&
        openssl_.SSL_is_init_finished(ssl_) == 1) {
      state_ = State::kOpen;
    }
    if (size > 0) {
      total += static_cast<size_t>(size);
      used += static_cast<size_t>(size);
      continue;
    }
    const int error = openssl_.SSL_get_error(ssl_, size);
    if (error == openssl::kErrorZeroReturn) {
      state_ = State::kEnded;
    } else if (error != openssl::kErrorWantRead) {
      Fail();
    } else if (!in_.empty() && in_.size() < before) {
      continue;
    }
    break;
  }
  in_ = {};
  return total;
}

IoResult TlsStream::Receive(Socket* socket, const iovec* pieces, size_t count,
                            size_t most) {
  // All plaintext of what is read has to find room.
  const size_t room = SizeOf(pieces, count);
  const size_t wanted = std::min(
      {TlsBuffers::kInSize, most, room > 2 * kMaxHeld ? room - kMaxHeld : 0});
  for (int i = 0; i < kReadsPerCall; ++i) {
    if (state_ == State::kFailed) return {-EPROTO, true};
    if (state_ == State::kEnded || end_of_input_) return {0, true};
    if (wanted == 0) return {-EINVAL, true};
    const iovec piece = {buffers_->in(), wanted};
    const long size = socket->Receive(&piece, 1);
    if (size <= 0 && write_error_ != 0 && !is_open() &&
        (size < 0 || !context_->options().server)) {
      // The peer waits for what it will not get, and so would we. To a client
      // it comes first even if the peer has left by now.
      return {write_error_, true};
    }
    if (size < 0) return {size, true};
    if (size == 0) {
      end_of_input_ = true;
      return {0, true};
    }
    const bool exhausted = static_cast<size_t>(size) < wanted;
    Begin();
    in_ = {buffers_->in(), static_cast<size_t>(size)};
    ByteBuffer first;
    if (state_ == State::kStart) {
      early_.Append(in_.data(), in_.size());
      in_ = {};
      if (!HasClientHello()) continue;
      first = std::move(early_);
      in_ = {first.data(), first.size()};
      if (!MakeSsl()) return {-EPROTO, true};
    }
    const bool was_open = is_open();
    const size_t total = Decrypt(pieces, count);
    replies_ += buffers_->out.size();
    if (!HoldTickets(was_open, total)) WriteOut(socket);
    if (rest_.empty()) replies_ = 0;
    if (replies_ > kMaxReplies) FailWith("too many key updates");
    // What has come before an end or an error is shown first.
    const bool over = state_ == State::kEnded || state_ == State::kFailed;
    if (total > 0) return {static_cast<long>(total), exhausted && !over};
  }
  if (state_ == State::kFailed) return {-EPROTO, true};
  if (state_ == State::kEnded) return {0, true};
  return {-EAGAIN, false};
}

bool TlsStream::EncryptRecords(const uint8_t* bytes, size_t size) {
  const int result = openssl_.SSL_write(ssl_, bytes, static_cast<int>(size));
  if (result == static_cast<int>(size)) return true;
  Fail();
  return false;
}

// Turns the front of pieces into records, as full as possible.
size_t TlsStream::Encrypt(const iovec* pieces, size_t count) {
  constexpr size_t kRecord = TlsBuffers::kRecordSize;
  uint8_t* record = buffers_->record();
  size_t total = 0;
  size_t gathered = 0;
  for (size_t i = 0; i < count && total < kMaxAhead; ++i) {
    const auto* at = static_cast<const uint8_t*>(pieces[i].iov_base);
    size_t left = std::min(pieces[i].iov_len, kMaxAhead - total);
    while (left > 0) {
      size_t size;
      if (gathered == 0 && left >= kRecord) {
        size = left / kRecord * kRecord;
        if (!EncryptRecords(at, size)) return total;
      } else {
        size = std::min(left, kRecord - gathered);
        std::memcpy(record + gathered, at, size);
        gathered += size;
        if (gathered == kRecord) {
          if (!EncryptRecords(record, gathered)) return total;
          gathered = 0;
        }
      }
      at += size;
      left -= size;
      total += size;
    }
  }
  if (gathered > 0 && !EncryptRecords(record, gathered)) return total;
  return total;
}

// What a server says last in a handshake are tickets for others to come. If a
// request came with it, its answer follows soon, and one segment does for both.
bool TlsStream::HoldTickets(bool was_open, size_t received) {
  if (was_open || state_ != State::kOpen || received == 0 ||
      !context_->options().server || !rest_.empty() ||
      std::strcmp(openssl_.SSL_get_version(ssl_), "TLSv1.3") != 0) {
    return false;
  }
  held_.Append(buffers_->out.data(), buffers_->out.size());
  buffers_->out.Clear();
  return true;
}

// Writes what OpenSSL has put out; what the kernel does not take waits.
void TlsStream::WriteOut(Socket* socket, bool more) {
  ByteBuffer& out = buffers_->out;
  size_t done = 0;
  if (write_error_ != 0) {
    done = out.size();
  } else if (rest_.empty() && !out.empty()) {
    const iovec piece = {out.data(), out.size()};
    const long size = socket->Send(&piece, 1, more);
    if (size >= 0) {
      done = static_cast<size_t>(size);
    } else if (size != -EAGAIN && size != -EWOULDBLOCK) {
      write_error_ = static_cast<int>(size);
      done = out.size();
    }
  }
  rest_.Append(out.data() + done, out.size() - done);
  if (out.capacity() > kMaxOutKept) {
    out.Reset();
  } else {
    out.Clear();
  }
}

// True: nothing is left.
bool TlsStream::SendRest(Socket* socket) {
  const iovec piece = {rest_.data() + rest_front_, rest_.size() - rest_front_};
  const long size = socket->Send(&piece, 1);
  if (size == -EAGAIN || size == -EWOULDBLOCK) return false;
  if (size < 0) write_error_ = static_cast<int>(size);
  rest_front_ += static_cast<size_t>(std::max(size, 0L));
  if (write_error_ == 0 && rest_front_ < rest_.size()) return false;
  rest_.Reset();
  rest_front_ = replies_ = 0;
  return true;
}

void TlsStream::WriteRest(Socket* socket) {
  if (!rest_.empty()) SendRest(socket);
}

IoResult TlsStream::Send(Socket* socket, const iovec* pieces, size_t count,
                         bool last) {
  if (!rest_.empty() && !SendRest(socket)) return {-EAGAIN, true};
  if (write_error_ != 0) return {write_error_, true};
  if (ahead_ > 0) return {static_cast<long>(std::exchange(ahead_, 0)), false};
  if (state_ == State::kFailed) return {-EPROTO, true};
  if (!is_open() || shutdown_sent_) return {-EAGAIN, true};
  Begin();
  const size_t total = Encrypt(pieces, count);
  last = last && is_open() && total == SizeOf(pieces, count);
  if (last) {
    shutdown_sent_ = true;
    openssl_.SSL_shutdown(ssl_);
  }
  WriteOut(socket, last);
  if (write_error_ != 0) return {write_error_, true};
  if (state_ == State::kFailed) return {-EPROTO, true};
  if (rest_.empty()) return {static_cast<long>(total), false};
  ahead_ = total;
  return {-EAGAIN, true};
}

bool TlsStream::Shutdown(Socket* socket) {
  if (is_open() && !shutdown_sent_) {
    shutdown_sent_ = true;
    Begin();
    openssl_.SSL_shutdown(ssl_);
    WriteOut(socket);
  } else {
    WriteRest(socket);
  }
  if (!rest_.empty()) return false;
  socket->ShutdownWrite();
  return true;
}

}  // namespace beastws
