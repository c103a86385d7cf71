#include "addon/io_bridge.h"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>

#include "addon/external_memory.h"
#include "addon/session_options.h"
#include "addon/tls_bridge.h"
#include "addon/traffic_figures.h"
#include "addon/values.h"
#include "base/descriptor.h"
#include "base/patience.h"
#include "bridge/command.h"

namespace beastws {

namespace {

uint8_t* DataOf(const Napi::Value& value) {
  return value.As<Napi::Uint8Array>().Data();
}

// Functions that write a payload have its chunk and the offset in front.
template <class Value>
void WritePayload(const Napi::CallbackInfo& info, const Value& value) {
  CommandChannel::WritePayload(DataOf(info[0]),
                               info[1].As<Napi::Number>().Uint32Value(), value);
}

// For how long batches may follow each other within one turn of the event loop.
constexpr std::chrono::milliseconds kMostAtOnce{5};

void ShutDown(void* bridge) { static_cast<IoBridge*>(bridge)->Shutdown(); }

}  // namespace

Napi::Function IoBridge::Define(Napi::Env env, BatchExporter* exporter) {
  return DefineClass(
      env, "IoThread",
      {InstanceMethod<&IoBridge::Guarded<&IoBridge::AddChunk>>("addChunk"),
       InstanceMethod<&IoBridge::TakeFreeChunk>("takeFreeChunk"),
       InstanceMethod<&IoBridge::Guarded<&IoBridge::AddSlotPage>>(
           "addSlotPage"),
       InstanceMethod<&IoBridge::Guarded<&IoBridge::Attach>>("attach"),
       InstanceMethod<&IoBridge::Guarded<&IoBridge::Reference>>("reference"),
       InstanceMethod<&IoBridge::Wake>("wake"),
       InstanceMethod<&IoBridge::FlushAndWait>("flushAndWait"),
       InstanceMethod<&IoBridge::SetReferenced>("setReferenced"),
       InstanceMethod<&IoBridge::Guarded<&IoBridge::Begin>>("begin"),
       InstanceMethod<&IoBridge::ReadMetrics>("readMetrics"),
       InstanceMethod<&IoBridge::GoOn>("goOn"),
       InstanceMethod<&IoBridge::Guarded<&IoBridge::Connect>>("connect"),
       InstanceMethod<&IoBridge::Guarded<&IoBridge::SetSecureContext>>(
           "setSecureContext"),
       InstanceMethod<&IoBridge::Forward<&ListenerBridge::Open>>(
           "openListener"),
       InstanceMethod<&IoBridge::Forward<&ListenerBridge::Descriptor>>(
           "listenerDescriptor"),
       InstanceMethod<&IoBridge::Forward<&ListenerBridge::Share>>(
           "shareListener"),
       InstanceMethod<&IoBridge::Forward<&ListenerBridge::Address>>(
           "listenerAddress"),
       InstanceMethod<&IoBridge::Forward<&ListenerBridge::Listen>>("listen"),
       InstanceMethod<&IoBridge::Forward<&ListenerBridge::Stop>>(
           "stopListener"),
       InstanceMethod<&IoBridge::Forward<&ListenerBridge::Forget>>(
           "forgetListener")},
      exporter);
}

// new IoThread(state: Int32Array, records: Int32Array, deliver, resume, pause,
// scope): starts the thread. `deliver` is called as BatchExporter says, with
// `scope` as this; after a listener threw, resume() goes on with the rest.
// After pause() nothing is delivered until goOn().
IoBridge::IoBridge(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<IoBridge>(info),
      env_(info.Env()),
      exporter_(static_cast<BatchExporter*>(info.Data())) {
  const Napi::Env env = info.Env();
  auto state = info[0].As<Napi::Int32Array>();
  records_ = Napi::Persistent(info[1].As<Napi::Object>());
  deliver_ = Napi::Persistent(info[2].As<Napi::Function>());
  resume_ = Napi::Persistent(info[3].As<Napi::Function>());
  pause_ = Napi::Persistent(info[4].As<Napi::Function>());
  scope_ = Napi::Persistent(info[5].As<Napi::Object>());
  notifier_ = Notifier::New(env, "beastws", 0, 1, this);
  notifier_.Unref(env);
  try {
    shared_memory_.push_back(Napi::Persistent(state.As<Napi::Object>()));
    io_thread_ = std::make_unique<IoThread>(
        SharedState(state.Data()), [this] { notifier_.NonBlockingCall(); });
  } catch (const std::exception& error) {
    notifier_.Abort();
    Napi::Error::New(
        env, std::string("The I/O thread cannot be started: ") + error.what())
        .ThrowAsJavaScriptException();
    return;
  }
  KeepMemoryOfTheEnding();
  // Hooks run last in, first out: ours, added after the threadsafe function's
  // own, finds that function alive.
  napi_add_env_cleanup_hook(env_, ShutDown, this);
}

IoBridge::~IoBridge() {
  if (!io_thread_) return;
  napi_remove_env_cleanup_hook(env_, ShutDown, this);
  Shutdown();
}

void IoBridge::Shutdown() {
  if (!io_thread_) return;
  io_thread_->Stop();
  io_thread_.reset();
  FreeMemoryOfTheEnding();
  listeners_.Clear();
  notifier_.Abort();
}

// addChunk(id, chunk: Uint8Array)
Napi::Value IoBridge::AddChunk(const Napi::CallbackInfo& info) {
  const uint32_t id = info[0].As<Napi::Number>();
  // Whoever sends a message has no use for an exception.
  if (BooleanOf(info[2])) {
    auto chunk = Napi::Persistent(info[1].As<Napi::Object>());
    Patiently([&] { shared_memory_.push_back(std::move(chunk)); });
  }
  Patiently([&] { io_thread_->commands().AddChunk(id, DataOf(info[1])); });
  return info.Env().Undefined();
}

// takeFreeChunk() -> id or -1
Napi::Value IoBridge::TakeFreeChunk(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), io_thread_->commands().TakeFreeChunk());
}

