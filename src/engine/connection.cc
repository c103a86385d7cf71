#include "engine/connection.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <new>
#include <utility>

#include "engine/poller.h"
#include "engine/publication.h"

namespace beastws {

namespace {

// A payload of which this much is missing is received where it belongs.
constexpr size_t kDirectMin = 16 * 1024;
constexpr size_t kDirectMax = 1024 * 1024;
// Reads of one connection before it is another one's turn.
constexpr int kReadsPerTurn = 4;
// What one read should make at most: less is read next time if it was more, as
// of crumbs, or of what becomes a thousand times as large.
constexpr size_t kReadEvents = 4096;
constexpr size_t kReadBytes = 1024 * 1024;
constexpr size_t kMinReadSize = 2 * 1024;
// Before it is known what becomes of compressed messages.
constexpr size_t kFirstCompressedRead = 4 * 1024;
constexpr size_t kMaxPieces = 64;
// What a paused net.Socket would have had in its buffer when destroyed.
constexpr size_t kPausedReadAhead = 64 * 1024;
constexpr size_t kDrainMax = 1024 * 1024;

}  // namespace

Connection::Connection(const ConnectionHost& host, uint32_t slot,
                       AttachRequest& request)
    : PollTarget(Kind::kConnection),
      host_(host),
      slot_(slot),
      stream_(Socket(std::exchange(request.descriptor, -1))),
      outbox_(&host.pools->outboxes),
      paused_(request.paused) {
  BeginSession(request.session);
}

Connection::Connection(const ConnectionHost& host, uint32_t slot,
                       Stream&& stream, uint64_t bytes_read)
    : PollTarget(Kind::kConnection),
      host_(host),
      slot_(slot),
      stream_(std::move(stream)),
      outbox_(&host.pools->outboxes),
      paused_(true),
      bytes_read_(bytes_read) {
  host_.slots->Set(slot_, SlotTable::kBytesRead, bytes_read_);
}

void Connection::Connect(const AttachRequest& request) {
  securing_ = one_by_one_ = true;
  stream_.tls()->Connect(
      &stream_.socket(), request.tls_host,
      {request.tls_session.data(), request.tls_session.size()});
}

void Connection::BeginSession(const Session::Options& options) {
  session_.emplace(*host_.pools, options);
  inflates_ = options.deflate.has_value();
  if (inflates_) read_size_ = kFirstCompressedRead;
}

Connection::~Connection() {
  outbox_.Clear([this](Outbox::LoanId loan) { ReturnLoan(loan); });
}

void Connection::MarkReadable(bool peer_closed) {
  readable_ = polled_ = true;
  peer_closed_ = peer_closed_ || peer_closed;
}

void Connection::TakeReadiness(uint32_t what) {
  constexpr uint32_t kNoEdge = Poller::kPeerClosed | Poller::kUrgent;
  readable_ = what & (Poller::kReadable | kNoEdge);
  peer_closed_ = what & Poller::kPeerClosed;
  urgent_ = what & Poller::kUrgent;
  polled_ = true;
}

bool Connection::PeerHasEnded() const {
  if (read_ended_) return true;
  if (paused_) return false;
  return polled_ ? peer_closed_ : stream_.socket().PeerHasEnded();
}

void Connection::Refuse(uint32_t ack) {
  if (ack == 0) return;
  if (first_refused_ == 0) first_refused_ = ack;
  last_refused_ = ack;
  if (read_ended_) ReportRefused();
}

void Connection::ReportRefused() {
  if (first_refused_ == 0) return;
  writer().Add(EventKind::kAck, last_refused_, first_refused_);
  first_refused_ = 0;
}

void Connection::TakeReceived(Bytes received, bool counted) {
  if (received.empty()) return;
  if (!counted) bytes_read_ += received.size();
  EventWriter events = writer();
  Received(received, &events);
}

void Connection::Received(Bytes bytes, EventWriter* events) {
  if (session_) {
    session_->Receive(bytes, *events);
  } else {
    // What follows may be for a session that is not there yet.
    if (one_by_one_) paused_ = true;
    events->AddBytes(EventKind::kRaw, bytes);
  }
}

// Where the bytes of a large message are to go: into its own memory.
void Connection::PlanRead(ReadPlan* plan) {
  if (!session_) return;
  plan->payload = session_->DirectBuffer(kDirectMin, kDirectMax);
  if (!plan->payload.empty() || tapped_) return;
  const Session::Forecast next = session_->NextMessage();
  const size_t size = std::min(next.payload, kDirectMax);
  if (size == 0) return;
  ByteBuffer* spare = host_.spare;
  // A message must not pin much more memory than it has bytes.
  if (spare->capacity() < size || spare->capacity() > size + size / 8) {
    spare->Reset();
    try {
      spare->Reserve(size);
    } catch (const std::bad_alloc&) {
      return;  // It may still come in pieces.
    }
  }
  plan->header_size = next.header;
  plan->payload = {spare->data(), size};
}

void Connection::Received(const ReadPlan& plan, size_t received,
                          EventWriter* events) {
  const size_t header = std::min(received, plan.header_size);
  const size_t payload = std::min(received - header, plan.payload.size());
  const Bytes rest(host_.read_buffer, received - header - payload);
  if (header > 0) {
    session_->ReceiveForecast({plan.header, header}, host_.spare, payload, rest,
                              *events);
    return;
  }
  if (tapped_) {
    if (payload > 0) {
      events->AddBytes(EventKind::kRaw, plan.payload.first(payload));
    }
    if (!rest.empty()) events->AddBytes(EventKind::kRaw, rest);
  }
  if (session_) {
    session_->Receive({plan.payload.first(payload), rest}, *events);
  } else {
    Received(rest, events);
  }
}

void Connection::AdjustReadSize(size_t bytes, size_t events) {
  // Without compression there are never more bytes than were received.
  if (!inflates_) bytes = 0;
  read_size_ = std::min(read_size_, host_.read_buffer_size);
  if (bytes > kReadBytes || events > kReadEvents) {
    read_size_ = std::max(read_size_ / 4, kMinReadSize);
  } else if (bytes < kReadBytes / 4 && events < kReadEvents / 4) {
    read_size_ = std::min(read_size_ * 2, host_.read_buffer_size);
  }
}

bool Connection::Read() {
  const size_t first_event = host_.batch->events.size();
  for (int i = 0; i < kReadsPerTurn && wants_read(); ++i) {
    // The others want their turn.
    if (i > 0 && (batch_bytes_ >= kReadBytes ||
                  host_.batch->events.size() - first_event >= kReadEvents)) {
      break;
    }
    ReadPlan plan;
    PlanRead(&plan);
    iovec pieces[3];
    size_t count = 0;
    if (plan.header_size > 0) pieces[count++] = {plan.header, plan.header_size};
    if (!plan.payload.empty()) {
      pieces[count++] = {plan.payload.data(), plan.payload.size()};
    }
    // A TLS stream needs room for whole records, though it is to read less.
    const size_t most = stream_.tls() != nullptr ? SIZE_MAX : read_size_;
    pieces[count++] = {host_.read_buffer,
                       std::min(most, host_.read_buffer_size)};
    const auto [size, exhausted] = stream_.Receive(pieces, count, read_size_);
    if (stream_.tls() != nullptr) ReportTls();
    if (size == -EAGAIN || size == -EWOULDBLOCK) {
      if (!exhausted) continue;
      readable_ = false;
      return false;
    }
    EventWriter events = writer();
    if (size <= 0) {
      read_ended_ = true;
      if (size == 0) {
        drained_ = stream_.tls() == nullptr;
        events.Add(EventKind::kEnd);
        ReportRefused();
      } else {
        broken_ = true;
        const TlsStream* tls = stream_.tls();
        const bool unsent =
            tls != nullptr && !tls->is_open() && tls->write_error() == size;
        ReportError(static_cast<int>(-size),
                    unsent ? During::kWriting : During::kReading);
      }
      return false;
    }
    const auto received = static_cast<size_t>(size);
    bytes_read_ += received;
    host_.slots->Set(slot_, SlotTable::kBytesRead, bytes_read_);
    const size_t before = host_.batch->bytes();
    const size_t events_before = host_.batch->events.size();
    Received(plan, received, &events);
    const size_t added = host_.batch->bytes() - before;
    batch_bytes_ += added;
    AdjustReadSize(added, host_.batch->events.size() - events_before);
    if (exhausted && !peer_closed_ && !urgent_) {
      // The next byte is a new edge.
      readable_ = false;
      return false;
    }
  }
  return wants_read();
}

void Connection::Written(size_t before, size_t payload, Sent sent) {
  const size_t wire = outbox_.size() - before;
  appended_ += wire;
  // Before what was accepted: JavaScript reads them the other way round, and
  // takes what is in neither for written.
  host_.slots->Set(slot_, SlotTable::kBacklog, outbox_.size());
  if (sent.queued) {
    accepted_compressed_ += payload;
    host_.slots->Set(slot_, SlotTable::kAcceptedCompressed,
                     accepted_compressed_);
  } else {
    accepted_plain_ += wire;
    host_.slots->Set(slot_, SlotTable::kAcceptedPlain, accepted_plain_);
  }
  if (sent.ack != 0) acks_.push_back({appended_, sent.ack});
  if (broken_) outbox_.Clear([this](Outbox::LoanId loan) { ReturnLoan(loan); });
}

void Connection::SendData(const Session::OutgoingFrame& frame, Sent sent) {
  if (!session_) {
    ReturnLoan(frame.loan);
    return;
  }
  const size_t before = outbox_.size();
  try {
    session_->SendData(frame, &outbox_);
  } catch (...) {
    if (!outbox_.Holds(frame.loan)) ReturnLoan(frame.loan);
    throw;
  }
  if (frame.fin) host_.traffic->messages_out.Add(1);
  host_.traffic->bytes_out.Add(frame.payload.size());
  Written(before, frame.payload.size(), sent);
}

void Connection::SendControl(Opcode opcode, Bytes payload, bool masked,
                             const uint8_t* mask, Sent sent) {
  if (!session_) return;
  if (opcode == Opcode::kClose) closing_ = true;
  const size_t before = outbox_.size();
  session_->SendControl(opcode, payload, masked, mask, &outbox_);
  Written(before, payload.size(), sent);
}

void Connection::SendRaw(Bytes bytes, Sent sent) {
  const size_t before = outbox_.size();
  outbox_.Append(bytes.data(), bytes.size());
  Written(before, bytes.size(), sent);
}

bool Connection::Publish(Publication* publication, size_t max_backlog) {
  if (!session_ || closing_ || broken_ || session_->role() != Role::kServer) {
    return false;
  }
  if (max_backlog > 0 && outbox_.size() > max_backlog) {
    host_.traffic->skipped.Add(1);
    return false;
  }
  const auto& params = session_->deflate_params();
  SharedBytes* frame;
  if (params && publication->Compresses(*params)) {
    frame = publication->Compressed(*params);
    session_->ForgetWindow();
  } else {
    frame = publication->Plain();
  }
  outbox_.AppendShared(frame);
  appended_ += frame->size();
  published_ += frame->size();
  host_.slots->Set(slot_, SlotTable::kPublished, published_);
  host_.traffic->messages_out.Add(1);
  host_.traffic->bytes_out.Add(publication->size());
  return true;
}

void Connection::Shutdown() { shutdown_wanted_ = closing_ = true; }

void Connection::Flush() {
  while (!outbox_.empty() && writable_ && !broken_) {
    iovec pieces[kMaxPieces];
    size_t gathered = 0;
    const size_t count = outbox_.Gather(
        kMaxPieces, [&](size_t i, const uint8_t* data, size_t size) {
          pieces[i] = {const_cast<uint8_t*>(data), size};
          gathered += size;
        });
    const bool last = shutdown_wanted_ && gathered == outbox_.size();
    const auto [size, exhausted] = stream_.Send(pieces, count, last);
    // The socket's buffer is full, and there will be an edge.
    if (exhausted) writable_ = false;
    if (size >= 0) {
      outbox_.Consume(static_cast<size_t>(size),
                      [this](Outbox::LoanId loan) { ReturnLoan(loan); });
    } else if (size != -EAGAIN && size != -EWOULDBLOCK) {
      BreakWriting(static_cast<int>(-size));
    }
  }
  if (outbox_.empty() && stream_.wants_write()) {
    TlsStream* tls = stream_.tls();
    tls->WriteRest(&stream_.socket());
    if (stream_.wants_write()) writable_ = false;
    if (tls->write_error() != 0) BreakWriting(-tls->write_error());
  }
  host_.slots->Set(slot_, SlotTable::kBacklog, outbox_.size());
  host_.slots->Set(slot_, SlotTable::kBytesWritten, appended_ - outbox_.size());
  ReportAcks();
  if (shutdown_wanted_ && outbox_.empty()) {
    if (!broken_ && !stream_.Shutdown()) {
      writable_ = false;
      return;
    }
    shutdown_wanted_ = false;
    writer().Add(EventKind::kShutdown);
  }
}

void Connection::ReportAcks() {
  if (acks_.empty() || broken_) return;
  const uint64_t written = appended_ - outbox_.size();
  size_t done = 0;
  while (done < acks_.size() && acks_[done].position <= written) ++done;
  if (done == 0) return;
  // Acknowledgements are in order: the last one speaks for all.
  writer().Add(EventKind::kAck, acks_[done - 1].number);
  acks_.erase(acks_.begin(), acks_.begin() + static_cast<long>(done));
  if (acks_.empty()) std::vector<Ack>().swap(acks_);
}

void Connection::ReturnLoan(Outbox::LoanId loan) {
  if (loan != 0) writer().Add(EventKind::kReleased, loan);
}

// What a client is told of its TLS.
void Connection::ReportTls() {
  TlsStream* tls = stream_.tls();
  if (securing_ && tls->is_open()) {
    securing_ = false;
    writable_ = true;
    Report(EventKind::kSecure, tls->Info());
  }
  const std::string session = tls->TakeSession();
  if (!session.empty()) Report(EventKind::kSession, session);
}

void Connection::Report(EventKind kind, const std::string& text) {
  writer().AddBytes(
      kind, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

void Connection::ReportError(int error, During during) {
  read_ended_ = true;
  if (error_reported_) return;
  error_reported_ = true;
  const TlsStream* tls = stream_.tls();
  if (tls != nullptr && tls->state() == TlsStream::State::kFailed) {
    Report(EventKind::kTlsError, tls->ErrorInfo());
    return;
  }
  writer().Add(EventKind::kSocketError, static_cast<uint32_t>(error),
               static_cast<uint32_t>(during));
}

// Writing failed. What the peer had sent before it went is delivered first.
void Connection::BreakWriting(int error) {
  broken_ = true;
  outbox_.Clear([this](Outbox::LoanId loan) { ReturnLoan(loan); });
  readable_ = peer_closed_ = true;
  while (Read()) {
  }
  ReportError(error, During::kWriting);
}

void Connection::Fail(int error) {
  broken_ = true;
  // Whatever it was in the middle of.
  session_.reset();
  outbox_.Clear([this](Outbox::LoanId loan) { ReturnLoan(loan); });
  ReportError(error, During::kWork);
}

void Connection::SayGoodbye() {
  Flush();
  if (!paused_ || read_ended_) return;
  const iovec piece = {host_.read_buffer,
                       std::min(kPausedReadAhead, host_.read_buffer_size)};
  const long size = stream_.Receive(&piece, 1).size;
  EventWriter events = writer();
  if (size > 0) {
    Received({host_.read_buffer, static_cast<size_t>(size)}, &events);
  }
}

void Connection::Destroy(bool reset) {
  if (reset) {
    socket().ResetOnClose();
  } else {
    try {
      SayGoodbye();
    } catch (const std::exception&) {
      // It ends in any case.
    }
    if (!drained_) socket().Drain(kDrainMax);
  }
  outbox_.Clear([this](Outbox::LoanId loan) { ReturnLoan(loan); });
  socket().Close();
  writer().Add(EventKind::kClosed);
}

}  // namespace beastws
