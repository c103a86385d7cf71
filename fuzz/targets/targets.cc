#include "targets/targets.h"

namespace beastws::fuzz {

namespace {

constexpr Target kTargets[] = {
    {"session_server", SessionServer},
    {"session_client", SessionClient},
    {"session_roundtrip", SessionRoundtrip},
    {"inflate", Inflate},
    {"deflate", Deflate},
    {"gate", Gate},
    {"text", Text},
    {"http_request", HttpRequest},
};

}  // namespace

std::span<const Target> Targets() { return kTargets; }

}  // namespace beastws::fuzz
