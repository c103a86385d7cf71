#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/io_thread.h"
#include "support/command_writer.h"
#include "support/event_list.h"
#include "support/socket_pair.h"

namespace beastws::test {

// Plays JavaScript's part for an I/O thread (lib/io-thread.js).
class IoDriver {
 public:
  IoDriver()
      : rows_(SlotTable::kRowsPerPage * SlotTable::kColumns),
        state_(words_),
        thread_(std::make_unique<IoThread>(state_, [this] { Notify(); })),
        writer_(std::make_unique<CommandWriter>(&thread_->commands(), 65536)) {
    thread_->slots().AddPage(0, rows_.data());
  }

  // The thread goes before the memory that it reads.
  ~IoDriver() { thread_.reset(); }
  IoDriver(const IoDriver&) = delete;
  IoDriver& operator=(const IoDriver&) = delete;

  IoThread& thread() { return *thread_; }
  void Stop() { thread_->Stop(); }
  // Also ends what the thread held.
  void DropThread() { thread_.reset(); }

  // Writes the command that hands a descriptor over. It is not flushed.
  void Attach(uint32_t slot, int descriptor,
              const Session::Options& options = {}, std::string received = "",
              bool paused = false) {
    auto request = std::make_unique<AttachRequest>();
    request->descriptor = descriptor;
    request->session = options;
    request->received.Append(received.data(), received.size());
    request->paused = paused;
    writer_->WriteValue(Kind(CommandKind::kAttach), slot,
                        thread_->AddRequest(std::move(request)));
  }

  void Send(uint32_t slot, std::string_view payload, uint32_t ack = 0,
            uint32_t flags = 0) {
    writer_->Write(Kind(CommandKind::kData) | command_flags::kFin | flags, slot,
                   payload, ack);
  }
  void SendLent(uint32_t slot, std::string_view payload, uint32_t loan,
                uint32_t ack = 0) {
    writer_->WriteValue(
        Kind(CommandKind::kData) | command_flags::kFin | command_flags::kLent,
        slot, PayloadReference{AsBytes(payload).data(), payload.size(), loan},
        ack);
  }
  // The command owns a copy.
  void SendOwned(uint32_t slot, std::string_view payload, uint32_t ack = 0,
                 uint32_t flags = 0) {
    auto* copy = static_cast<uint8_t*>(std::malloc(payload.size()));
    std::memcpy(copy, payload.data(), payload.size());
    writer_->WriteValue(Kind(CommandKind::kData) | command_flags::kFin |
                            command_flags::kOwned | flags,
                        slot, PayloadReference{copy, payload.size(), 0}, ack);
  }
  void Control(uint32_t slot, Opcode opcode, std::string_view payload) {
    writer_->Write(
        Kind(CommandKind::kControl) | static_cast<uint32_t>(opcode)
                                          << command_flags::kOpcodeShift,
        slot, payload);
  }
  void Command(CommandKind kind, uint32_t slot, uint32_t flags = 0) {
    writer_->Write(Kind(kind) | flags, slot, "");
  }
  CommandWriter& writer() { return *writer_; }

  // Shows the thread all commands and wakes it if it sleeps.
  void Flush() {
    writer_->Publish();
    state_.Store(SharedState::kJsBusy, 0);
    if (__atomic_exchange_n(&words_[SharedState::kIoSleeping], 0,
                            __ATOMIC_SEQ_CST) == 1) {
      thread_->Wake();
    }
  }
  // Says that commands are being written, without showing them.
  void BeBusy() { state_.Store(SharedState::kJsBusy, 1); }
  bool io_sleeping() const {
    return state_.Load(SharedState::kIoSleeping) != 0;
  }

  // Takes batches until `enough` says so. Throws when nothing comes for long.
  GotList WaitFor(const std::function<bool(const GotList&)>& enough) {
    GotList list;
    while (!enough(list)) {
      {
        std::unique_lock lock(mutex_);
        if (!ready_.wait_for(lock, std::chrono::seconds(20),
                             [this] { return notified_ > 0; })) {
          throw std::runtime_error("no event came");
        }
        --notified_;
      }
      TakeBatch(&list);
    }
    return list;
  }
  GotList WaitFor(size_t count) {
    return WaitFor(
        [count](const GotList& list) { return list.size() >= count; });
  }
  GotList WaitFor(EventKind kind) {
    return WaitFor([kind](const GotList& list) {
      return !list.empty() && list.back().kind == kind;
    });
  }

  // The batch that is ready, if there is one.
  bool TakeBatch(GotList* list) {
    if (!thread_->events().Take(&batch_)) return false;
    thread_->BatchTaken();
    ReadBatch(batch_, list);
    batch_.Clear();
    Flush();
    return true;
  }

  int notified() {
    const std::lock_guard lock(mutex_);
    return notified_;
  }

  double figure(uint32_t slot, SlotTable::Column column) const {
    const uint64_t bits =
        __atomic_load_n(reinterpret_cast<const uint64_t*>(
                            &rows_[slot * SlotTable::kColumns + column]),
                        __ATOMIC_RELAXED);
    double value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }

 private:
  static uint32_t Kind(CommandKind kind) { return static_cast<uint32_t>(kind); }
  void Notify() {
    const std::lock_guard lock(mutex_);
    ++notified_;
    ready_.notify_one();
  }

  std::vector<double> rows_;
  alignas(8) int32_t words_[2] = {};
  SharedState state_;
  std::mutex mutex_;
  std::condition_variable ready_;
  int notified_ = 0;
  EventBatch batch_;
  std::unique_ptr<IoThread> thread_;
  std::unique_ptr<CommandWriter> writer_;
};

}  // namespace beastws::test
