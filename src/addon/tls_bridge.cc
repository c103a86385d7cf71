#include "addon/tls_bridge.h"

#include <dlfcn.h>

#include <cstring>
#include <string>
#include <utility>

#include "addon/guard.h"
#include "addon/values.h"

namespace beastws::tls_bridge {

namespace {

template <class Object>
using Shared = std::shared_ptr<const Object>;

template <class Object>
Napi::Value Wrap(Napi::Env env, Shared<Object> object) {
  return Napi::External<Shared<Object>>::New(
      env, new Shared<Object>(std::move(object)),
      [](Napi::Env, Shared<Object>* held) { delete held; });
}

template <class Object>
Shared<Object> Unwrap(const Napi::Value& value) {
  return *value.As<Napi::External<Shared<Object>>>().Data();
}

std::string BytesOf(const Napi::Value& value) {
  if (!value.IsTypedArray()) return "";
  const auto bytes = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()};
}

TlsContext::Options ReadOptions(const Napi::Object& object) {
  TlsContext::Options options;
  options.server = BooleanOf(PropertyOf(object, "server"));
  options.request_certificate = BooleanOf(PropertyOf(object, "requestCert"));
  options.reject_unauthorized =
      BooleanOf(PropertyOf(object, "rejectUnauthorized"));
  options.handshake_timeout = IntegerOf(PropertyOf(object, "handshakeTimeout"));
  options.serial =
      static_cast<uint32_t>(IntegerOf(PropertyOf(object, "serial")));
  options.alpn = BytesOf(PropertyOf(object, "alpn"));
  options.ticket_keys = BytesOf(PropertyOf(object, "ticketKeys"));
  const Napi::Value names = PropertyOf(object, "names");
  const uint32_t count = names.IsArray() ? names.As<Napi::Array>().Length() : 0;
  for (uint32_t i = 0; i < count; ++i) {
    const Napi::Value name = ElementOf(names, i);
    const Napi::Value pattern = PropertyOf(name, "pattern");
    const Napi::Value identity = PropertyOf(name, "identity");
    if (!pattern.IsString() || !identity.IsExternal()) break;
    options.names.push_back({pattern.As<Napi::String>().Utf8Value(),
                             Unwrap<TlsIdentity>(identity)});
  }
  return options;
}

// The pointer in an External that is not Node-API's. napi_get_value_external()
// takes it for a pointer to a wrapper, and gives a word of what is there; V8's
// own accessor, found by its names so far, gives the pointer. The two confirm
// each other. Null if they do not.
void* PointerIn(const Napi::Value& value) {
  using Accessor = void* (*)(const void*, uint16_t);
  // As Node-API does: a handle's bits are a Local's.
  const void* local;
  const napi_value handle = value;
  static_assert(sizeof(local) == sizeof(handle));
  std::memcpy(&local, &handle, sizeof(local));
  void* found = nullptr;
  for (const char* name :
       {"_ZNK2v88External5ValueEv", "_ZNK2v88External5ValueEt"}) {
    const auto accessor = reinterpret_cast<Accessor>(dlsym(RTLD_DEFAULT, name));
    // The tag of those that have none.
    if (accessor != nullptr) found = accessor(local, 0);
    if (accessor != nullptr) break;
  }
  void* word = nullptr;
  if (found == nullptr ||
      napi_get_value_external(value.Env(), value, &word) != napi_ok) {
    return nullptr;
  }
  void* const* words = static_cast<void**>(found);
  return word == words[0] || word == words[1] ? found : nullptr;
}

// isTlsContext(external, minProtocol) -> whether the SSL_CTX can be found, and
// has that version as its least one
Napi::Value IsContext(const Napi::CallbackInfo& info) {
  bool found = false;
  if (info[0].IsExternal()) {
    auto* context = static_cast<ssl_ctx_st*>(PointerIn(info[0]));
    found = context != nullptr &&
            OpenSsl::Find()->SSL_CTX_ctrl(context, openssl::kCtrlGetMinVersion,
                                          0, nullptr) == IntegerOf(info[1]);
  }
  return Napi::Boolean::New(info.Env(), found);
}

// Of an External that IsContext() has said yes to.
ssl_ctx_st* NativeContext(const Napi::Value& value) {
  return static_cast<ssl_ctx_st*>(PointerIn(value));
}

// findOpenSsl() -> { version, library }, or why there is none
Napi::Value FindOpenSsl(const Napi::CallbackInfo& info) {
  std::string why_not;
  const OpenSsl* openssl = OpenSsl::Find(&why_not);
  if (openssl == nullptr) return Napi::String::New(info.Env(), why_not);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("version", openssl->OpenSSL_version(openssl::kVersionFull));
  result.Set("library", openssl->Library());
  return result;
}

// createTlsIdentity(external) -> a handle
Napi::Value CreateIdentity(const Napi::CallbackInfo& info) {
  ssl_ctx_st* context = NativeContext(info[0]);
  return Wrap<TlsIdentity>(
      info.Env(), std::make_shared<TlsIdentity>(OpenSsl::Find(), context));
}

// createTlsContext(external, options) -> a handle
Napi::Value CreateContext(const Napi::CallbackInfo& info) {
  ssl_ctx_st* context = NativeContext(info[0]);
  return Wrap<TlsContext>(
      info.Env(),
      std::make_shared<TlsContext>(OpenSsl::Find(), context,
                                   ReadOptions(info[1].As<Napi::Object>())));
}

// deriveTlsContext(handle, options) -> a handle
Napi::Value DeriveContext(const Napi::CallbackInfo& info) {
  return Wrap<TlsContext>(
      info.Env(),
      std::make_shared<TlsContext>(*Unwrap<TlsContext>(info[0]),
                                   ReadOptions(info[1].As<Napi::Object>())));
}

// tlsCertificates(handle) -> Buffers with DER
Napi::Value Certificates(const Napi::CallbackInfo& info) {
  Napi::Array result = Napi::Array::New(info.Env());
  for (const std::string& der : Unwrap<TlsContext>(info[0])->Certificates()) {
    result.Set(result.Length(),
               Napi::Buffer<char>::Copy(info.Env(), der.data(), der.size()));
  }
  return result;
}

// tlsVerifyMessage(number) -> what OpenSSL says to an X509_V_ERR_*
Napi::Value VerifyMessage(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(),
                           OpenSsl::Find()->X509_verify_cert_error_string(
                               static_cast<long>(IntegerOf(info[0]))));
}

template <auto Function>
Napi::Value Guarded(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value { return Function(info); });
}

}  // namespace

void Define(Napi::Env env, Napi::Object exports) {
  exports.Set("findOpenSsl", Napi::Function::New<Guarded<FindOpenSsl>>(env));
  exports.Set("isTlsContext", Napi::Function::New<Guarded<IsContext>>(env));
  exports.Set("createTlsIdentity",
              Napi::Function::New<Guarded<CreateIdentity>>(env));
  exports.Set("createTlsContext",
              Napi::Function::New<Guarded<CreateContext>>(env));
  exports.Set("deriveTlsContext",
              Napi::Function::New<Guarded<DeriveContext>>(env));
  exports.Set("tlsCertificates",
              Napi::Function::New<Guarded<Certificates>>(env));
  exports.Set("tlsVerifyMessage",
              Napi::Function::New<Guarded<VerifyMessage>>(env));
}

std::shared_ptr<const TlsContext> ContextOf(const Napi::Value& value) {
  if (!value.IsExternal()) return nullptr;
  return Unwrap<TlsContext>(value);
}

}  // namespace beastws::tls_bridge
