#include "engine/listeners.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <new>

#include "base/thread_sanitizer.h"
#include "bridge/event_writer.h"
#include "engine/http_answers.h"
#include "engine/listening_socket.h"

namespace beastws {

namespace {

// Before it is another listener's, or the open connections', turn.
constexpr int kAcceptsPerTurn = 64;
constexpr size_t kReadsPerTurn = 256;
// JavaScript is behind by a batch in any case: see IoThread.
constexpr size_t kMaxBatchBytes = 4 * 1024 * 1024;
constexpr size_t kMaxBatchEvents = 16384;

constexpr size_t kReadSize = 64 * 1024;
// How long handshakes of TLS may keep the thread, in milliseconds.
constexpr int64_t kTlsTime = 4;
// So many in a row are no mishap of a few connections.
constexpr int kMaxFailures = 16;
// How long a connection may take to ask for something although others need
// its descriptor.
constexpr int64_t kSlow = 500;
// Without descriptors nothing can be accepted for a while.
constexpr int64_t kAcceptPause = 100;

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Listeners::Listeners(Poller* poller, EventBatch* batch, SlotTable* slots,
                     uint8_t* read_buffer, size_t read_buffer_size,
                     TlsBuffers* tls_buffers)
    : poller_(poller),
      batch_(batch),
      slots_(slots),
      read_buffer_(read_buffer),
      read_buffer_size_(std::min(read_buffer_size, kReadSize)),
      tls_buffers_(tls_buffers) {}

Listeners::~Listeners() = default;

void Listeners::Listen(uint32_t slot, ListenRequest* request) {
  // Each is in the list once: noting that one is ready cannot fail.
  ready_listeners_.reserve(2 * listeners_.size() + 1);
  Listener* listener =
      (listeners_[slot] = std::make_unique<Listener>(slot, request)).get();
  const int error =
      poller_->Add(request->descriptor, static_cast<PollTarget*>(listener));
  if (error != 0) {
    EventWriter(batch_, slot)
        .Add(EventKind::kSocketError, static_cast<uint32_t>(-error));
  }
}

void Listeners::Close(uint32_t slot) {
  const auto found = listeners_.find(slot);
  if (found == listeners_.end()) {
    // There was no memory for it.
    EventWriter(batch_, slot).Add(EventKind::kListenerClosed);
    return;
  }
  Listener* listener = found->second.get();
  AfterAtomicsOfJavaScript(listener->request);
  poller_->Remove(listener->request->descriptor);
  ::close(listener->request->descriptor);
  listener->request->descriptor = -1;
  std::erase(ready_listeners_, slot);
  // Who has begun a request gets an answer, the others were not served yet.
  for (auto at = handshakes_.begin(); at != handshakes_.end();) {
    Handshake* handshake = (at++)->second.get();
    if (handshake->listener == listener &&
        handshake->state == Handshake::State::kReading &&
        handshake->in.empty()) {
      Destroy(handshake);
    }
  }
  listener->closing = true;
  EndIfClosed(listener);
}

void Listeners::SetSecureContext(uint32_t slot,
                                 std::shared_ptr<const TlsContext> tls) {
  const auto found = listeners_.find(slot);
  if (found != listeners_.end()) found->second->tls = std::move(tls);
}

void Listeners::EndIfClosed(Listener* listener) {
  if (!listener->closing || listener->handshakes > 0) return;
  const uint32_t slot = listener->slot;
  EventWriter(batch_, slot).Add(EventKind::kListenerClosed);
  listeners_.erase(slot);
}

void Listeners::OnReady(PollTarget* target, uint32_t what) {
  if (target->kind == PollTarget::Kind::kListener) {
    auto* listener = static_cast<Listener*>(target);
    if (!listener->queued) ready_listeners_.push_back(listener->slot);
    listener->queued = true;
    return;
  }
  auto* handshake = static_cast<Handshake*>(target);
  if (handshake->state == Handshake::State::kHandedOver) {
    handshake->ready |= what;
    return;
  }
  // There is no second edge for these.
  handshake->ready |= what & (Poller::kPeerClosed | Poller::kUrgent);
  if ((what & Poller::kReadable) || !handshake->out.empty() ||
      handshake->stream.wants_write()) {
    Queue(handshake);
  }
}

void Listeners::Queue(Handshake* handshake) {
  if (handshake->queued) return;
  try {
    ready_handshakes_.push_back(handshake->id);
    handshake->queued = true;
  } catch (const std::bad_alloc&) {
    // It is cut when its time is over, if it does not send more before.
  }
}

template <class Action>
void Listeners::Guard(uint32_t id, Action action) {
  Handshake* handshake = Find(id);
  if (handshake == nullptr) return;
  try {
    action(handshake);
  } catch (const std::exception&) {
    handshake = Find(id);
    if (handshake != nullptr) Destroy(handshake);
  }
}

Handshake* Listeners::Find(uint32_t id) {
  const auto found = handshakes_.find(id);
  return found == handshakes_.end() ? nullptr : found->second.get();
}

void Listeners::Work() {
  const int64_t now = deadlines_.empty() && accept_again_ == 0 ? 0 : Now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    Guard(deadlines_.begin()->second,
          [this](Handshake* handshake) { Expire(handshake); });
  }
  size_t done = 0;
  int64_t tls_end = 0;
  const size_t count = std::min(ready_handshakes_.size(), kReadsPerTurn);
  while (done < count && batch_->bytes() < kMaxBatchBytes &&
         batch_->events.size() < kMaxBatchEvents) {
    bool securing = false;
    Guard(ready_handshakes_[done++], [&](Handshake* handshake) {
      handshake->queued = false;
      securing = handshake->stream.tls() && !handshake->secure;
      if (securing && tls_end == 0) tls_end = Now() + kTlsTime;
      Read(handshake);
    });
    // Keys are expensive, and open connections wait.
    if (securing && Now() >= tls_end) break;
  }
  ready_handshakes_.erase(ready_handshakes_.begin(),
                          ready_handshakes_.begin() + static_cast<long>(done));
  if (now < accept_again_) return;
  // Also if nobody listens any more: it is a deadline.
  accept_again_ = 0;
  size_t kept = 0;
  for (const uint32_t slot : ready_listeners_) {
    Listener* listener = listeners_.at(slot).get();
    listener->queued = Accept(listener);
    if (listener->queued) ready_listeners_[kept++] = slot;
  }
  ready_listeners_.resize(kept);
}

int Listeners::TimeToDeadline() const {
  if (deadlines_.empty() && accept_again_ == 0) return -1;
  int64_t next = deadlines_.empty() ? accept_again_ : deadlines_.begin()->first;
  if (accept_again_ != 0) next = std::min(next, accept_again_);
  return static_cast<int>(std::clamp<int64_t>(next - Now(), 0, 1 << 30));
}

// True: there may be more to accept.
bool Listeners::Accept(Listener* listener) {
  int failures = 0;
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    const int descriptor = AcceptConnection(listener->request->descriptor);
    if (descriptor >= 0) {
      failures = 0;
      try {
        Begin(listener, Socket(descriptor));
      } catch (const std::bad_alloc&) {
        // That connection is closed again.
      }
      continue;
    }
    switch (-descriptor) {
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        // Who is slow makes room for who may be not.
        if (IsOldestSlow() && EvictOldest()) continue;
        accept_again_ = Now() + kAcceptPause;
        return true;
      case EAGAIN:
        return false;
      case EINVAL:
        // It was stopped; the command to close it is on its way.
        return false;
      default:
        // That connection has failed, the next one may not.
        if (++failures < kMaxFailures) continue;
        accept_again_ = Now() + kAcceptPause;
        return true;
    }
  }
  return true;
}

