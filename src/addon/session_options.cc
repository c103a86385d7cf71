#include "addon/session_options.h"

namespace beastws {

Session::Options ReadSessionOptions(const Napi::Float64Array& packed) {
  Session::Options options;
  options.role = packed[0] != 0 ? Role::kClient : Role::kServer;
  options.limits.max_payload = static_cast<uint64_t>(packed[1]);
  options.limits.max_fragments = static_cast<uint32_t>(packed[2]);
  options.limits.max_chunks = static_cast<uint32_t>(packed[3]);
  options.limits.skip_utf8_validation = packed[4] != 0;
  if (packed[5] != 0) {
    DeflateParams params;
    params.server_no_context_takeover = packed[6] != 0;
    params.client_no_context_takeover = packed[7] != 0;
    params.server_max_window_bits = static_cast<int>(packed[8]);
    params.client_max_window_bits = static_cast<int>(packed[9]);
    params.level = static_cast<int>(packed[10]);
    params.memory_level = static_cast<int>(packed[11]);
    params.threshold = static_cast<size_t>(packed[12]);
    options.deflate = params;
  }
  return options;
}

}  // namespace beastws
