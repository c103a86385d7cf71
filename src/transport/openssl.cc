#include "transport/openssl.h"

#include <dlfcn.h>

#include "transport/tls_stream.h"

namespace beastws {

namespace {

struct Found {
  OpenSsl functions;
  std::string why_not;
};

Found Load() {
  Found found;
  OpenSsl& table = found.functions;
#define BEASTWS_OPENSSL_LOAD(result, name, parameters)                    \
  table.name =                                                            \
      reinterpret_cast<decltype(table.name)>(dlsym(RTLD_DEFAULT, #name)); \
  if (table.name == nullptr) {                                            \
    found.why_not = "this runtime has no OpenSSL 3 (" #name ")";          \
    return found;                                                         \
  }
  BEASTWS_OPENSSL(BEASTWS_OPENSSL_LOAD)
#undef BEASTWS_OPENSSL_LOAD
  const unsigned long version = table.OpenSSL_version_num();
  if (version >> 28 != 3) {
    found.why_not = std::string("OpenSSL 3 is needed, this is ") +
                    table.OpenSSL_version(openssl::kVersionFull);
    return found;
  }
  table.stream_index = table.CRYPTO_get_ex_new_index(
      openssl::kExIndexSsl, 0, nullptr, nullptr, nullptr, nullptr);
  table.bio_method = TlsStream::MakeBioMethod(table);
  if (table.stream_index < 0 || table.bio_method == nullptr) {
    found.why_not = "OpenSSL is out of memory";
  }
  return found;
}

}  // namespace

const OpenSsl* OpenSsl::Find(std::string* why_not) {
  // Never changed, nor destroyed: connections may outlive the end of main().
  static const Found& found = *new Found(Load());
  if (found.why_not.empty()) return &found.functions;
  if (why_not != nullptr) *why_not = found.why_not;
  return nullptr;
}

std::string OpenSsl::Library() const {
  Dl_info info = {};
  if (dladdr(reinterpret_cast<void*>(SSL_new), &info) == 0) return "";
  return info.dli_fname;
}

}  // namespace beastws