// addSlotPage(page, rows: Float64Array)
Napi::Value IoBridge::AddSlotPage(const Napi::CallbackInfo& info) {
  const uint32_t page = info[0].As<Napi::Number>();
  if (page >= SlotTable::kMaxPages) {
    Napi::RangeError::New(info.Env(), "Too many connections")
        .ThrowAsJavaScriptException();
    return {};
  }
  shared_memory_.push_back(Napi::Persistent(info[1].As<Napi::Object>()));
  io_thread_->slots().AddPage(page, info[1].As<Napi::Float64Array>().Data());
  return info.Env().Undefined();
}

// attach(chunk, offset, descriptor, packedOptions, received, paused) -> the new
// descriptor, or minus errno: duplicates the descriptor and writes the payload
// of an attach command.
Napi::Value IoBridge::Attach(const Napi::CallbackInfo& info) {
  auto request = std::make_unique<AttachRequest>();
  const int copy = DuplicateDescriptor(info[2].As<Napi::Number>().Int32Value());
  if (copy >= 0) {
    request->descriptor = copy;
    request->session = ReadSessionOptions(info[3].As<Napi::Float64Array>());
    if (info[4].IsTypedArray()) {
      const auto received = info[4].As<Napi::Uint8Array>();
      request->received.Append(received.Data(), received.ByteLength());
    }
    request->paused = BooleanOf(info[5]);
    const uint32_t number = io_thread_->AddRequest(std::move(request));
    WritePayload(info, number);
  }
  return Napi::Number::New(info.Env(), copy);
}

// begin(chunk, offset, packedOptions, received, paused): writes the payload of
// a begin command.
Napi::Value IoBridge::Begin(const Napi::CallbackInfo& info) {
  auto request = std::make_unique<AttachRequest>();
  request->session = ReadSessionOptions(info[2].As<Napi::Float64Array>());
  const auto received = info[3].As<Napi::Uint8Array>();
  request->received.Append(received.Data(), received.ByteLength());
  request->paused = BooleanOf(info[4]);
  const uint32_t number = io_thread_->AddRequest(std::move(request));
  WritePayload(info, number);
  return info.Env().Undefined();
}

// connect(chunk, offset, descriptor, tls, host, session) -> the new descriptor,
// or minus errno: duplicates the descriptor of a connected socket and writes
// the payload of a connect command. `session` is a Uint8Array or undefined.
Napi::Value IoBridge::Connect(const Napi::CallbackInfo& info) {
  auto request = std::make_unique<AttachRequest>();
  const int copy = DuplicateDescriptor(info[2].As<Napi::Number>().Int32Value());
  if (copy >= 0) {
    request->descriptor = copy;
    request->tls = tls_bridge::ContextOf(info[3]);
    request->tls_host = info[4].As<Napi::String>().Utf8Value();
    if (info[5].IsTypedArray()) {
      const auto session = info[5].As<Napi::Uint8Array>();
      request->tls_session.Append(session.Data(), session.ByteLength());
    }
    const uint32_t number = io_thread_->AddRequest(std::move(request));
    WritePayload(info, number);
  }
  return Napi::Number::New(info.Env(), copy);
}

// setSecureContext(chunk, offset, tls): writes the payload of the command of
// that name.
Napi::Value IoBridge::SetSecureContext(const Napi::CallbackInfo& info) {
  auto request = std::make_unique<AttachRequest>();
  request->tls = tls_bridge::ContextOf(info[2]);
  const uint32_t number = io_thread_->AddRequest(std::move(request));
  WritePayload(info, number);
  return info.Env().Undefined();
}

