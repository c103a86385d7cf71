#include "addon/inline_session.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>

#include "addon/session_options.h"
#include "addon/traffic_figures.h"
#include "addon/values.h"
#include "bridge/command.h"
#include "bridge/row_writer.h"

namespace beastws {

namespace {

// The bytes of a Uint8Array; nothing when it is not one.
Bytes BytesOf(const Napi::Value& value) {
  if (!value.IsTypedArray()) return {};
  const auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ByteLength()};
}

}  // namespace

Napi::Function InlineSession::Define(Napi::Env env, Shared* shared) {
  return DefineClass(
      env, "InlineSession",
      {StaticMethod<&InlineSession::ReceiveFor>("receive", napi_default,
                                                shared),
       StaticMethod<&InlineSession::SetMemory>("setMemory", napi_default,
                                               shared),
       InstanceAccessor<&InlineSession::ReadNumber>("number"),
       InstanceMethod<&InlineSession::Guarded<&InlineSession::Data>>("data"),
       InstanceMethod<&InlineSession::Guarded<&InlineSession::Control>>(
           "control"),
       InstanceMethod<&InlineSession::Guarded<&InlineSession::Take>>("take"),
       InstanceMethod<&InlineSession::SetLimits>("setLimits"),
       StaticMethod<&InlineSession::ReadTraffic>("readTraffic", napi_default,
                                                 shared)},
      shared);
}

// new InlineSession(packedOptions, memory): the number of what receive() fills.
InlineSession::InlineSession(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<InlineSession>(info),
      shared_(static_cast<Shared*>(info.Data())->shared_from_this()) {
  if (info.Length() < 1 || !info[0].IsTypedArray()) {
    Napi::TypeError::New(info.Env(), "Packed session options are expected")
        .ThrowAsJavaScriptException();
    return;
  }
  if (info[1].IsNumber()) memory_ = info[1].As<Napi::Number>();
  const auto options = ReadSessionOptions(info[0].As<Napi::Float64Array>());
  Guard(info.Env(), [&] {
    try {
      // So that connections take no descriptors later.
      shared_->pools.streams.Prepare();
    } catch (const std::exception&) {
      // It may do without a stream, and is told then if it cannot.
    }
    session_ = Patiently([&] {
      auto session = std::make_unique<Session>(shared_->pools, options);
      if (shared_->free_numbers.empty()) {
        shared_->free_numbers.reserve(shared_->sessions.size() + 1);
        shared_->sessions.push_back(nullptr);
        number_ = static_cast<uint32_t>(shared_->sessions.size() - 1);
      } else {
        number_ = shared_->free_numbers.back();
        shared_->free_numbers.pop_back();
      }
      shared_->sessions[number_] = this;
      return session;
    });
    return info.Env().Undefined();
  });
}

InlineSession::~InlineSession() {
  if (!session_) return;
  shared_->sessions[number_] = nullptr;
  // There is room: as many as there are sessions.
  shared_->free_numbers.push_back(number_);
}

// InlineSession.setMemory(rows, pool, number) -> number: where what is read
// goes from now on. JavaScript keeps both, and sees to it that they are not
// detached. Without a number it is memory for sessions to come.
Napi::Value InlineSession::SetMemory(const Napi::CallbackInfo& info) {
  auto* shared = static_cast<Shared*>(info.Data());
  auto rows = info[0].As<Napi::Int32Array>();
  auto pool = info[1].As<Napi::Uint8Array>();
  return Guard(info.Env(), [&]() -> Napi::Value {
    std::vector<Memory>& memories = shared->memories;
    size_t number = memories.size();
    if (info[2].IsNumber()) {
      number = info[2].As<Napi::Number>().Uint32Value();
    } else {
      Patiently([&] { memories.push_back({}); });
    }
    memories.at(number) = {{rows.Data(), rows.ElementLength()},
                           {pool.Data(), pool.ByteLength()}};
    return Napi::Number::New(info.Env(), static_cast<double>(number));
  });
}

// session.number: what receive() takes.
Napi::Value InlineSession::ReadNumber(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), number_);
}

// InlineSession.receive(number, chunk) -> the number of rows (see RowWriter),
// or an array of it and the events behind them (see BatchExporter). The
// number of the session instead of the session itself, and memory that was
// given before: what Node-API takes for an argument is more than what a small
// message takes.
Napi::Value InlineSession::ReceiveFor(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  auto* shared = static_cast<Shared*>(info.Data());
  uint32_t number = 0;
  void* data = nullptr;
  size_t size = 0;
  if (napi_get_value_uint32(env, info[0], &number) != napi_ok ||
      number >= shared->sessions.size() ||
      shared->sessions[number] == nullptr ||
      napi_get_typedarray_info(env, info[1], nullptr, &size, &data, nullptr,
                               nullptr) != napi_ok) {
    return info.Env().Undefined();
  }
  return Guard(env, [&] {
    return shared->sessions[number]->Receive(
        env, {static_cast<const uint8_t*>(data), size});
  });
}

