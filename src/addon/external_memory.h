#pragma once

#include <napi.h>

#include "base/byte_buffer.h"

namespace beastws {

// An ArrayBuffer that owns what was in `bytes`, without a copy where the
// runtime allows it. Empty, with a pending exception, when memory is short.
Napi::Value LendToJavaScript(Napi::Env env, ByteBuffer&& bytes);

}  // namespace beastws
