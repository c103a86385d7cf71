#include "addon/listener_bridge.h"

#include <algorithm>

#include "addon/tls_bridge.h"
#include "addon/values.h"
#include "base/descriptor.h"
#include "base/thread_sanitizer.h"
#include "bridge/command_channel.h"
#include "engine/listening_socket.h"

namespace beastws {

// openListener(slot, family, host, port, backlog, reusePort) -> 0, or minus
// errno: makes the listening socket of a slot.
Napi::Value ListenerBridge::Open(const Napi::CallbackInfo& info) {
  const uint32_t slot = info[0].As<Napi::Number>();
  const uint32_t family = info[1].As<Napi::Number>();
  ListenAddress address;
  address.family = family == 0   ? ListenAddress::Family::kUnix
                   : family == 4 ? ListenAddress::Family::kIPv4
                                 : ListenAddress::Family::kIPv6;
  address.host = info[2].As<Napi::String>().Utf8Value();
  address.port = info[3].As<Napi::Number>();
  address.backlog = info[4].As<Napi::Number>();
  address.reuse_port = BooleanOf(info[5]);
  auto request = std::make_unique<ListenRequest>();
  const int descriptor = OpenListeningSocket(address);
  if (descriptor >= 0) {
    request->descriptor = descriptor;
    requests_[slot] = std::move(request);
  }
  return Napi::Number::New(info.Env(), std::min(descriptor, 0));
}

// listenerDescriptor(slot) -> what shareListener() of another thread takes
Napi::Value ListenerBridge::Descriptor(const Napi::CallbackInfo& info) {
  const uint32_t slot = info[0].As<Napi::Number>();
  return Napi::Number::New(info.Env(), requests_.at(slot)->descriptor);
}

// shareListener(slot, descriptor) -> 0, or minus errno: has a slot serve a
// listening socket that another thread serves, too.
Napi::Value ListenerBridge::Share(const Napi::CallbackInfo& info) {
  const uint32_t slot = info[0].As<Napi::Number>();
  auto request = std::make_unique<ListenRequest>();
  request->descriptor =
      DuplicateDescriptor(info[1].As<Napi::Number>().Int32Value());
  const int error = std::min(request->descriptor, 0);
  if (error == 0) requests_[slot] = std::move(request);
  return Napi::Number::New(info.Env(), error);
}

// listenerAddress(slot) -> [address, port, family]
Napi::Value ListenerBridge::Address(const Napi::CallbackInfo& info) {
  const uint32_t slot = info[0].As<Napi::Number>();
  const SocketName name = LocalName(requests_.at(slot)->descriptor);
  Napi::Array result = Napi::Array::New(info.Env(), 3);
  result.Set(0u, Napi::String::New(info.Env(), name.address));
  result.Set(1u, Napi::Number::New(info.Env(), name.port));
  result.Set(2u, Napi::Number::New(info.Env(), name.family));
  return result;
}

// listen(chunk, offset, slot, limits: Float64Array, tls): writes the payload of
// a listen command. `tls` is a TLS context or undefined. The limits are
// max_header_size, max_headers, max_handshakes, handshake_timeout and
// keep_alive_timeout.
Napi::Value ListenerBridge::Listen(const Napi::CallbackInfo& info) {
  const uint32_t slot = info[2].As<Napi::Number>();
  const auto limits = info[3].As<Napi::Float64Array>();
  ListenRequest* request = requests_.at(slot).get();
  request->max_header_size = static_cast<size_t>(limits[0]);
  request->max_headers = static_cast<size_t>(limits[1]);
  request->max_handshakes = static_cast<size_t>(limits[2]);
  request->handshake_timeout = static_cast<int64_t>(limits[3]);
  request->keep_alive_timeout = static_cast<int64_t>(limits[4]);
  request->tls = tls_bridge::ContextOf(info[4]);
  CommandChannel::WritePayload(info[0].As<Napi::Uint8Array>().Data(),
                               info[1].As<Napi::Number>().Uint32Value(),
                               request);
  return info.Env().Undefined();
}

// stopListener(slot): nobody can connect from now on. Before the command that
// closes the listener, which may take a while to be read.
Napi::Value ListenerBridge::Stop(const Napi::CallbackInfo& info) {
  const uint32_t slot = info[0].As<Napi::Number>();
  ListenRequest* request = requests_.at(slot).get();
  StopListening(request->descriptor);
  BeforeAtomicsOfJavaScript(request);
  return info.Env().Undefined();
}

// forgetListener(slot): after its last event.
Napi::Value ListenerBridge::Forget(const Napi::CallbackInfo& info) {
  requests_.erase(info[0].As<Napi::Number>().Uint32Value());
  return info.Env().Undefined();
}

}  // namespace beastws
