#include "engine/io_thread.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "base/exit_gate.h"

namespace beastws {

namespace {

constexpr size_t kReadBufferSize = 256 * 1024;
constexpr size_t kMaxReady = 256;

// JavaScript is behind by a batch in any case. Above these, nothing is read
// (from that connection, or at all) until it has taken one.
constexpr size_t kMaxConnectionBytes = 1024 * 1024;
constexpr size_t kMaxBatchBytes = 4 * 1024 * 1024;
constexpr size_t kMaxBatchEvents = 16384;
// Chunks of commands that are taken before it is the sockets' turn.
constexpr size_t kMaxChunks = 16;

// How long commands may wait that JavaScript wrote but did not flush, because
// it is in the middle of something long.
constexpr int kEagerMilliseconds = 1;

// How often memory that is kept is looked at: when nothing happens, and while
// it does.
constexpr int kTrimMilliseconds = 1000;
constexpr uint32_t kTurnsToTrim = 64;

// More connections than these have always something to do, or can wait.
constexpr size_t kMaxBusyPolled = 8;

// What the system would have said.
int ErrorOf(const std::exception& error) {
  const auto* failure = dynamic_cast<const std::system_error*>(&error);
  return failure != nullptr ? failure->code().value() : ENOMEM;
}

}  // namespace

IoThread::IoThread(SharedState state, std::function<void()> notify)
    : state_(state),
      events_(std::move(notify)),
      read_buffer_(new uint8_t[kReadBufferSize]),
      host_{&pools_,
            events_.filling(),
            &slots_,
            &traffic_,
            read_buffer_.get(),
            kReadBufferSize,
            &tls_buffers_,
            &spare_},
      topics_([this](Connection* connection, Publication* publication,
                     size_t max_backlog) {
        Guard(connection->slot(), [&] {
          if (connection->Publish(publication, max_backlog)) {
            QueueFlush(connection);
          }
        });
      }),
      listeners_(&poller_, events_.filling(), &slots_, read_buffer_.get(),
                 kReadBufferSize, &tls_buffers_) {
  pools_.streams.Prepare();
  // Signals are Node's; a thread made now inherits the mask.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    handle_ = std::thread([this] { Run(); });
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

IoThread::~IoThread() {
  Stop();
  for (void* memory : copies_) std::free(memory);
}

void IoThread::Stop() {
  if (!handle_.joinable()) return;
  events_.Close();
  stopping_ = true;
  poller_.Wake();
  handle_.join();
}

void IoThread::BatchTaken() {
  if (state_.Load(SharedState::kIoSleeping) != 0) poller_.Wake();
}

void IoThread::FlushAndWait(int milliseconds) {
  const uint32_t request = ++flush_requests_;
  poller_.Wake();
  const auto deadline = std::chrono::steady_clock::now() +
                        std::chrono::milliseconds(milliseconds);
  uint32_t done = flushes_done_;
  while (done != request && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    done = flushes_done_;
  }
}

void IoThread::Run() {
#ifdef __linux__
  pthread_setname_np(pthread_self(), "beastws-io");
#endif
  thread_.Check();
  while (!stopping_) {
    try {
      Turn();
    } catch (const std::exception& error) {
      // What a connection needs is guarded. Without memory for anything else
      // there is no way to tell JavaScript either.
      std::fprintf(stderr, "beastws: the I/O thread failed: %s\n",
                   error.what());
      std::abort();
    }
  }
  topics_.Clear();
  connections_.clear();
  // What is still on the way owns memory.
  DrainCommands(true, SIZE_MAX);
}

void IoThread::Turn() {
  Poller::Ready ready[kMaxReady];
  size_t count = 0;
  int timeout = 0;
  if (connections_.size() > kMaxBusyPolled) {
    timeout = SleepTime();
    count = poller_.Wait(timeout, ready, kMaxReady);
  } else {
    const auto start = BusyPoll::Clock::now();
    if (busy_poll_.IsWorthwhile()) count = LookAround(start, ready);
    if (count == 0) {
      timeout = SleepTime();
      count = poller_.Wait(timeout, ready, kMaxReady);
    }
    busy_poll_.Waited(BusyPoll::Clock::now() - start);
  }
  state_.Store(SharedState::kIoSleeping, 0);
  TrimMemory(count == 0);
  const ExitGate gate;
  if (!gate.open()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    auto* target = static_cast<PollTarget*>(ready[i].owner);
    if (target == nullptr) continue;
    if (target->kind != PollTarget::Kind::kConnection) {
      listeners_.OnReady(target, ready[i].what);
      continue;
    }
    auto* connection = static_cast<Connection*>(target);
    if (ready[i].what & Poller::kWritable) {
      connection->MarkWritable();
      if (connection->wants_flush()) QueueFlush(connection);
    }
    if (ready[i].what & Poller::kReadable) {
      connection->MarkReadable(ready[i].what & Poller::kPeerClosed);
      if (ready[i].what & Poller::kUrgent) connection->MarkUrgent();
      QueueRead(connection);
    }
  }
  const uint32_t flush_request = flush_requests_;
  // Commands first: limits hold for what is read after they were set.
  const bool flushing = flush_request != flushes_done_;
  DrainCommands((count == 0 && timeout == kEagerMilliseconds) || flushing,
                flushing ? SIZE_MAX : kMaxChunks);
  ReadConnections();
  if (!IsFull()) listeners_.Work();
  FlushConnections();
  events_.filling()->CountTo(&traffic_);
  // Set first: JavaScript takes it back when it is through with the batch.
  if (!events_.filling()->empty()) state_.Store(SharedState::kJsBusy, 1);
  delivered_ = events_.Deliver();
  if (delivered_ && events_.filling()->empty()) {
    for (Connection* connection : read_later_) {
      connection->ForgetBatchBytes();
      connection->in_read_list = false;
      QueueRead(connection);
    }
    read_later_.clear();
  }
  flushes_done_ = flush_request;
}

// Waits awake for a while: for sockets, and for commands.
size_t IoThread::LookAround(BusyPoll::Clock::time_point start,
                            Poller::Ready* ready) {
  while (BusyPoll::Clock::now() - start < BusyPoll::kLimit) {
    const size_t count = poller_.Wait(0, ready, kMaxReady);
    if (count > 0 || commands_.HasPublished()) return count;
    std::this_thread::yield();
  }
  return 0;
}

void IoThread::TrimMemory(bool idle) {
  if (!idle && ++turns_ % kTurnsToTrim != 0) return;
  if (!events_.memory()->empty()) events_.memory()->Trim();
}

// Announces the sleep first, then looks again: JavaScript publishes first,
// then looks whether we sleep. One of the two sees the other.
int IoThread::SleepTime() {
  const bool full = IsFull();
  if ((!read_list_.empty() || listeners_.has_work()) && !full) return 0;
  state_.Store(SharedState::kIoSleeping, 1);
  if (stopping_ || commands_.HasPublished() ||
      flush_requests_ != flushes_done_) {
    return 0;
  }
  if (!delivered_ && events_.Deliver()) {
    delivered_ = true;
    return 0;
  }
  if (state_.Load(SharedState::kJsBusy) != 0) return kEagerMilliseconds;
  const int time = full ? -1 : listeners_.TimeToDeadline();
  if (events_.memory()->empty()) return time;
  return time < 0 ? kTrimMilliseconds : std::min(time, kTrimMilliseconds);
}

// JavaScript has not taken the last batch, and the next one is large.
bool IoThread::IsFull() {
  return !delivered_ && (events_.filling()->bytes() >= kMaxBatchBytes ||
                         events_.filling()->events.size() >= kMaxBatchEvents);
}

template <class Work>
void IoThread::Guard(uint32_t slot, Work work) {
  try {
    work();
  } catch (const std::exception& error) {
    if (Connection* connection = Find(slot)) {
      connection->Fail(ErrorOf(error));
    } else {
      EventWriter(events_.filling(), slot)
          .Add(EventKind::kSocketError, static_cast<uint32_t>(ErrorOf(error)),
               2);
    }
  }
}

void IoThread::QueueRead(Connection* connection) {
  if (connection->in_read_list || !connection->wants_read()) return;
  connection->in_read_list = true;
  read_list_.push_back(connection);
}

void IoThread::QueueFlush(Connection* connection) {
  if (connection->in_flush_list) return;
  connection->in_flush_list = true;
  flush_list_.push_back(connection);
}

void IoThread::ReadConnections() {
  const EventBatch* batch = events_.filling();
  // What is queued meanwhile is for the next turn.
  const size_t count = read_list_.size();
  size_t done = 0;
  while (done < count && batch->bytes() < kMaxBatchBytes &&
         batch->events.size() < kMaxBatchEvents) {
    Connection* connection = read_list_[done++];
    connection->in_read_list = false;
    bool more = false;
    Guard(connection->slot(), [&] { more = connection->Read(); });
    // Reading can end a broken connection's writing.
    if (connection->wants_flush()) QueueFlush(connection);
    if (!more) continue;
    connection->in_read_list = true;
    if (connection->batch_bytes() >= kMaxConnectionBytes) {
      read_later_.push_back(connection);
    } else {
      read_list_.push_back(connection);
    }
  }
  read_list_.erase(read_list_.begin(),
                   read_list_.begin() + static_cast<long>(done));
}

void IoThread::DrainCommands(bool eager, size_t max_chunks) {
  thread_.Check();
  commands_.Drain(
      eager,
      [this](const CommandHeader& header, uint8_t* payload) {
        Guard(header.slot, [&] { Handle(header, payload); });
      },
      max_chunks);
}

Connection* IoThread::Find(uint32_t slot) {
  return slot < connections_.size() ? connections_[slot].get() : nullptr;
}

// So that listing a connection cannot fail: each is in a list once, or twice
// while it is being read.
void IoThread::MakeRoom(uint32_t slot) {
  if (slot >= connections_.size()) connections_.resize(slot + 1);
  const size_t room = 2 * connections_.capacity();
  read_list_.reserve(room);
  read_later_.reserve(room);
  flush_list_.reserve(room);
}

void IoThread::FlushConnections() {
  for (Connection* connection : flush_list_) {
    connection->in_flush_list = false;
    Guard(connection->slot(), [&] { connection->Flush(); });
  }
  flush_list_.clear();
}

}  // namespace beastws
