#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace beastws {

// Figures of each connection that JavaScript reads without a call: rows of
// doubles in memory (Float64Arrays) that both sides see.
class SlotTable {
 public:
  enum Column : size_t {
    kAcceptedPlain = 0,       // bytes on the wire of frames taken over
    kAcceptedCompressed = 1,  // payload bytes of compressed frames taken over
    kBacklog = 2,             // bytes that the kernel has not taken
    kBytesRead = 3,
    kBytesWritten = 4,
    kPublished = 5,  // bytes on the wire of published messages taken over
    kColumns = 8,
  };
  static constexpr size_t kRowsPerPage = 512;
  static constexpr size_t kMaxPages = 4096;

  // JavaScript's side: memory of a page, kRowsPerPage * kColumns doubles.
  void AddPage(size_t page, double* rows) {
    pages_[page].store(rows, std::memory_order_release);
  }

  // The I/O thread's side.
  void Set(uint32_t slot, Column column, uint64_t value) {
    double* rows = pages_[slot / kRowsPerPage].load(std::memory_order_acquire);
    const auto number = static_cast<double>(value);
    uint64_t bits;
    std::memcpy(&bits, &number, sizeof(bits));
    double* cell = rows + (slot % kRowsPerPage) * kColumns + column;
    __atomic_store_n(reinterpret_cast<uint64_t*>(cell), bits, __ATOMIC_RELAXED);
  }

 private:
  std::array<std::atomic<double*>, kMaxPages> pages_ = {};
};

}  // namespace beastws