// reference(chunk, offset, payload: Uint8Array, loan): writes a
// PayloadReference; loan 0 makes a copy that the command owns. Returns whether
// there was memory for it.
Napi::Value IoBridge::Reference(const Napi::CallbackInfo& info) {
  const auto payload = info[2].As<Napi::Uint8Array>();
  PayloadReference reference = {payload.Data(), payload.ByteLength(),
                                info[3].As<Napi::Number>().Uint32Value()};
  if (reference.loan == 0) {
    std::unique_ptr<uint8_t, decltype(&std::free)> copy(
        static_cast<uint8_t*>(std::malloc(reference.size)), &std::free);
    if (!copy) return Napi::Boolean::New(info.Env(), false);
    std::memcpy(copy.get(), reference.data, reference.size);
    try {
      io_thread_->AddCopy(copy.get());
    } catch (const std::bad_alloc&) {
      return Napi::Boolean::New(info.Env(), false);
    }
    reference.data = copy.release();
  }
  WritePayload(info, reference);
  return Napi::Boolean::New(info.Env(), true);
}

Napi::Value IoBridge::Wake(const Napi::CallbackInfo& info) {
  if (io_thread_) io_thread_->Wake();
  return info.Env().Undefined();
}

// flushAndWait(milliseconds)
Napi::Value IoBridge::FlushAndWait(const Napi::CallbackInfo& info) {
  if (io_thread_) {
    io_thread_->FlushAndWait(info[0].As<Napi::Number>().Int32Value());
  }
  return info.Env().Undefined();
}

// setReferenced(on): whether the thread keeps the event loop alive.
Napi::Value IoBridge::SetReferenced(const Napi::CallbackInfo& info) {
  if (BooleanOf(info[0])) {
    notifier_.Ref(info.Env());
  } else {
    notifier_.Unref(info.Env());
  }
  return info.Env().Undefined();
}

// readMetrics(out: Float64Array): fills in the traffic, then how batches were
// delivered; times in milliseconds.
Napi::Value IoBridge::ReadMetrics(const Napi::CallbackInfo& info) {
  if (!io_thread_) return info.Env().Undefined();
  constexpr double kNanoseconds = 1e6;
  const DeliveryStats stats = io_thread_->events().stats();
  double* out = WriteTraffic(io_thread_->traffic(),
                             info[0].As<Napi::Float64Array>().Data());
  *out++ = static_cast<double>(stats.batches);
  *out++ = static_cast<double>(stats.events);
  for (const int64_t time : {stats.last, stats.max, stats.sum}) {
    *out++ = static_cast<double>(time) / kNanoseconds;
  }
  for (const uint64_t count : stats.buckets) {
    *out++ = static_cast<double>(count);
  }
  return info.Env().Undefined();
}

void IoBridge::CallJs(Napi::Env env, Napi::Function, IoBridge* bridge, void*) {
  // The environment is going down: what is ready is freed with the bridge.
  if (env == nullptr || bridge == nullptr || !bridge->io_thread_) return;
  // Node.js calls this again at once, up to a thousand times, for as long as
  // there are batches. Everybody else would have to wait.
  if (bridge->paused_) return;
  if (bridge->spent_ >= kMostAtOnce && bridge->Pause(env)) return;
  const auto begin = std::chrono::steady_clock::now();
  bridge->OnBatch(env);
  bridge->spent_ += std::chrono::steady_clock::now() - begin;
}

bool IoBridge::Pause(Napi::Env env) {
  Napi::HandleScope scope(env);
  napi_value result;
  spent_ = {};
  paused_ = napi_call_function(env, scope_.Value(), pause_.Value(), 0, nullptr,
                               &result) == napi_ok;
  return paused_;
}

// goOn(): ends a pause. What is ready is delivered when the event loop has
// looked at everything else.
Napi::Value IoBridge::GoOn(const Napi::CallbackInfo& info) {
  paused_ = false;
  if (io_thread_) notifier_.NonBlockingCall();
  return info.Env().Undefined();
}

void IoBridge::OnBatch(Napi::Env env) {
  if (!io_thread_->events().Take(&batch_)) return;
  io_thread_->BatchTaken();
  Napi::HandleScope scope(env);
  // Without an async context of its own, and with a plain object as the
  // resource: listeners run without any AsyncLocalStorage store, as those of a
  // socket that was accepted do.
  const auto call = [&](const Napi::FunctionReference& function,
                        const std::initializer_list<napi_value>& args) {
    napi_value result;
    return napi_make_callback(env, nullptr, scope_.Value(), function.Value(),
                              args.size(), args.begin(), &result);
  };
  napi_status status = napi_ok;
  {
    const auto records = records_.Value().As<Napi::Int32Array>();
    const BatchExporter::Parts parts =
        exporter_->Export(env, &batch_, records, io_thread_->events().memory());
    if (parts.records.IsEmpty()) return;
    if (parts.records != records) {
      records_ = Napi::Persistent(parts.records.As<Napi::Object>());
    }
    status = call(deliver_, {parts.count, parts.records, parts.buffer,
                             parts.base, parts.large});
  }
  // Node would only warn of an exception that leaves this call. It belongs to
  // 'uncaughtException', and the other messages are none of its business.
  while (status == napi_pending_exception) {
    napi_value exception;
    if (napi_get_and_clear_last_exception(env, &exception) != napi_ok) return;
    if (napi_fatal_exception(env, exception) != napi_ok) return;
    if (!io_thread_) return;
    status = call(resume_, {});
  }
}

}  // namespace beastws
