#pragma once

#include <napi.h>

#include <memory>

#include "base/byte_buffer.h"
#include "base/memory_pool.h"

namespace beastws {

// An ArrayBuffer that owns what was in `bytes`, without a copy where the
// runtime allows it; in the end `pool`, if any, gets the memory. Empty, with a
// pending exception, when memory is short.
Napi::Value LendToJavaScript(Napi::Env env, ByteBuffer&& bytes,
                             const std::shared_ptr<MemoryPool>& pool);

}  // namespace beastws
