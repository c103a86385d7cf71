#pragma once

#include <napi.h>

#include <memory>

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
  // What the sessions of one environment share. They keep it alive: at the
  // end of an environment nobody knows what is finalized first.
  struct Shared : std::enable_shared_from_this<Shared> {
    SessionPools pools;
    Traffic traffic;
    BatchExporter* exporter;
  };

  static Napi::Function Define(Napi::Env env, Shared* shared);

  explicit InlineSession(const Napi::CallbackInfo& info);

 private:
  template <auto Method>
  Napi::Value Guarded(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&] { return (this->*Method)(info); });
  }
  Napi::Value Receive(const Napi::CallbackInfo& info);
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
  std::unique_ptr<Session> session_;
  Outbox outbox_;
};

}  // namespace beastws
