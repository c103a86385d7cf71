#include "connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "clock.h"

namespace load {
namespace {

constexpr size_t kReadBuffer = 256 * 1024;
constexpr int kReadsPerTurn = 8;  // then the other connections come first

bool IsControl(uint8_t first_byte) { return (first_byte & 8) != 0; }

}  // namespace

void Connection::Listener::OnCloseFrame(Connection& connection, uint16_t code) {
  OnFailure(connection, "the server closed with code " + std::to_string(code));
}

void Connection::Listener::OnEnd(Connection& connection) {
  OnFailure(connection, "the server ended the connection");
}

Connection::Connection(uint32_t id, const ConnectionSetup& setup, Loop& loop,
                       Listener& listener)
    : id_(id),
      setup_(setup),
      loop_(loop),
      listener_(listener),
      parser_(setup.raw),
      outbox_(*setup.corpus, id),
      expected_origin_(id) {}

void Connection::Open(int source) {
  const int fd = ConnectLoopback(setup_.port, source);
  if (fd < 0) {
    Fail(std::string("connect: ") + strerror(errno));
    return;
  }
  if (setup_.tls != nullptr) {
    transport_ = std::make_unique<TlsTransport>(fd, *setup_.tls);
  } else {
    transport_ = std::make_unique<Transport>(fd);
  }
  state_ = State::kConnecting;
  parser_.Reset();
  outbox_.Reset();
  control_out_.clear();
  collected_.clear();
  expected_seq_ = 0;
  in_message_ = false;
  hang_up_seen_ = false;
  loop_.Add(fd, this);
}

bool Connection::FinishConnect() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(transport_->fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? true : Fail(std::string("connect: ") + strerror(error));
}

bool Connection::FinishSecuring() {
  const IoResult result = transport_->Handshake();
  if (result.status == Io::kBlocked) return false;
  if (result.status != Io::kOk) {
    const char* why = transport_->Explanation();
    if (*why == '\0')
      why = result.status == Io::kEof ? "ended" : strerror(errno);
    return Fail(std::string("TLS handshake: ") + why);
  }
  if (setup_.raw) {
    SetOpen();
  } else {
    state_ = State::kUpgrading;
    control_out_ = OpeningRequest("/" + std::to_string(id_), setup_.deflate);
    Flush();
  }
  return state_ != State::kIdle;
}

void Connection::SetOpen() {
  state_ = State::kOpen;
  if (negotiated_.deflate && inflater_ == nullptr)
    inflater_ = std::make_unique<Inflater>();
  listener_.OnOpen(*this);
}

void Connection::OnEvents(uint32_t events) {
  if (state_ == State::kIdle) return;
  if ((events & EPOLLRDHUP) != 0) hang_up_seen_ = true;
  if (state_ == State::kConnecting) {
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 && !FinishConnect()) return;
    if ((events & EPOLLOUT) == 0) return;
    state_ = State::kSecuring;
  }
  if (state_ == State::kSecuring && !FinishSecuring()) return;
  ReadAll();
  if (state_ != State::kIdle) Flush();
}

void Connection::ReadAll() {
  static thread_local char buffer[kReadBuffer];
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const IoResult result = transport_->Read(buffer, kReadBuffer);
    switch (result.status) {
      case Io::kBlocked:
        return;
      case Io::kEof:
        Drop();
        listener_.OnEnd(*this);
        return;
      case Io::kError:
        Fail(std::string("read: ") + strerror(errno));
        return;
      case Io::kOk:
        break;
    }
    now_ns_ = NowNs();
    if (!Take(buffer, result.bytes)) return;
    if (result.drained && !hang_up_seen_) return;
  }
  loop_.Again(this);
}

bool Connection::Take(const char* data, size_t size) {
  if (state_ == State::kUpgrading && !TakeResponse(data, size))
    return state_ != State::kIdle;
  if (parser_.Feed(data, size, *this)) return true;
  return parser_.wrong() ? Fail("a frame with the wrong masking bit") : false;
}

bool Connection::TakeResponse(const char*& data, size_t& size) {
  const size_t before = collected_.size();
  collected_.append(data, size);
  const size_t end = collected_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    return collected_.size() > 16 * 1024 ? Fail("a response head without end")
                                         : false;
  }
  const size_t used = end + 4 - before;
  data += used;
  size -= used;
  collected_.resize(end + 4);
  const std::string wrong =
      CheckResponse(collected_, setup_.deflate, negotiated_);
  collected_.clear();
  if (!wrong.empty()) return Fail("handshake: the server " + wrong);
  SetOpen();
  return state_ == State::kOpen;
}

