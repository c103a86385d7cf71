#pragma once

#include <napi.h>

namespace beastws {

// Reads what JavaScript passed. worker.terminate() makes the calls of Node-API
// that may run code fail at any time, and node-addon-api ends the process when
// it is then asked for more of what they returned.

// Whether it is true, or like true.
inline bool BooleanOf(const Napi::Value& value) {
  bool result = false;
  if (napi_get_value_bool(value.Env(), value, &result) == napi_ok) {
    return result;
  }
  napi_value coerced;
  if (napi_coerce_to_bool(value.Env(), value, &coerced) == napi_ok) {
    napi_get_value_bool(value.Env(), coerced, &result);
  }
  return result;
}

// 0 if it is no number.
inline int64_t IntegerOf(const Napi::Value& value) {
  int64_t result = 0;
  napi_get_value_int64(value.Env(), value, &result);
  return result;
}

// Undefined where no code may run any more.
inline Napi::Value PropertyOf(const Napi::Value& object, const char* name) {
  const Napi::Env env = object.Env();
  napi_value result;
  if (napi_get_named_property(env, object, name, &result) == napi_ok) {
    return {env, result};
  }
  return env.Undefined();
}

// Undefined where no code may run any more.
inline Napi::Value ElementOf(const Napi::Value& array, uint32_t index) {
  const Napi::Env env = array.Env();
  napi_value result;
  if (napi_get_element(env, array, index, &result) == napi_ok) {
    return {env, result};
  }
  return env.Undefined();
}

}  // namespace beastws
