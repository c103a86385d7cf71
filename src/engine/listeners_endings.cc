#include <cerrno>
#include <string>

#include "bridge/event_writer.h"
#include "engine/listeners.h"
#include "engine/listening_socket.h"

// What is written to peers that are no websocket (yet), and how they leave.

namespace beastws {

namespace {

// Answers that a peer may leave unread.
constexpr size_t kMaxUnread = 64 * 1024;
// How long a peer may take to notice the end of a connection, and how much of
// what it sends meanwhile is read.
constexpr int64_t kLeaveTimeout = 2000;
constexpr size_t kLeaveDrain = 1024 * 1024;

}  // namespace

// Reads what a peer sends that is to leave, until it does.
void Listeners::ReadRest(Handshake* handshake) {
  const iovec piece = {read_buffer_, read_buffer_size_};
  const long size = handshake->stream.socket().Receive(&piece, 1);
  if (size == -EAGAIN || size == -EWOULDBLOCK) return;
  if (size > 0) handshake->bytes_read += static_cast<uint64_t>(size);
  if (size <= 0 || handshake->bytes_read > kLeaveDrain) {
    Destroy(handshake);
  } else {
    Queue(handshake);
  }
}

// A handshake of TLS has come to nothing: 0 or an error number of the socket,
// EPROTO for one of TLS, ETIMEDOUT if it took too long.
void Listeners::FailTls(Handshake* handshake, int error) {
  ReportTlsError(handshake, error);
  if (error == EPROTO) {
    // So that it can see the alert.
    Leave(handshake);
    Queue(handshake);
  } else {
    Destroy(handshake);
  }
}

void Listeners::ReportTlsError(Handshake* handshake, int error) {
  const std::string text = NamesOf(handshake->stream.descriptor()) +
                           handshake->stream.tls()->ErrorInfo();
  EventWriter(batch_, handshake->listener->slot)
      .AddBytes(EventKind::kTlsError,
                {reinterpret_cast<const uint8_t*>(text.data()), text.size()},
                static_cast<uint32_t>(error));
}

void Listeners::Answer(Handshake* handshake, std::string_view text, bool last) {
  handshake->out += text;
  WriteRest(handshake);
  if (last) Leave(handshake);
}

void Listeners::Leave(Handshake* handshake) {
  handshake->state = Handshake::State::kLeaving;
  handshake->bytes_read = 0;
  SetDeadline(handshake, kLeaveTimeout);
  if (handshake->out.empty()) handshake->stream.Shutdown();
}

void Listeners::WriteRest(Handshake* handshake) {
  if (handshake->out.empty()) {
    handshake->stream.tls()->WriteRest(&handshake->stream.socket());
    if (handshake->state == Handshake::State::kLeaving) {
      handshake->stream.Shutdown();
    }
    return;
  }
  IoResult result = {0, false};
  while (!handshake->out.empty() && result.size >= 0 && !result.exhausted) {
    const iovec piece = {handshake->out.data(), handshake->out.size()};
    result = handshake->stream.Send(&piece, 1);
    if (result.size > 0) {
      handshake->out.erase(0, static_cast<size_t>(result.size));
    }
  }
  if (result.size == -EAGAIN || result.size == -EWOULDBLOCK) {
    // Who does not read the answers to many requests is not served further.
    if (handshake->out.size() > kMaxUnread) {
      handshake->out.clear();
      Leave(handshake);
    }
    return;
  }
  // An error shows when reading.
  if (result.size < 0) handshake->out.clear();
  if (handshake->out.empty()) {
    std::string().swap(handshake->out);
    if (handshake->state == Handshake::State::kLeaving) {
      handshake->stream.Shutdown();
    }
  }
}

}  // namespace beastws
