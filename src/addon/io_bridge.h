#pragma once

#include <napi.h>

#include <chrono>
#include <memory>
#include <vector>

#include "addon/batch_exporter.h"
#include "addon/guard.h"
#include "addon/listener_bridge.h"
#include "engine/io_thread.h"

namespace beastws {

// JavaScript's handle on an I/O thread, of which each copy of the package in an
// environment has one, or as many as its servers ask for. Everything here runs
// on JavaScript's thread.
class IoBridge : public Napi::ObjectWrap<IoBridge>, public PatientlyAllocated {
 public:
  static Napi::Function Define(Napi::Env env, BatchExporter* exporter);

  explicit IoBridge(const Napi::CallbackInfo& info);
  ~IoBridge() override;

  // Ends the thread and with it all connections. Called by the environment's
  // cleanup hook, before the threadsafe function goes.
  void Shutdown();

 private:
  static void CallJs(Napi::Env env, Napi::Function, IoBridge* bridge, void*);
  using Notifier =
      Napi::TypedThreadSafeFunction<IoBridge, void, &IoBridge::CallJs>;

  Napi::Value AddChunk(const Napi::CallbackInfo& info);
  Napi::Value TakeFreeChunk(const Napi::CallbackInfo& info);
  Napi::Value AddSlotPage(const Napi::CallbackInfo& info);
  Napi::Value Attach(const Napi::CallbackInfo& info);
  Napi::Value Reference(const Napi::CallbackInfo& info);
  Napi::Value Wake(const Napi::CallbackInfo& info);
  Napi::Value FlushAndWait(const Napi::CallbackInfo& info);
  Napi::Value SetReferenced(const Napi::CallbackInfo& info);
  Napi::Value ReadMetrics(const Napi::CallbackInfo& info);
  Napi::Value Begin(const Napi::CallbackInfo& info);
  Napi::Value Connect(const Napi::CallbackInfo& info);
  Napi::Value SetSecureContext(const Napi::CallbackInfo& info);
  template <auto Method>
  Napi::Value Forward(const Napi::CallbackInfo& info) {
    return beastws::Guard(info.Env(),
                          [&] { return (listeners_.*Method)(info); });
  }
  template <auto Method>
  Napi::Value Guarded(const Napi::CallbackInfo& info) {
    return beastws::Guard(info.Env(), [&] { return (this->*Method)(info); });
  }

  Napi::Value GoOn(const Napi::CallbackInfo& info);

  // Lets the event loop turn before the next batch. False if it could not.
  bool Pause(Napi::Env env);
  void OnBatch(Napi::Env env);

  const napi_env env_;
  BatchExporter* const exporter_;
  Notifier notifier_;
  Napi::FunctionReference deliver_;
  Napi::FunctionReference resume_;
  Napi::FunctionReference pause_;
  Napi::ObjectReference records_;
  Napi::ObjectReference scope_;
  // Memory that the I/O thread reads or writes: released after it.
  std::vector<Napi::ObjectReference> shared_memory_;
  EventBatch batch_;
  // How long listeners ran since the last pause, and whether there is one.
  std::chrono::steady_clock::duration spent_ = {};
  bool paused_ = false;
  ListenerBridge listeners_;  // outlives the thread
  std::unique_ptr<IoThread> io_thread_;
};

}  // namespace beastws