void Listeners::Begin(Listener* listener, Socket&& socket) {
  if (listener->handshakes >= listener->request->max_handshakes) EvictOldest();
  do {
    ++last_id_;
  } while (last_id_ == 0 || handshakes_.count(last_id_) > 0);
  std::unique_ptr<TlsStream> tls;
  if (listener->tls) {
    tls = std::make_unique<TlsStream>(listener->tls, tls_buffers_);
  }
  auto owned = std::make_unique<Handshake>(
      last_id_, listener, Stream(std::move(socket), std::move(tls)));
  Handshake* handshake = owned.get();
  handshakes_.emplace(handshake->id, std::move(owned));
  Count(listener, 1);
  Guard(handshake->id, [&](Handshake*) {
    SetDeadline(handshake, listener->tls
                               ? listener->tls->options().handshake_timeout
                               : listener->request->handshake_timeout);
    if (poller_->Add(handshake->stream.descriptor(),
                     static_cast<PollTarget*>(handshake)) != 0) {
      Destroy(handshake);
    }
  });
}

// A request takes a moment to come.
bool Listeners::IsOldestSlow() {
  if (deadlines_.empty()) return false;
  const auto& [deadline, id] = *deadlines_.begin();
  const Handshake* handshake = Find(id);
  return handshake->state != Handshake::State::kReading || handshake->waiting ||
         deadline - handshake->listener->request->handshake_timeout + kSlow <=
             Now();
}