// rows[0] says how much of the pool is used, before and after, and rows[1]
// where the first row goes.
Napi::Value InlineSession::Receive(Napi::Env env, Bytes chunk) {
  const auto [rows, pool] = shared_->memories.at(memory_);
  const auto first = static_cast<size_t>(rows[1]);
  EventBatch batch;
  RowWriter events(rows.subspan(std::min(first, rows.size())), pool,
                   static_cast<size_t>(rows[0]), &batch);
  session_->Receive(chunk, events);
  rows[0] = static_cast<int32_t>(events.used());
  shared_->traffic.messages_in.Add(events.messages());
  shared_->traffic.bytes_in.Add(events.message_bytes());
  const auto count = static_cast<uint32_t>(events.count());
  if (batch.empty()) {
    napi_value result = nullptr;
    napi_create_uint32(env, count, &result);
    return {env, result};
  }
  batch.CountTo(&shared_->traffic);
  const BatchExporter::Parts parts =
      shared_->exporter->Export(env, &batch, Napi::Int32Array::New(env, 0));
  if (parts.records.IsEmpty()) return {};
  Napi::Array all = Napi::Array::New(env, 6);
  uint32_t at = 0;
  all[at++] = Napi::Number::New(env, count);
  for (const Napi::Value& part : std::initializer_list<Napi::Value>{
           parts.count, parts.records, parts.buffer, parts.base, parts.large}) {
    all[at++] = part;
  }
  return all;
}

// data(flags, payload, mask, room: Uint8Array, offset) -> size: writes a data
// frame into the room behind the offset. Where it does not fit, the size is
// negative, and take() returns the frame. With the flag kLent the payload is
// left out: the caller writes it after the header.
Napi::Value InlineSession::Data(const Napi::CallbackInfo& info) {
  const uint32_t flags = info[0].As<Napi::Number>();
  Session::OutgoingFrame frame;
  frame.payload = BytesOf(info[1]);
  const Bytes mask = BytesOf(info[2]);
  frame.opcode = DataOpcode(flags);
  frame.fin = flags & command_flags::kFin;
  frame.compress = flags & command_flags::kCompress;
  frame.masked = flags & command_flags::kMasked;
  if (mask.size() == 4) frame.mask = mask.data();
  if (flags & command_flags::kLent) frame.loan = 1;
  return Output(info[3], info[4], [&] {
    session_->SendData(frame, &outbox_);
    if (frame.fin) shared_->traffic.messages_out.Add(1);
    shared_->traffic.bytes_out.Add(frame.payload.size());
  });
}

// control(opcode, payload, masked, mask, room, offset) -> size, as data()
Napi::Value InlineSession::Control(const Napi::CallbackInfo& info) {
  const uint32_t opcode = info[0].As<Napi::Number>();
  const Bytes mask = BytesOf(info[3]);
  return Output(info[4], info[5], [&] {
    session_->SendControl(static_cast<Opcode>(opcode), BytesOf(info[1]),
                          BooleanOf(info[2]),
                          mask.size() == 4 ? mask.data() : nullptr, &outbox_);
  });
}

// setLimits(maxPayload, maxFragments, maxChunks, skipUTF8Validation)
Napi::Value InlineSession::SetLimits(const Napi::CallbackInfo& info) {
  ReceiveLimits limits;
  limits.max_payload =
      static_cast<uint64_t>(info[0].As<Napi::Number>().DoubleValue());
  limits.max_fragments = info[1].As<Napi::Number>();
  limits.max_chunks = info[2].As<Napi::Number>();
  limits.skip_utf8_validation = BooleanOf(info[3]);
  session_->set_limits(limits);
  return info.Env().Undefined();
}

// InlineSession.readTraffic(out: Float64Array): fills in five figures.
Napi::Value InlineSession::ReadTraffic(const Napi::CallbackInfo& info) {
  const Traffic& traffic = static_cast<Shared*>(info.Data())->traffic;
  WriteTraffic(traffic, info[0].As<Napi::Float64Array>().Data());
  return info.Env().Undefined();
}

// take() -> Buffer: the frame that did not fit.
Napi::Value InlineSession::Take(const Napi::CallbackInfo& info) {
  const Napi::Value bytes = Napi::Buffer<uint8_t>::Copy(
      info.Env(), outbox_.own_data(), outbox_.own_size());
  outbox_.Clear([](Outbox::LoanId) {});
  return bytes;
}

template <class Append>
Napi::Value InlineSession::Output(const Napi::Value& room,
                                  const Napi::Value& offset, Append append) {
  try {
    append();
  } catch (...) {
    // Nothing of a frame that failed may be in front of the next one.
    outbox_.Clear([](Outbox::LoanId) {});
    throw;
  }
  const size_t size = outbox_.own_size();
  auto array = room.As<Napi::Uint8Array>();
  const uint32_t at = offset.As<Napi::Number>();
  auto result = static_cast<double>(size);
  if (at <= array.ByteLength() && size <= array.ByteLength() - at) {
    std::memcpy(array.Data() + at, outbox_.own_data(), size);
    outbox_.Clear([](Outbox::LoanId) {});
  } else {
    result = -result;
  }
  return Napi::Number::New(room.Env(), result);
}

}  // namespace beastws
