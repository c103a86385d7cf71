#pragma once

#include <napi.h>

#include <memory>
#include <span>
#include <vector>

#include "addon/batch_exporter.h"
#include "addon/guard.h"
#include "base/traffic.h"
#include "protocol/session.h"

namespace beastws {

// A Session that JavaScript's thread drives by itself: bytes in, events out,
// frames out, all synchronous. For TLS sockets, other Duplex streams and the
// option `ioThread: false`.
class InlineSession : public Napi::ObjectWrap<InlineSession>,
                      public PatientlyAllocated {
 public:
  // What JavaScript has given for what is read, and keeps. Each copy of the
  // package in an environment has memory of its own.
  struct Memory {
    std::span<int32_t> rows;
    MutableBytes pool;
  };

  // What the sessions of one environment share. They keep it alive: at the
  // end of an environment nobody knows what is finalized first.
  struct Shared : std::enable_shared_from_this<Shared> {
    SessionPools pools;
    Traffic traffic;
    BatchExporter* exporter;
    // The sessions by their number; null: it is free.
    std::vector<InlineSession*> sessions;
    std::vector<uint32_t> free_numbers;
    std::vector<Memory> memories;
  };

  static Napi::Function Define(Napi::Env env, Shared* shared);

  explicit InlineSession(const Napi::CallbackInfo& info);
  ~InlineSession();

 private:
  template <auto Method>
  Napi::Value Guarded(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&] { return (this->*Method)(info); });
  }
  static Napi::Value SetMemory(const Napi::CallbackInfo& info);
  static Napi::Value ReceiveFor(const Napi::CallbackInfo& info);
  Napi::Value Receive(Napi::Env env, Bytes chunk);
  Napi::Value ReadNumber(const Napi::CallbackInfo& info);
  Napi::Value Data(const Napi::CallbackInfo& info);
  template <class Append>
  Napi::Value Output(const Napi::Value& room, const Napi::Value& offset,
                     Append append);
  Napi::Value Control(const Napi::CallbackInfo& info);
  Napi::Value Take(const Napi::CallbackInfo& info);
  Napi::Value SetLimits(const Napi::CallbackInfo& info);
  static Napi::Value ReadTraffic(const Napi::CallbackInfo& info);

  // Outlives session_, whose streams it made.
  std::shared_ptr<Shared> shared_;
  uint32_t number_ = 0;
  uint32_t memory_ = 0;
  std::unique_ptr<Session> session_;
  Outbox outbox_;
};

}  // namespace beastws
