#pragma once

#include <cctype>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace beastws::test {

// Tests keep bytes in std::string: literals, concatenation and comparison come
// with it.
inline Bytes AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string AsString(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The bytes of "81 05 48 ..."; anything between the digits is skipped.
inline std::string Hex(std::string_view digits) {
  const auto value = [](char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    return std::tolower(digit) - 'a' + 10;
  };
  std::string bytes;
  int high = -1;
  for (const char c : digits) {
    if (!std::isxdigit(static_cast<unsigned char>(c))) continue;
    if (high < 0) {
      high = value(c);
    } else {
      bytes += static_cast<char>(high << 4 | value(c));
      high = -1;
    }
  }
  if (high >= 0) throw std::invalid_argument("an odd number of hex digits");
  return bytes;
}

inline std::string ToHex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (!text.empty()) text += ' ';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// `size` bytes without a short period, the same for the same seed.
inline std::string Pattern(size_t size, uint32_t seed = 1) {
  std::string bytes(size, '\0');
  uint32_t state = seed * 2654435761u + 1;
  for (char& byte : bytes) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

// The same, but text that compresses.
inline std::string Prose(size_t size, uint32_t seed = 1) {
  constexpr std::string_view kWords[] = {"frame ",   "mask ",     "peer ",
                                         "payload ", "fragment ", "close "};
  std::string text;
  uint32_t state = seed;
  while (text.size() < size) {
    state = state * 1664525u + 1013904223u;
    text += kWords[(state >> 24) % std::size(kWords)];
  }
  text.resize(size);
  return text;
}

}  // namespace beastws::test
