#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "engine/io_thread.h"

namespace beastws {

namespace {

ReceiveLimits ReadLimits(const uint8_t* payload) {
  double values[4];
  std::memcpy(values, payload, sizeof(values));
  return {static_cast<uint64_t>(values[0]), static_cast<uint32_t>(values[1]),
          static_cast<uint32_t>(values[2]), values[3] != 0};
}

}  // namespace

void IoThread::Handle(const CommandHeader& header, uint8_t* payload) {
  const auto kind = static_cast<CommandKind>(header.kind_and_flags & 0xff);
  const bool on = header.kind_and_flags & command_flags::kOn;
  if (header.kind_and_flags & command_flags::kOwned) TakeCopy(header, payload);
  if (kind == CommandKind::kAttach) {
    if (!stopping_) Attach(header.slot, payload);
    return;
  }
  if (HandleListening(header, payload)) return;
  Connection* connection = Find(header.slot);
  if (topics_.Handle(header, payload, connection)) return;
  if (connection == nullptr) {
    ReleasePayload(header, payload);
    // There was no memory for it in the first place.
    if (kind == CommandKind::kDestroy && !stopping_) {
      EventWriter(events_.filling(), header.slot).Add(EventKind::kClosed);
    }
    return;
  }
  switch (kind) {
    case CommandKind::kData:
    case CommandKind::kControl:
    case CommandKind::kRaw:
      if ((header.kind_and_flags & command_flags::kQueued) &&
          connection->PeerHasEnded()) {
        ReleasePayload(header, payload);
        connection->Refuse(header.ack);
        break;
      }
      HandleSend(*connection, header, payload);
      QueueFlush(connection);
      break;
    case CommandKind::kPause:
      connection->Pause();
      break;
    case CommandKind::kResume:
      connection->Resume();
      QueueRead(connection);
      break;
    case CommandKind::kShutdown:
      connection->Shutdown();
      QueueFlush(connection);
      break;
    case CommandKind::kDestroy:
      Destroy(header.slot, header.kind_and_flags & command_flags::kReset);
      break;
    case CommandKind::kLimits:
      connection->SetLimits(ReadLimits(payload));
      break;
    case CommandKind::kNoDelay:
      connection->socket().SetNoDelay(on);
      break;
    case CommandKind::kKeepAlive: {
      double seconds;
      std::memcpy(&seconds, payload, sizeof(seconds));
      connection->socket().SetKeepAlive(on, static_cast<unsigned>(seconds));
      break;
    }
    case CommandKind::kTap:
      connection->Tap();
      break;
    case CommandKind::kSkip:
    case CommandKind::kAttach:
    case CommandKind::kListen:
    case CommandKind::kCloseListener:
    case CommandKind::kAdopt:
    case CommandKind::kBegin:
    case CommandKind::kSecureContext:
    case CommandKind::kConnect:
    case CommandKind::kSubscribe:
    case CommandKind::kUnsubscribe:
    case CommandKind::kPublish:
      break;
  }
}

// Gives back the payload of a command that nobody will carry out.
void IoThread::ReleasePayload(const CommandHeader& header, uint8_t* payload) {
  const uint32_t flags = header.kind_and_flags;
  if (!(flags & (command_flags::kLent | command_flags::kOwned))) return;
  if (flags & command_flags::kHasMask) payload += 8;
  PayloadReference reference;
  std::memcpy(&reference, payload, sizeof(reference));
  if (flags & command_flags::kOwned) {
    std::free(const_cast<uint8_t*>(reference.data));
  } else {
    EventWriter(events_.filling(), header.slot)
        .Add(EventKind::kReleased, static_cast<uint32_t>(reference.loan));
  }
}

// Commands that a listener or a connection of one understands.
bool IoThread::HandleListening(const CommandHeader& header, uint8_t* payload) {
  switch (static_cast<CommandKind>(header.kind_and_flags & 0xff)) {
    case CommandKind::kListen: {
      ListenRequest* request;
      std::memcpy(&request, payload, sizeof(request));
      if (!stopping_) listeners_.Listen(header.slot, request);
      return true;
    }
    case CommandKind::kCloseListener:
      listeners_.Close(header.slot);
      return true;
    case CommandKind::kAdopt: {
      uint32_t id;
      std::memcpy(&id, payload, sizeof(id));
      if (!stopping_) Adopt(header.slot, id);
      return true;
    }
    case CommandKind::kBegin:
      if (header.kind_and_flags & command_flags::kOn) {
        BeginPlain(header.slot, payload);
      } else {
        Begin(header.slot, *TakeRequest(payload));
      }
      return true;
    case CommandKind::kSecureContext:
      listeners_.SetSecureContext(header.slot,
                                  std::move(TakeRequest(payload)->tls));
      return true;
    case CommandKind::kConnect:
      if (!stopping_) Connect(header.slot, payload);
      return true;
    default:
      return false;
  }
}

void IoThread::HandleSend(Connection& connection, const CommandHeader& header,
                          uint8_t* payload) {
  const uint32_t flags = header.kind_and_flags;
  const uint8_t* mask = nullptr;
  uint32_t length = header.length;
  if (flags & command_flags::kHasMask) {
    mask = payload;
    payload += 8;
    length -= 8;
  }
  Bytes bytes(payload, length);
  Outbox::LoanId loan = 0;
  std::unique_ptr<uint8_t, decltype(&std::free)> owned(nullptr, &std::free);
  if (flags & (command_flags::kLent | command_flags::kOwned)) {
    PayloadReference reference;
    std::memcpy(&reference, payload, sizeof(reference));
    bytes = {reference.data, reference.size};
    loan = static_cast<Outbox::LoanId>(reference.loan);
    if (flags & command_flags::kOwned) {
      owned.reset(const_cast<uint8_t*>(reference.data));
    }
  }
  const bool masked = flags & command_flags::kMasked;
  const Connection::Sent sent = {header.ack,
                                 (flags & command_flags::kQueued) != 0};
  switch (static_cast<CommandKind>(flags & 0xff)) {
    case CommandKind::kData: {
      Session::OutgoingFrame frame;
      frame.opcode = DataOpcode(flags);
      frame.fin = flags & command_flags::kFin;
      frame.compress = flags & command_flags::kCompress;
      frame.masked = masked;
      frame.payload = bytes;
      frame.loan = loan;
      frame.mask = mask;
      connection.SendData(frame, sent);
      break;
    }
    case CommandKind::kControl:
      connection.SendControl(
          static_cast<Opcode>(flags >> command_flags::kOpcodeShift & 0xf),
          bytes, masked, mask, sent);
      break;
    default:
      connection.SendRaw(bytes, sent);
      break;
  }
}

uint32_t IoThread::AddRequest(std::unique_ptr<AttachRequest> request) {
  std::lock_guard lock(requests_mutex_);
  requests_[++last_request_] = std::move(request);
  return last_request_;
}

std::unique_ptr<AttachRequest> IoThread::TakeRequest(const uint8_t* payload) {
  uint32_t number;
  std::memcpy(&number, payload, sizeof(number));
  std::lock_guard lock(requests_mutex_);
  auto request = std::move(requests_.at(number));
  requests_.erase(number);
  return request;
}

void IoThread::AddCopy(void* memory) {
  std::lock_guard lock(requests_mutex_);
  copies_.insert(memory);
}

void IoThread::TakeCopy(const CommandHeader& header, const uint8_t* payload) {
  const uint32_t flags = header.kind_and_flags;
  const bool publishes =
      static_cast<CommandKind>(flags & 0xff) == CommandKind::kPublish;
  if (publishes || (flags & command_flags::kHasMask)) payload += 8;
  PayloadReference reference;
  std::memcpy(&reference, payload, sizeof(reference));
  std::lock_guard lock(requests_mutex_);
  copies_.erase(const_cast<uint8_t*>(reference.data));
}

void IoThread::Attach(uint32_t slot, const uint8_t* payload) {
  const std::unique_ptr<AttachRequest> request = TakeRequest(payload);
  MakeRoom(slot);
  const ByteBuffer received = std::move(request->received);
  connections_[slot] = std::make_unique<Connection>(host_, slot, *request);
  Connection* connection = connections_[slot].get();
  const int error = poller_.Add(connection->descriptor(),
                                static_cast<PollTarget*>(connection));
  connection->TakeReceived({received.data(), received.size()});
  if (error != 0) {
    EventWriter(events_.filling(), slot)
        .Add(EventKind::kSocketError, static_cast<uint32_t>(-error));
    return;
  }
  QueueRead(connection);
}

void IoThread::Adopt(uint32_t slot, uint32_t id) {
  Listeners::Adopted adopted = listeners_.Adopt(id);
  const int descriptor = adopted.stream.descriptor();
  try {
    AddConnection(slot, std::move(adopted.stream), adopted.bytes_read);
  } catch (...) {
    // What it was must not hear of it any more.
    if (descriptor >= 0) poller_.Forget(descriptor);
    throw;
  }
  if (descriptor < 0) {
    EventWriter(events_.filling(), slot).Add(EventKind::kSocketError, EBADF);
    return;
  }
  Connection* connection = Find(slot);
  poller_.Move(descriptor, static_cast<PollTarget*>(connection));
  connection->TakeReadiness(adopted.ready);
}

void IoThread::Connect(uint32_t slot, const uint8_t* payload) {
  const std::unique_ptr<AttachRequest> request = TakeRequest(payload);
  Connection* connection = AddConnection(
      slot,
      Stream(Socket(std::exchange(request->descriptor, -1)),
             std::make_unique<TlsStream>(request->tls, &tls_buffers_)),
      0);
  const int error = poller_.Add(connection->descriptor(),
                                static_cast<PollTarget*>(connection));
  if (error != 0) {
    EventWriter(events_.filling(), slot)
        .Add(EventKind::kSocketError, static_cast<uint32_t>(-error));
  }
  connection->Connect(*request);
  QueueRead(connection);
}

// Adds one that has no session yet.
Connection* IoThread::AddConnection(uint32_t slot, Stream&& stream,
                                    uint64_t bytes_read) {
  MakeRoom(slot);
  connections_[slot] =
      std::make_unique<Connection>(host_, slot, std::move(stream), bytes_read);
  return connections_[slot].get();
}

void IoThread::Begin(uint32_t slot, const AttachRequest& request) {
  Connection* connection = Find(slot);
  if (connection == nullptr) return;
  connection->BeginSession(request.session);
  connection->TakeReceived({request.received.data(), request.received.size()},
                           true);
  if (request.paused) return;
  connection->Resume();
  QueueRead(connection);
}

// A server's end without compression that is all that the record says.
void IoThread::BeginPlain(uint32_t slot, const uint8_t* payload) {
  AttachRequest request;
  request.session.limits = ReadLimits(payload);
  Begin(slot, request);
}

void IoThread::Destroy(uint32_t slot, bool reset) {
  Connection* connection = connections_[slot].get();
  const auto forget = [connection](std::vector<Connection*>& list) {
    list.erase(std::remove(list.begin(), list.end(), connection), list.end());
  };
  if (connection->in_read_list) {
    forget(read_list_);
    forget(read_later_);
  }
  if (connection->in_flush_list) forget(flush_list_);
  topics_.Leave(connection);
  if (connection->descriptor() >= 0) poller_.Forget(connection->descriptor());
  connection->Destroy(reset);
  connections_[slot].reset();
}

}  // namespace beastws
