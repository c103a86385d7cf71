#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/thread_checker.h"
#include "bridge/command_channel.h"
#include "bridge/event_channel.h"
#include "bridge/slot_table.h"
#include "engine/busy_poll.h"
#include "engine/connection.h"
#include "engine/listeners.h"
#include "engine/poller.h"
#include "engine/topics.h"

namespace beastws {

// The words that JavaScript and the I/O thread share (an Int32Array there).
struct SharedState {
  enum Word : uint32_t {
    kIoSleeping = 0,  // the I/O thread waits: flushing needs a Wake()
    kJsBusy = 1,      // JavaScript has unflushed commands or runs listeners
  };
  explicit SharedState(int32_t* words) : words_(words) {}

  int32_t Load(Word word) const {
    return __atomic_load_n(words_ + word, __ATOMIC_SEQ_CST);
  }
  void Store(Word word, int32_t value) {
    __atomic_store_n(words_ + word, value, __ATOMIC_SEQ_CST);
  }

 private:
  int32_t* words_;
};

// The thread on which connections live, with its two channels. Constructed,
// stopped and destroyed by JavaScript's thread; everything below "the I/O
// thread's" belongs to the thread itself.
class IoThread {
 public:
  // `notify` is called when a batch is ready. Throws std::system_error.
  IoThread(SharedState state, std::function<void()> notify);
  ~IoThread();  // stops and joins

  CommandChannel& commands() { return commands_; }
  EventChannel& events() { return events_; }
  SlotTable& slots() { return slots_; }
  const Traffic& traffic() const { return traffic_; }

  // JavaScript's side: keeps a request until its command comes, and returns its
  // number. A worker can be terminated between the two.
  uint32_t AddRequest(std::unique_ptr<AttachRequest> request);
  // Likewise for memory (malloc) that a command will own.
  void AddCopy(void* memory);

  void Wake() { poller_.Wake(); }
  // Called by JavaScript after it took a batch.
  void BatchTaken();

  // Makes the I/O thread take all published commands and try to write all of
  // it once; waits for that at most `milliseconds`. For process.exit().
  void FlushAndWait(int milliseconds);

  // Ends all connections at once and joins the thread.
  void Stop();

 private:
  void Run();
  void Turn();
  int SleepTime();
  void TrimMemory(bool idle);
  size_t LookAround(BusyPoll::Clock::time_point start, Poller::Ready* ready);
  void ReadConnections();
  void DrainCommands(bool eager, size_t max_chunks);
  // Runs what may fail, for want of memory most of all: that costs a connection
  // at most.
  template <class Work>
  void Guard(uint32_t slot, Work work);
  void Handle(const CommandHeader& header, uint8_t* payload);
  void ReleasePayload(const CommandHeader& header, uint8_t* payload);
  void HandleSend(Connection& connection, const CommandHeader& header,
                  uint8_t* payload);
  void Attach(uint32_t slot, const uint8_t* payload);
  std::unique_ptr<AttachRequest> TakeRequest(const uint8_t* payload);
  void TakeCopy(const CommandHeader& header, const uint8_t* payload);
  bool HandleListening(const CommandHeader& header, uint8_t* payload);
  void Adopt(uint32_t slot, uint32_t id);
  void Connect(uint32_t slot, const uint8_t* payload);
  Connection* AddConnection(uint32_t slot, Stream&& stream,
                            uint64_t bytes_read);
  void Begin(uint32_t slot, const AttachRequest& request);
  void BeginPlain(uint32_t slot, const uint8_t* payload);
  void MakeRoom(uint32_t slot);
  bool IsFull();
  void Destroy(uint32_t slot, bool reset);
  void FlushConnections();
  void QueueRead(Connection* connection);
  void QueueFlush(Connection* connection);
  Connection* Find(uint32_t slot);

  SharedState state_;
  Poller poller_;
  CommandChannel commands_;
  EventChannel events_;
  SlotTable slots_;
  Traffic traffic_;  // the I/O thread counts
  std::atomic<bool> stopping_{false};
  std::mutex requests_mutex_;
  std::unordered_map<uint32_t, std::unique_ptr<AttachRequest>> requests_;
  std::unordered_set<void*> copies_;
  uint32_t last_request_ = 0;
  std::atomic<uint32_t> flush_requests_{0};
  std::atomic<uint32_t> flushes_done_{0};

  // The I/O thread's. Connections go before the pools that they use.
  ThreadChecker thread_;
  BusyPoll busy_poll_;
  std::unique_ptr<uint8_t[]> read_buffer_;
  ByteBuffer spare_;
  SessionPools pools_;
  TlsBuffers tls_buffers_;
  ConnectionHost host_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by slot
  std::vector<Connection*> read_list_;
  std::vector<Connection*> read_later_;
  std::vector<Connection*> flush_list_;
  Topics topics_;
  Listeners listeners_;
  bool delivered_ = true;  // JavaScript took the last batch
  uint32_t turns_ = 0;

  std::thread handle_;
};

}  // namespace beastws
