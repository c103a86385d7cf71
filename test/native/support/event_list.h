#pragma once

#include <cstdint>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "bridge/event.h"
#include "support/bytes.h"

namespace beastws::test {

// An event as JavaScript sees it.
struct Got {
  EventKind kind;
  std::string data = {};
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t slot = 0;
  bool chunk_start = false;
  std::vector<uint32_t> fragments = {};

  // Slots and chunks are looked at by the tests that care.
  bool operator==(const Got& other) const {
    return kind == other.kind && data == other.data && a == other.a &&
           b == other.b && fragments == other.fragments;
  }
};

inline std::ostream& operator<<(std::ostream& out, const Got& got) {
  return out << "event " << static_cast<int>(got.kind) << " a " << got.a
             << " b " << got.b << " [" << got.data.size() << "] "
             << ToHex(std::string_view(got.data).substr(0, 40));
}

using GotList = std::vector<Got>;

// Reads a batch as lib/dispatcher.js does.
inline void ReadBatch(const EventBatch& batch, GotList* list) {
  for (const Event& event : batch.events) {
    Got got{.kind = event.kind,
            .a = event.a,
            .b = event.b,
            .slot = event.slot,
            .chunk_start = event.chunk_start};
    const bool large = event.large >= 0;
    const uint8_t* data =
        large ? batch.large.at(static_cast<size_t>(event.large)).data()
              : batch.slab.data() + event.offset;
    if (event.length > 0) got.data = AsString({data, event.length});
    if (event.kind <= EventKind::kBinary && event.a > 0) {
      got.fragments.resize(event.a);
      std::memcpy(got.fragments.data(),
                  batch.slab.data() + event.offset + (large ? 0 : event.length),
                  event.a * sizeof(uint32_t));
      got.a = 0;
    }
    list->push_back(std::move(got));
  }
}

inline Got Message(std::string data, bool binary = false) {
  return {.kind = binary ? EventKind::kBinary : EventKind::kText,
          .data = std::move(data)};
}

}  // namespace beastws::test
