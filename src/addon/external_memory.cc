#include "addon/external_memory.h"

#include <cstdlib>
#include <cstring>

#include "base/patience.h"

namespace beastws {

namespace {

// Memory that JavaScript has, and who gets it afterwards.
struct Loan {
  std::shared_ptr<MemoryPool> pool;
  ByteBuffer bytes;
};

void EndLoan(napi_env, void*, void* hint) {
  const std::unique_ptr<Loan> loan(static_cast<Loan*>(hint));
  loan->pool->Give(std::move(loan->bytes));
}

void FreeMemory(napi_env, void* data, void*) { std::free(data); }

}  // namespace

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
