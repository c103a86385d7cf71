#pragma once

#include <napi.h>

#include <memory>
#include <unordered_map>

#include "bridge/listen_request.h"

namespace beastws {

// Makes listening sockets and the payloads of the commands that have the I/O
// thread serve them. Runs on JavaScript's thread, outlives the I/O thread.
class ListenerBridge {
 public:
  Napi::Value Open(const Napi::CallbackInfo& info);
  Napi::Value Descriptor(const Napi::CallbackInfo& info);
  Napi::Value Share(const Napi::CallbackInfo& info);
  Napi::Value Address(const Napi::CallbackInfo& info);
  Napi::Value Listen(const Napi::CallbackInfo& info);
  Napi::Value Stop(const Napi::CallbackInfo& info);
  Napi::Value Forget(const Napi::CallbackInfo& info);
  // Closes what is still open, after the I/O thread.
  void Clear() { requests_.clear(); }

 private:
  std::unordered_map<uint32_t, std::unique_ptr<ListenRequest>> requests_;
};

}  // namespace beastws
