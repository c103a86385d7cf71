#pragma once

#include <napi.h>

#include <exception>
#include <new>

#include "base/patience.h"

namespace beastws {

// The memory of objects that Node-API makes for JavaScript: nothing there
// would catch an exception.
class PatientlyAllocated {
 public:
  static void* operator new(size_t size) {
    return Patiently([size] { return ::operator new(size); });
  }
  static void operator delete(void* memory) { ::operator delete(memory); }
};

// C++ exceptions (there is no memory, mostly) must not reach Node's frames:
// they become exceptions of JavaScript.
template <class Work>
Napi::Value Guard(Napi::Env env, Work work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    Napi::RangeError::New(env, "Out of memory").ThrowAsJavaScriptException();
  } catch (const std::exception& error) {
    Napi::Error::New(env, error.what()).ThrowAsJavaScriptException();
  }
  return {};
}

}  // namespace beastws
