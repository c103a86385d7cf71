#include "addon/external_memory.h"

#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/patience.h"

namespace beastws {

namespace {

// Memory that JavaScript has, and who gets it afterwards.
struct Loan {
  std::shared_ptr<MemoryPool> pool;
  ByteBuffer bytes;
};

// Of JavaScript's thread.
thread_local size_t io_threads = 0;
thread_local std::vector<void*>* kept = nullptr;

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
  } else {
    loan->pool->Give(std::move(loan->bytes));
  }
}

void FreeMemory(napi_env env, void* data, void*) {
  if (!Keep(env, data)) std::free(data);
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
  ByteBuffer mine = std::move(bytes);
  const size_t size = mine.size();
  uint8_t* data = mine.data();
  napi_value result = nullptr;
  napi_status status;
  if (pool) {
    auto loan = std::unique_ptr<Loan>(Patiently([&] {
      return new Loan{pool, std::move(mine)};
    }));
    status = napi_create_external_arraybuffer(env, data, size, EndLoan,
                                              loan.get(), &result);
    if (status == napi_ok) {
      loan.release();
      return {env, result};
    }
    mine = std::move(loan->bytes);
  } else {
    status = napi_create_external_arraybuffer(env, data, size, FreeMemory,
                                              nullptr, &result);
    if (status == napi_ok) {
      mine.Release();
      return {env, result};
    }
  }
  // Electron's sandbox knows no memory but V8's.
  void* copy = nullptr;
  if (napi_create_arraybuffer(env, size, &copy, &result) != napi_ok) return {};
  std::memcpy(copy, mine.data(), size);
  return {env, result};
}

}  // namespace beastws
