#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace beastws {

// Bytes that somebody else owns.
using Bytes = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

}  // namespace beastws
