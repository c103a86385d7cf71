#pragma once

#include <napi.h>

#include <memory>

#include "base/memory_pool.h"
#include "bridge/event.h"

namespace beastws {

// Hands batches of events to a JavaScript function
//
//   deliver(count, records, buffer, base, large)
//
// `records` is an Int32Array with kColumns words for each event: slot, kind,
// offset, length, a, b, index in `large` or -1. `buffer` is an ArrayBuffer
// with the payloads from `base` on, or undefined; `large` an array of
// ArrayBuffers, or undefined.
class BatchExporter {
 public:
  static constexpr uint32_t kColumns = 7;
  static constexpr int32_t kChunkStart = 0x100;

  // The arguments of deliver().
  struct Parts {
    Napi::Value count;
    Napi::Int32Array records;  // empty: an exception is pending
    Napi::Value buffer;
    Napi::Value base;
    Napi::Value large;
  };

  // `records` is used if it is large enough. The batch is cleared; `memory`, if
  // any, gets back what was lent for it.
  Parts Export(Napi::Env env, EventBatch* batch, Napi::Int32Array records,
               const std::shared_ptr<MemoryPool>& memory = nullptr);

 private:
  Napi::Int32Array FillRecords(Napi::Env env, const EventBatch& batch,
                               Napi::Int32Array records);
  Napi::Value ExportSlab(Napi::Env env, EventBatch* batch, uint32_t* base,
                         const std::shared_ptr<MemoryPool>& memory);
  Napi::Value ExportLarge(Napi::Env env, EventBatch* batch);

  // Small payloads of many batches share one ArrayBuffer.
  Napi::ObjectReference pool_;
  uint8_t* pool_data_ = nullptr;
  size_t pool_used_ = 0;
};

}  // namespace beastws