bool Connection::OnFrame(uint8_t first_byte, uint64_t size) {
  frame_first_ = first_byte;
  const uint8_t opcode = first_byte & 0x0f;
  if (IsControl(first_byte)) {
    collected_.clear();
    return size <= 125 ? true : Fail("a control frame of more than 125 bytes");
  }
  if (opcode == kContinuation) {
    return in_message_ ? true : Fail("a continuation frame outside a message");
  }
  if (in_message_) return Fail("a new message inside another one");
  if (opcode != (setup_.corpus->text() ? kText : kBinary))
    return Fail("wrong opcode came back");
  in_message_ = true;
  compressed_ = (first_byte & kRsv1) != 0;
  if (compressed_ != negotiated_.deflate) {
    return Fail(compressed_ ? "unasked compression"
                            : "the message came back uncompressed");
  }
  setup_.corpus->Expected(expected_origin_, expected_seq_, check_.Begin());
  return true;
}

bool Connection::OnPayload(const char* data, size_t size) {
  if (IsControl(frame_first_)) {
    collected_.append(data, size);
    return true;
  }
  payload_bytes_ += size;
  const auto compare = [this](const char* part, size_t n) {
    return check_.Data(part, n);
  };
  const bool right =
      compressed_ ? inflater_->Feed(data, size, compare) : compare(data, size);
  return right
             ? true
             : Fail("wrong bytes in message " + std::to_string(expected_seq_));
}

bool Connection::OnFrameEnd() {
  if (IsControl(frame_first_)) return EndControl();
  if ((frame_first_ & kFin) == 0) return true;
  in_message_ = false;
  const auto compare = [this](const char* part, size_t n) {
    return check_.Data(part, n);
  };
  if (compressed_ && !inflater_->End(negotiated_.server_takeover, compare)) {
    return Fail("wrong bytes at the end of message " +
                std::to_string(expected_seq_));
  }
  if (!check_.Complete())
    return Fail("message " + std::to_string(expected_seq_) + " is too short");
  ++expected_seq_;
  listener_.OnMessage(*this, now_ns_);
  return state_ == State::kOpen;
}

bool Connection::EndControl() {
  const uint8_t opcode = frame_first_ & 0x0f;
  if (opcode == kClose) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(collected_.data());
    const uint16_t code = collected_.size() < 2
                              ? 1005
                              : static_cast<uint16_t>(bytes[0] << 8 | bytes[1]);
    listener_.OnCloseFrame(*this, code);
    return state_ == State::kOpen;
  }
  if (opcode == kPing) {
    char header[kMaxHeader];
    const size_t n = WriteHeader(header, kFin | kPong, collected_.size(), true);
    ApplyMask(collected_.data(), collected_.size(), 0);
    control_out_.append(header, n).append(collected_);
  }
  return true;
}

void Connection::SendClose(uint16_t code) {
  if (setup_.raw) {
    transport_->ShutdownWrite();
    return;
  }
  char frame[kMaxHeader + 2];
  const size_t n = WriteHeader(frame, kFin | kClose, 2, true);
  frame[n] = static_cast<char>(code >> 8);
  frame[n + 1] = static_cast<char>(code);
  ApplyMask(frame + n, 2, 0);
  control_out_.append(frame, n + 2);
  Flush();
}

void Connection::Flush() {
  if (state_ == State::kIdle) return;
  Io status = transport_->WriteRest();
  if (status == Io::kOk && state_ == State::kOpen)
    status = outbox_.Flush(*transport_);
  while (status == Io::kOk && !control_out_.empty()) {
    const iovec piece{control_out_.data(), control_out_.size()};
    const IoResult result = transport_->Write(&piece, 1);
    status = result.status;
    control_out_.erase(0, result.bytes);
  }
  if (status == Io::kError || status == Io::kEof)
    Fail(std::string("write: ") + strerror(errno));
}

bool Connection::Fail(const std::string& why) {
  Drop();
  listener_.OnFailure(*this, why);
  return false;
}

void Connection::Drop() {
  state_ = State::kIdle;
  transport_.reset();
}

}  // namespace load
