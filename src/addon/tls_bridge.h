#pragma once

#include <napi.h>

#include <memory>

#include "transport/tls_context.h"

namespace beastws {

// Makes what TLS on the I/O thread needs out of Node's secure contexts.
namespace tls_bridge {

void Define(Napi::Env env, Napi::Object exports);

// What a handle of JavaScript's stands for; null if the value is none.
std::shared_ptr<const TlsContext> ContextOf(const Napi::Value& value);

}  // namespace tls_bridge

}  // namespace beastws
