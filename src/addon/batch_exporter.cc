#include "addon/batch_exporter.h"

#include <cstdlib>
#include <cstring>

#include "addon/external_memory.h"

namespace beastws {

namespace {

// A message that JavaScript keeps pins the pool it is in.
constexpr size_t kPoolSize = kLendSlabMin;

}  // namespace

BatchExporter::Parts BatchExporter::Export(
    Napi::Env env, EventBatch* batch, Napi::Int32Array records,
    const std::shared_ptr<MemoryPool>& memory) {
  Parts parts;
  uint32_t base = 0;
  const auto count = static_cast<double>(batch->events.size());
  records = FillRecords(env, *batch, records);
  parts.count = Napi::Number::New(env, count);
  parts.buffer = ExportSlab(env, batch, &base, memory);
  parts.base = Napi::Number::New(env, base);
  parts.large = ExportLarge(env, batch);
  batch->Clear();
  if (!parts.buffer.IsEmpty() && !parts.large.IsEmpty()) {
    parts.records = records;
  }
  return parts;
}

Napi::Int32Array BatchExporter::FillRecords(Napi::Env env,
                                            const EventBatch& batch,
                                            Napi::Int32Array records) {
  const size_t words = batch.events.size() * kColumns;
  if (words > records.ElementLength()) {
    records = Napi::Int32Array::New(env, words);
    if (records.IsEmpty()) return records;
  }
  int32_t* word = records.Data();
  for (const Event& event : batch.events) {
    word[0] = static_cast<int32_t>(event.slot);
    word[1] = static_cast<int32_t>(event.kind) |
              (event.chunk_start ? kChunkStart : 0);
    word[2] = static_cast<int32_t>(event.offset);
    word[3] = static_cast<int32_t>(event.length);
    word[4] = static_cast<int32_t>(event.a);
    word[5] = static_cast<int32_t>(event.b);
    word[6] = event.large;
    word += kColumns;
  }
  return records;
}

Napi::Value BatchExporter::ExportSlab(
    Napi::Env env, EventBatch* batch, uint32_t* base,
    const std::shared_ptr<MemoryPool>& memory) {
  const size_t size = batch->slab.size();
  if (size == 0) return env.Undefined();
  if (size >= kLendSlabMin) {
    return LendToJavaScript(env, std::move(batch->slab), memory);
  }
  // JavaScript's own messages are views of the pool: transferring one away
  // detaches it.
  const bool detached =
      pool_data_ != nullptr &&
      pool_.Value().As<Napi::ArrayBuffer>().Data() != pool_data_;
  // Views that start at multiples of 8 can be looked at as any typed array.
  pool_used_ = (pool_used_ + 7) & ~size_t{7};
  if (pool_data_ == nullptr || detached || pool_used_ + size > kPoolSize) {
    auto pool = Napi::ArrayBuffer::New(env, kPoolSize);
    if (pool.IsEmpty()) return {};
    pool_data_ = static_cast<uint8_t*>(pool.Data());
    pool_ = Napi::Persistent(pool.As<Napi::Object>());
    pool_used_ = 0;
  }
  std::memcpy(pool_data_ + pool_used_, batch->slab.data(), size);
  *base = static_cast<uint32_t>(pool_used_);
  pool_used_ += size;
  return pool_.Value();
}

Napi::Value BatchExporter::ExportLarge(Napi::Env env, EventBatch* batch) {
  if (batch->large.empty()) return env.Undefined();
  Napi::Array large = Napi::Array::New(env, batch->large.size());
  for (size_t i = 0; i < batch->large.size(); ++i) {
    const Napi::Value memory =
        LendToJavaScript(env, std::move(batch->large[i]), nullptr);
    if (memory.IsEmpty()) return {};
    large.Set(static_cast<uint32_t>(i), memory);
  }
  return large;
}

}  // namespace beastws
