#include "addon/external_memory.h"

#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/patience.h"

namespace beastws {

namespace {

// How much is lent before V8 is made to look for what can be taken back.
constexpr size_t kLookAfter = 4 * 1024 * 1024;

// Memory that JavaScript has, and who gets it afterwards, if anybody.
struct Loan {
  std::shared_ptr<MemoryPool> pool;
  ByteBuffer bytes;
};

// Of JavaScript's thread.
thread_local size_t io_threads = 0;
thread_local std::vector<void*>* kept = nullptr;
thread_local size_t lent = 0;

// Whether nothing can be called any more, which is not so when an exception is
// on its way.
bool IsEnding(napi_env env) {
  napi_value global;
  bool ignored;
  if (napi_get_global(env, &global) != napi_ok) return true;
  if (napi_has_element(env, global, 0, &ignored) == napi_ok) return false;
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  return !pending;
}

// Keeps memory that may still be read, see KeepMemoryOfTheEnding().
bool Keep(napi_env env, void* data) {
  if (io_threads == 0 || !IsEnding(env)) return false;
  if (kept == nullptr) kept = new std::vector<void*>();
  kept->push_back(data);
  return true;
}

void EndLoan(napi_env env, void* data, void* hint) {
  const std::unique_ptr<Loan> loan(static_cast<Loan*>(hint));
  if (Keep(env, data)) {
    loan->bytes.Release();
  } else if (loan->pool) {
    loan->pool->Give(std::move(loan->bytes));
  }
}

// V8 knows of the memory behind young objects, and frees it in a collection of
// the young ones only, but begins that when it allocates such memory itself.
// Otherwise it comes to the limit for a full collection, which takes many times
// as long.
void HaveYoungMemoryFreed(napi_env env, size_t size) {
  lent += size;
  if (lent < kLookAfter) return;
  lent = 0;
  void* data;
  napi_value ignored;
  napi_create_arraybuffer(env, 1, &data, &ignored);
}

}  // namespace

void KeepMemoryOfTheEnding() { ++io_threads; }

void FreeMemoryOfTheEnding() {
  if (--io_threads > 0 || kept == nullptr) return;
  for (void* data : *kept) std::free(data);
  delete kept;
  kept = nullptr;
}

Napi::Value LendToJavaScript(Napi::Env env, ByteBuffer&& bytes,
                             const std::shared_ptr<MemoryPool>& pool) {
  const size_t size = bytes.size();
  uint8_t* data = bytes.data();
  auto loan = std::unique_ptr<Loan>(Patiently([&] {
    return new Loan{pool, std::move(bytes)};
  }));
  napi_value result = nullptr;
  if (napi_create_external_arraybuffer(env, data, size, EndLoan, loan.get(),
                                       &result) == napi_ok) {
    loan.release();
    HaveYoungMemoryFreed(env, size);
    return {env, result};
  }
  // Electron's sandbox knows no memory but V8's.
  void* copy = nullptr;
  if (napi_create_arraybuffer(env, size, &copy, &result) != napi_ok) return {};
  std::memcpy(copy, data, size);
  return {env, result};
}

}  // namespace beastws
