#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/byte_buffer.h"
#include "bridge/event.h"
#include "bridge/listen_request.h"
#include "bridge/slot_table.h"
#include "engine/handshake.h"
#include "engine/poller.h"
#include "protocol/http_request_head.h"

namespace beastws {

// A listening socket on the I/O thread.
struct Listener : PollTarget {
  Listener(uint32_t number, ListenRequest* what)
      : PollTarget(Kind::kListener),
        slot(number),
        request(what),
        tls(what->tls) {}

  const uint32_t slot;
  ListenRequest* const request;
  bool queued = false;
  bool closing = false;
  size_t handshakes = 0;
  std::shared_ptr<const TlsContext> tls;  // of the next connections, if any
};

// Listening sockets, and their connections until JavaScript adopts them.
class Listeners {
 public:
  // All belong to the I/O thread. `read_buffer` is shared.
  Listeners(Poller* poller, EventBatch* batch, SlotTable* slots,
            uint8_t* read_buffer, size_t read_buffer_size,
            TlsBuffers* tls_buffers);
  ~Listeners();

  // Commands. A listener's last event is kListenerClosed.
  void Listen(uint32_t slot, ListenRequest* request);
  void Close(uint32_t slot);
  void SetSecureContext(uint32_t slot, std::shared_ptr<const TlsContext> tls);

  // A connection that was handed over; the poller still has it for ours, and
  // has said that it is `ready`. Its socket has no descriptor if there is none
  // of that number.
  struct Adopted {
    Stream stream{Socket(-1)};
    uint64_t bytes_read = 0;
    uint32_t ready = 0;
  };
  Adopted Adopt(uint32_t id);

  // Readiness of one of ours: acted upon by Work().
  void OnReady(PollTarget* target, uint32_t what);
  bool has_work() const {
    return (accept_again_ == 0 && !ready_listeners_.empty()) ||
           !ready_handshakes_.empty();
  }
  // Accepts, reads and answers for a while; cuts what is too late.
  void Work();
  // Milliseconds until Work() is needed, or -1.
  int TimeToDeadline() const;

 private:
  using Result = HttpRequestHead::Result;

  // Runs what may fail for want of memory: that costs the connection at most.
  template <class Action>
  void Guard(uint32_t id, Action action);
  bool Accept(Listener* listener);
  void Begin(Listener* listener, Socket&& socket);
  bool IsOldestSlow();
  bool EvictOldest();
  void Read(Handshake* handshake);
  void ReadRest(Handshake* handshake);
  void ReportTlsError(Handshake* handshake, int error);
  void FailTls(Handshake* handshake, int error);
  bool ReadRequests(Handshake* handshake);
  bool ReadRequest(Handshake* handshake, size_t* offset);
  void SkipBody(Handshake* handshake, size_t* offset);
  void HandOver(Handshake* handshake, const HttpRequestHead& head, Bytes rest);
  void Answer(Handshake* handshake, std::string_view text, bool last);
  void Leave(Handshake* handshake);
  void WriteRest(Handshake* handshake);
  void Expire(Handshake* handshake);
  void SetDeadline(Handshake* handshake, int64_t milliseconds);
  void Queue(Handshake* handshake);
  void Destroy(Handshake* handshake);
  void Count(Listener* listener, int change);
  void EndIfClosed(Listener* listener);
  Handshake* Find(uint32_t id);

  Poller* const poller_;
  EventBatch* const batch_;
  SlotTable* const slots_;
  uint8_t* const read_buffer_;
  const size_t read_buffer_size_;
  TlsBuffers* const tls_buffers_;

  std::unordered_map<uint32_t, std::unique_ptr<Listener>> listeners_;
  std::unordered_map<uint32_t, std::unique_ptr<Handshake>> handshakes_;
  // Those that are not handed over, the most urgent first.
  std::set<std::pair<int64_t, uint32_t>> deadlines_;
  std::vector<uint32_t> ready_listeners_;   // slots
  std::vector<uint32_t> ready_handshakes_;  // ids
  uint32_t last_id_ = 0;
  int64_t accept_again_ = 0;  // when, after a lack of descriptors
};

}  // namespace beastws
