#include "addon/external_memory.h"

#include <cstdlib>
#include <cstring>

namespace beastws {

Napi::Value LendToJavaScript(Napi::Env env, ByteBuffer&& bytes) {
  ByteBuffer mine = std::move(bytes);
  const size_t size = mine.size();
  napi_value result = nullptr;
  const auto free_memory = [](napi_env, void* data, void*) { std::free(data); };
  uint8_t* data = mine.data();
  const napi_status status = napi_create_external_arraybuffer(
      env, data, size, free_memory, nullptr, &result);
  if (status == napi_ok) {
    mine.Release();
    return {env, result};
  }
  // Electron's sandbox knows no memory but V8's.
  void* copy = nullptr;
  if (napi_create_arraybuffer(env, size, &copy, &result) != napi_ok) return {};
  std::memcpy(copy, mine.data(), size);
  return {env, result};
}

}  // namespace beastws