bool Listeners::EvictOldest() {
  if (deadlines_.empty()) return false;
  Destroy(Find(deadlines_.begin()->second));
  return true;
}

void Listeners::SetDeadline(Handshake* handshake, int64_t milliseconds) {
  if (handshake->deadline != 0) {
    deadlines_.erase({handshake->deadline, handshake->id});
  }
  handshake->deadline = milliseconds > 0 ? Now() + milliseconds : 0;
  if (handshake->deadline != 0) {
    deadlines_.insert({handshake->deadline, handshake->id});
  }
}

void Listeners::Read(Handshake* handshake) {
  if (!handshake->out.empty() || handshake->stream.wants_write()) {
    WriteRest(handshake);
  }
  if (handshake->state == Handshake::State::kLeaving) {
    ReadRest(handshake);
    return;
  }
  const iovec piece = {read_buffer_, read_buffer_size_};
  const auto [size, exhausted] = handshake->stream.Receive(&piece, 1);
  const TlsStream* tls = handshake->stream.tls();
  if (tls != nullptr && !handshake->secure) {
    handshake->secure = tls->is_open();
    if (handshake->secure) {
      SetDeadline(handshake, handshake->listener->request->handshake_timeout);
    }
  }
  if (size == -EAGAIN || size == -EWOULDBLOCK) {
    if (!exhausted) Queue(handshake);
    return;
  }
  if (size <= 0) {
    if (tls != nullptr && !handshake->secure) {
      FailTls(handshake, static_cast<int>(-size));
    } else {
      Destroy(handshake);
    }
    return;
  }
  handshake->bytes_read += static_cast<uint64_t>(size);
  if (handshake->waiting) {
    handshake->waiting = false;
    SetDeadline(handshake, handshake->listener->request->handshake_timeout);
  }
  handshake->in.Append(read_buffer_, static_cast<size_t>(size));
  if (ReadRequests(handshake)) {
    Queue(handshake);
  } else if (!exhausted) {
    handshake->ready |= Poller::kReadable;
  }
}

// False: nothing more is to be read as a request.
bool Listeners::ReadRequests(Handshake* handshake) {
  size_t offset = 0;
  while (ReadRequest(handshake, &offset)) {
  }
  if (handshake->state == Handshake::State::kHandedOver) return false;
  if (handshake->state == Handshake::State::kLeaving) {
    handshake->in.Reset();
    return true;
  }
  if (offset > 0) {
    ByteBuffer rest;
    rest.Append(handshake->in.data() + offset, handshake->in.size() - offset);
    handshake->in = std::move(rest);
  }
  handshake->scanned = handshake->in.size();
  return true;
}

