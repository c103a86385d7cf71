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

// When an environment ends, Node.js has external memory freed before it runs
// any hook, so also what an I/O thread is still sending: a message that was
// sent as it was received. Between these two calls, for each I/O thread of a
// thread of JavaScript, such memory is kept, until the last one has ended.
void KeepMemoryOfTheEnding();
void FreeMemoryOfTheEnding();

}  // namespace beastws
