#include "support/tls_peer.h"

#include <dlfcn.h>

#include <stdexcept>

// More of OpenSSL than the addon needs. Declared here, too: the tests need no
// headers of it, only the library that every system has.
struct asn1_string_st;
struct bio_method_st;
struct evp_md_st;
struct ossl_lib_ctx_st;
struct ssl_method_st;

namespace beastws::test {

namespace {

constexpr int kSetMinVersion = 123;
constexpr int kSetMaxVersion = 124;
constexpr int kAscii = 0x1001;
constexpr int kCommonName = 13;
constexpr int kKeyUpdateRequested = 1;
constexpr int kPending = 10;

#define BEASTWS_TEST_OPENSSL(X)                                             \
  X(const ssl_method_st*, TLS_server_method, (void))                        \
  X(const ssl_method_st*, TLS_client_method, (void))                        \
  X(ssl_ctx_st*, SSL_CTX_new, (const ssl_method_st*))                       \
  X(int, SSL_CTX_use_certificate, (ssl_ctx_st*, x509_st*))                  \
  X(int, SSL_CTX_use_PrivateKey, (ssl_ctx_st*, evp_pkey_st*))               \
  X(evp_pkey_st*, EVP_PKEY_Q_keygen,                                        \
    (ossl_lib_ctx_st*, const char*, const char*, ...))                      \
  X(const evp_md_st*, EVP_sha256, (void))                                   \
  X(x509_st*, X509_new, (void))                                             \
  X(int, X509_set_version, (x509_st*, long))                                \
  X(asn1_string_st*, X509_getm_notBefore, (const x509_st*))                 \
  X(asn1_string_st*, X509_getm_notAfter, (const x509_st*))                  \
  X(asn1_string_st*, X509_gmtime_adj, (asn1_string_st*, long))              \
  X(X509_name_st*, X509_get_subject_name, (const x509_st*))                 \
  X(int, X509_NAME_add_entry_by_txt,                                        \
    (X509_name_st*, const char*, int, const unsigned char*, int, int, int)) \
  X(int, X509_NAME_get_text_by_NID, (X509_name_st*, int, char*, int))       \
  X(int, X509_set_issuer_name, (x509_st*, const X509_name_st*))             \
  X(int, X509_set_pubkey, (x509_st*, evp_pkey_st*))                         \
  X(int, X509_sign, (x509_st*, evp_pkey_st*, const evp_md_st*))             \
  X(const bio_method_st*, BIO_s_mem, (void))                                \
  X(int, BIO_read, (bio_st*, void*, int))                                   \
  X(int, BIO_write, (bio_st*, const void*, int))                            \
  X(long, BIO_ctrl, (bio_st*, int, long, void*))                            \
  X(int, SSL_key_update, (ssl_st*, int))

struct MoreOpenSsl {
#define BEASTWS_TEST_MEMBER(result, name, parameters) \
  result(*name) parameters = nullptr;
  BEASTWS_TEST_OPENSSL(BEASTWS_TEST_MEMBER)
};

const MoreOpenSsl& More() {
  static const MoreOpenSsl more = [] {
    SystemOpenSsl();
    MoreOpenSsl table;
#define BEASTWS_TEST_LOAD(result, name, parameters)                       \
  table.name =                                                            \
      reinterpret_cast<decltype(table.name)>(dlsym(RTLD_DEFAULT, #name)); \
  if (table.name == nullptr) throw std::runtime_error("no " #name);
    BEASTWS_TEST_OPENSSL(BEASTWS_TEST_LOAD)
    return table;
  }();
  return more;
}

void Check(bool fine, const char* what) {
  if (!fine) throw std::runtime_error(what);
}

}  // namespace

const OpenSsl& SystemOpenSsl() {
  // Not unloaded: what it registers is called at the end of the process.
  static void* const library = dlopen("libssl.so.3", RTLD_NOW | RTLD_GLOBAL);
  Check(library != nullptr, "OpenSSL 3 (libssl.so.3) is needed");
  std::string why_not;
  const OpenSsl* openssl = OpenSsl::Find(&why_not);
  Check(openssl != nullptr, why_not.c_str());
  return *openssl;
}

TlsMaterial::TlsMaterial(const std::string& name, bool server) {
  const OpenSsl& o = SystemOpenSsl();
  const MoreOpenSsl& m = More();
  context =
      m.SSL_CTX_new(server ? m.TLS_server_method() : m.TLS_client_method());
  Check(context != nullptr, "SSL_CTX_new");
  if (!server) return;
  evp_pkey_st* key = m.EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  x509_st* certificate = m.X509_new();
  Check(key != nullptr && certificate != nullptr, "a certificate");
  m.X509_set_version(certificate, 2);
  m.X509_gmtime_adj(m.X509_getm_notBefore(certificate), -86400);
  m.X509_gmtime_adj(m.X509_getm_notAfter(certificate), 86400);
  X509_name_st* subject = m.X509_get_subject_name(certificate);
  m.X509_NAME_add_entry_by_txt(
      subject, "CN", kAscii,
      reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  m.X509_set_issuer_name(certificate, subject);
  m.X509_set_pubkey(certificate, key);
  Check(m.X509_sign(certificate, key, m.EVP_sha256()) > 0, "X509_sign");
  Check(m.SSL_CTX_use_certificate(context, certificate) == 1 &&
            m.SSL_CTX_use_PrivateKey(context, key) == 1,
        "the certificate's use");
  o.X509_free(certificate);
  o.EVP_PKEY_free(key);
}

TlsMaterial::~TlsMaterial() { SystemOpenSsl().SSL_CTX_free(context); }

std::shared_ptr<const TlsContext> MakeServerContext(TlsContext::Options options,
                                                    const std::string& name) {
  const TlsMaterial material(name);
  options.server = true;
  return std::make_shared<TlsContext>(&SystemOpenSsl(), material.context,
                                      std::move(options));
}

std::shared_ptr<const TlsContext> MakeClientContext(
    TlsContext::Options options) {
  const TlsMaterial material("", false);
  options.server = false;
  return std::make_shared<TlsContext>(&SystemOpenSsl(), material.context,
                                      std::move(options));
}

TlsPeer::TlsPeer(const Options& options) {
  const OpenSsl& o = SystemOpenSsl();
  const MoreOpenSsl& m = More();
  material_ = std::make_unique<TlsMaterial>("peer", options.server);
  for (const int bound : {kSetMinVersion, kSetMaxVersion}) {
    o.SSL_CTX_ctrl(material_->context, bound, options.version, nullptr);
  }
  ssl_ = o.SSL_new(material_->context);
  in_ = o.BIO_new(m.BIO_s_mem());
  out_ = o.BIO_new(m.BIO_s_mem());
  Check(ssl_ != nullptr && in_ != nullptr && out_ != nullptr, "a peer");
  o.SSL_set_bio(ssl_, in_, out_);
  if (!options.host.empty()) {
    o.SSL_ctrl(ssl_, openssl::kCtrlSetHostname, 0,
               const_cast<char*>(options.host.c_str()));
  }
  if (!options.alpn.empty()) {
    o.SSL_set_alpn_protos(
        ssl_, reinterpret_cast<const unsigned char*>(options.alpn.data()),
        static_cast<unsigned>(options.alpn.size()));
  }
  if (options.server) {
    o.SSL_set_accept_state(ssl_);
  } else {
    o.SSL_set_connect_state(ssl_);
  }
}

TlsPeer::~TlsPeer() { SystemOpenSsl().SSL_free(ssl_); }

void TlsPeer::Fail() {
  const OpenSsl& o = SystemOpenSsl();
  const char* reason = o.ERR_reason_error_string(o.ERR_peek_error());
  error_ = reason == nullptr ? "unknown error" : reason;
  o.ERR_clear_error();
}

void TlsPeer::Advance() {
  const OpenSsl& o = SystemOpenSsl();
  if (open_ || !error_.empty()) return;
  o.ERR_clear_error();
  const int result = o.SSL_do_handshake(ssl_);
  if (result == 1) {
    open_ = true;
  } else if (o.SSL_get_error(ssl_, result) != openssl::kErrorWantRead) {
    Fail();
  }
}

std::string TlsPeer::TakeOutput() {
  const MoreOpenSsl& m = More();
  std::string bytes(static_cast<size_t>(m.BIO_ctrl(out_, kPending, 0, nullptr)),
                    '\0');
  if (!bytes.empty()) {
    m.BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
  }
  return bytes;
}

void TlsPeer::Feed(std::string_view ciphertext) {
  if (ciphertext.empty()) return;
  More().BIO_write(in_, ciphertext.data(), static_cast<int>(ciphertext.size()));
}

std::string TlsPeer::Seal(std::string_view text) {
  const OpenSsl& o = SystemOpenSsl();
  Check(o.SSL_write(ssl_, text.data(), static_cast<int>(text.size())) ==
            static_cast<int>(text.size()),
        "SSL_write");
  return TakeOutput();
}

std::string TlsPeer::Open() {
  const OpenSsl& o = SystemOpenSsl();
  std::string text;
  char piece[16384];
  for (;;) {
    o.ERR_clear_error();
    const int size = o.SSL_read(ssl_, piece, sizeof(piece));
    if (size <= 0) {
      const int error = o.SSL_get_error(ssl_, size);
      if (error == openssl::kErrorZeroReturn) {
        ended_ = true;
      } else if (error != openssl::kErrorWantRead) {
        Fail();
      }
      return text;
    }
    text.append(piece, static_cast<size_t>(size));
  }
}

std::string TlsPeer::Close() {
  SystemOpenSsl().SSL_shutdown(ssl_);
  return TakeOutput();
}

std::string TlsPeer::UpdateKeys() {
  Check(More().SSL_key_update(ssl_, kKeyUpdateRequested) == 1,
        "SSL_key_update");
  Check(SystemOpenSsl().SSL_do_handshake(ssl_) == 1, "the update");
  return TakeOutput();
}

std::string TlsPeer::PeerName() const {
  const OpenSsl& o = SystemOpenSsl();
  const MoreOpenSsl& m = More();
  x509_st* certificate = o.SSL_get1_peer_certificate(ssl_);
  if (certificate == nullptr) return "";
  char name[64] = "";
  m.X509_NAME_get_text_by_NID(m.X509_get_subject_name(certificate), kCommonName,
                              name, sizeof(name));
  o.X509_free(certificate);
  return name;
}

std::string TlsPeer::Alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SystemOpenSsl().SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

}  // namespace beastws::test
