#pragma once

#include <napi.h>

#include "protocol/session.h"

namespace beastws {

// Reads what lib/session-options.js packs: a Float64Array of
//   [client, max_payload, max_fragments, max_chunks, skip_utf8_validation,
//    deflate, server_no_context_takeover, client_no_context_takeover,
//    server_max_window_bits, client_max_window_bits, level, memory_level,
//    threshold].
Session::Options ReadSessionOptions(const Napi::Float64Array& packed);

}  // namespace beastws