// Takes one request that begins at `*offset`. False: there is none, or it was
// the last one.
bool Listeners::ReadRequest(Handshake* handshake, size_t* offset) {
  SkipBody(handshake, offset);
  Bytes bytes(handshake->in.data(), handshake->in.size());
  // Empty lines between requests are nothing (RFC 9112, 2.2).
  while (*offset < bytes.size() &&
         (bytes[*offset] == '\r' || bytes[*offset] == '\n')) {
    ++*offset;
    handshake->scanned = 0;
  }
  bytes = bytes.subspan(*offset);
  if (bytes.empty()) return false;
  const ListenRequest& request = *handshake->listener->request;
  HttpRequestHead head;
  const Result result = ParseHttpRequestHead(
      bytes, *offset > 0 ? 0 : handshake->scanned,
      {request.max_header_size, request.max_headers}, &head);
  switch (result) {
    case Result::kIncomplete:
      return false;
    case Result::kBad:
      Answer(handshake, http_answers::kBadRequest, true);
      return false;
    case Result::kTooLarge:
      Answer(handshake, http_answers::kTooLarge, true);
      return false;
    case Result::kComplete:
      break;
  }
  *offset += head.size;
  if (head.connect) {
    Leave(handshake);
    return false;
  }
  if (head.upgrade) {
    if (handshake->listener->closing) {
      Answer(handshake, http_answers::kClosing, true);
    } else {
      HandOver(handshake, head, bytes.subspan(head.size));
    }
    return false;
  }
  if (head.is_http_1_1 && !head.has_host) {
    Answer(handshake, http_answers::kBadRequest, true);
    return false;
  }
  const bool keep_alive =
      head.keep_alive && !head.chunked && !handshake->listener->closing;
  Answer(handshake,
         http_answers::UpgradeRequired(keep_alive, request.keep_alive_timeout,
                                       !head.is_head),
         !keep_alive);
  if (!keep_alive) return false;
  handshake->scanned = 0;
  handshake->body_left = head.content_length;
  SkipBody(handshake, offset);
  handshake->waiting =
      *offset == handshake->in.size() && handshake->body_left == 0;
  SetDeadline(handshake, handshake->waiting ? request.keep_alive_timeout
                                            : request.handshake_timeout);
  return true;
}

void Listeners::SkipBody(Handshake* handshake, size_t* offset) {
  const uint64_t size =
      std::min<uint64_t>(handshake->body_left, handshake->in.size() - *offset);
  handshake->body_left -= size;
  *offset += static_cast<size_t>(size);
}

void Listeners::HandOver(Handshake* handshake, const HttpRequestHead& head,
                         Bytes rest) {
  const int descriptor = handshake->stream.descriptor();
  std::string text = NamesOf(descriptor);
  if (handshake->stream.tls()) text += handshake->stream.tls()->Info();
  text += head.text;
  const size_t text_size = text.size();
  text.append(reinterpret_cast<const char*>(rest.data()), rest.size());
  SetDeadline(handshake, 0);
  EventWriter(batch_, handshake->listener->slot)
      .AddBytes(EventKind::kUpgrade,
                {reinterpret_cast<const uint8_t*>(text.data()), text.size()},
                handshake->id, static_cast<uint32_t>(text_size));
  handshake->state = Handshake::State::kHandedOver;
  handshake->in.Reset();
}

void Listeners::Expire(Handshake* handshake) {
  if (handshake->stream.tls() && !handshake->secure) {
    if (handshake->state == Handshake::State::kReading) {
      FailTls(handshake, ETIMEDOUT);
    } else {
      Destroy(handshake);
    }
  } else if (handshake->state == Handshake::State::kReading &&
             !handshake->in.empty()) {
    handshake->in.Reset();
    Answer(handshake, http_answers::kTimeout, true);
  } else {
    Destroy(handshake);
  }
}

Listeners::Adopted Listeners::Adopt(uint32_t id) {
  Handshake* handshake = Find(id);
  if (handshake == nullptr ||
      handshake->state != Handshake::State::kHandedOver) {
    return {};
  }
  Adopted adopted;
  adopted.stream = std::move(handshake->stream);
  adopted.bytes_read = handshake->bytes_read;
  adopted.ready = handshake->ready;
  Destroy(handshake);
  return adopted;
}

void Listeners::Destroy(Handshake* handshake) {
  Listener* listener = handshake->listener;
  SetDeadline(handshake, 0);
  if (handshake->stream.descriptor() >= 0) {
    poller_->Forget(handshake->stream.descriptor());
  }
  handshakes_.erase(handshake->id);
  Count(listener, -1);
  EndIfClosed(listener);
}

void Listeners::Count(Listener* listener, int change) {
  listener->handshakes += static_cast<size_t>(change);
  slots_->Set(listener->slot, SlotTable::kBacklog, listener->handshakes);
}

}  // namespace beastws
