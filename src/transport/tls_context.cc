#include "transport/tls_context.h"

#include <cstring>
#include <utility>

#include "transport/tls_stream.h"

namespace beastws {

namespace {

constexpr size_t kKeySize = 16;

char Lower(char character) {
  return character >= 'A' && character <= 'Z'
             ? static_cast<char>(character - 'A' + 'a')
             : character;
}

// What the verification came to is looked at after the handshake.
int AcceptAny(int, x509_store_ctx_st*) { return 1; }

std::string ToDer(const OpenSsl& openssl, const x509_st* certificate) {
  const int size = openssl.i2d_X509(certificate, nullptr);
  if (size <= 0) return "";
  std::string der(static_cast<size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  openssl.i2d_X509(certificate, &out);
  return der;
}

}  // namespace

bool MatchesHostPattern(std::string_view pattern, std::string_view name) {
  while (!pattern.empty()) {
    if (pattern[0] == '*') {
      pattern.remove_prefix(1);
      for (;;) {
        if (MatchesHostPattern(pattern, name)) return true;
        if (name.empty() || name[0] == '.') return false;
        name.remove_prefix(1);
      }
    }
    if (name.empty() || Lower(pattern[0]) != Lower(name[0])) return false;
    pattern.remove_prefix(1);
    name.remove_prefix(1);
  }
  return name.empty();
}

TlsIdentity::TlsIdentity(const OpenSsl* openssl, ssl_ctx_st* context)
    : openssl_(openssl) {
  // There is one certificate for each kind of key. The current one is
  // nothing to others, but is put back.
  x509_st* const current = openssl_->SSL_CTX_get0_certificate(context);
  long which = openssl::kCertificateFirst;
  while (openssl_->SSL_CTX_ctrl(context, openssl::kCtrlSetCurrentCertificate,
                                which, nullptr) == 1) {
    which = openssl::kCertificateNext;
    Entry entry = {openssl_->SSL_CTX_get0_certificate(context),
                   openssl_->SSL_CTX_get0_privatekey(context), nullptr};
    if (entry.certificate == nullptr || entry.key == nullptr) continue;
    stack_st_X509* chain = nullptr;
    openssl_->SSL_CTX_ctrl(context, openssl::kCtrlGetChain, 0, &chain);
    openssl_->X509_up_ref(entry.certificate);
    openssl_->EVP_PKEY_up_ref(entry.key);
    if (chain != nullptr) entry.chain = openssl_->X509_chain_up_ref(chain);
    entries_.push_back(entry);
  }
  if (current != nullptr) {
    openssl_->SSL_CTX_ctrl(context, openssl::kCtrlSelectCurrentCertificate, 0,
                           current);
  }
  store_ = openssl_->SSL_CTX_get_cert_store(context);
  if (store_ != nullptr) openssl_->X509_STORE_up_ref(store_);
  const stack_st_X509_NAME* authorities =
      openssl_->SSL_CTX_get_client_CA_list(context);
  if (authorities != nullptr) {
    authorities_ = openssl_->SSL_dup_CA_list(authorities);
  }
}

TlsIdentity::~TlsIdentity() {
  for (const Entry& entry : entries_) {
    openssl_->X509_free(entry.certificate);
    openssl_->EVP_PKEY_free(entry.key);
    openssl_->OPENSSL_sk_pop_free(
        reinterpret_cast<stack_st*>(entry.chain),
        reinterpret_cast<void (*)(void*)>(openssl_->X509_free));
  }
  openssl_->X509_STORE_free(store_);
  openssl_->OPENSSL_sk_pop_free(
      reinterpret_cast<stack_st*>(authorities_),
      reinterpret_cast<void (*)(void*)>(openssl_->X509_NAME_free));
}

bool TlsIdentity::Use(ssl_st* ssl) const {
  for (const Entry& entry : entries_) {
    if (openssl_->SSL_use_cert_and_key(ssl, entry.certificate, entry.key,
                                       entry.chain, 1) != 1) {
      return false;
    }
  }
  if (store_ != nullptr) {
    // 1: with a reference of its own.
    openssl_->SSL_ctrl(ssl, openssl::kCtrlSetVerifyStore, 1, store_);
  }
  if (authorities_ != nullptr) {
    openssl_->SSL_set_client_CA_list(ssl,
                                     openssl_->SSL_dup_CA_list(authorities_));
  }
  return true;
}

int TlsIdentity::Find(const x509_st* certificate) const {
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].certificate == certificate) return static_cast<int>(i);
  }
  return -1;
}

std::vector<std::string> TlsIdentity::Certificates() const {
  std::vector<std::string> certificates;
  for (const Entry& entry : entries_) {
    certificates.push_back(ToDer(*openssl_, entry.certificate));
  }
  return certificates;
}

TlsContext::TlsContext(const OpenSsl* openssl, ssl_ctx_st* context,
                       Options options)
    : openssl_(openssl),
      context_(context),
      options_(std::move(options)),
      identity_(std::make_shared<TlsIdentity>(openssl, context)) {
  openssl_->SSL_CTX_up_ref(context_);
  TakeOver();
}

TlsContext::TlsContext(const TlsContext& base, Options options)
    : openssl_(base.openssl_),
      context_(base.context_),
      options_(std::move(options)),
      identity_(base.identity_) {
  openssl_->SSL_CTX_up_ref(context_);
}

TlsContext::~TlsContext() { openssl_->SSL_CTX_free(context_); }

// Node's callbacks expect one of Node's objects behind every SSL.
void TlsContext::TakeOver() {
  const OpenSsl& o = *openssl_;
  o.SSL_CTX_sess_set_new_cb(
      context_, options_.server ? nullptr : &TlsStream::OnNewSession);
  o.SSL_CTX_sess_set_get_cb(context_, nullptr);
  o.SSL_CTX_sess_set_remove_cb(context_, nullptr);
  o.SSL_CTX_ctrl(context_, openssl::kCtrlSetSessionCacheMode,
                 options_.server ? openssl::kSessionCacheOff
                                 : openssl::kSessionCacheClient,
                 nullptr);
  for (const int callback :
       {openssl::kCtrlSetServernameCallback, openssl::kCtrlSetStatusCallback,
        openssl::kCtrlSetTicketKeyCallback}) {
    o.SSL_CTX_callback_ctrl(context_, callback, nullptr);
  }
  o.SSL_CTX_set_keylog_callback(context_, nullptr);
  o.SSL_CTX_set_info_callback(context_, nullptr);
  o.SSL_CTX_set_verify(context_, openssl::kVerifyNone, nullptr);
  o.SSL_CTX_set_cert_verify_callback(context_, nullptr, nullptr);
  o.SSL_CTX_set_cert_cb(context_, nullptr, nullptr);
  o.SSL_CTX_set_client_hello_cb(context_, nullptr, nullptr);
  // Without an argument: objects that share the SSL_CTX differ.
  o.SSL_CTX_set_alpn_select_cb(
      context_, options_.server ? &TlsContext::OnSelectAlpn : nullptr, nullptr);
  o.SSL_CTX_set_tlsext_ticket_key_evp_cb(
      context_, options_.server ? &TlsContext::OnTicketKey : nullptr);
  o.SSL_CTX_clear_options(context_, openssl::kOpAllowClientRenegotiation);
  o.SSL_CTX_set_options(context_, openssl::kOpNoRenegotiation);
  // A ticket is a tenth of a handshake, and each connection brings another.
  if (options_.server) o.SSL_CTX_set_num_tickets(context_, 1);
}

ssl_st* TlsContext::NewSsl(void* stream) const {
  const OpenSsl& o = *openssl_;
  ssl_st* ssl = o.SSL_new(context_);
  if (ssl == nullptr) return nullptr;
  bio_st* bio = o.BIO_new(o.bio_method);
  if (bio == nullptr || o.SSL_set_ex_data(ssl, o.stream_index, stream) != 1) {
    o.SSL_free(ssl);
    return nullptr;
  }
  o.BIO_set_data(bio, stream);
  o.SSL_set_bio(ssl, bio, bio);
  o.SSL_ctrl(ssl, openssl::kCtrlMode, openssl::kModeReleaseBuffers, nullptr);
  if (!options_.server) {
    if (!options_.alpn.empty()) {
      o.SSL_set_alpn_protos(
          ssl, reinterpret_cast<const unsigned char*>(options_.alpn.data()),
          static_cast<unsigned>(options_.alpn.size()));
    }
    o.SSL_set_verify(ssl, openssl::kVerifyNone, &AcceptAny);
    o.SSL_set_connect_state(ssl);
    return ssl;
  }
  if (options_.request_certificate) {
    o.SSL_set_verify(
        ssl,
        openssl::kVerifyPeer |
            (options_.reject_unauthorized ? openssl::kVerifyFailIfNoPeerCert
                                          : 0),
        options_.reject_unauthorized ? nullptr : &AcceptAny);
  }
  o.SSL_set_cert_cb(ssl, &TlsContext::OnCertificate,
                    const_cast<TlsContext*>(this));
  o.SSL_set_accept_state(ssl);
  return ssl;
}

int TlsContext::FindCertificate(const ssl_st* ssl) const {
  const x509_st* certificate = openssl_->SSL_get_certificate(ssl);
  int at = identity_->Find(certificate);
  if (at >= 0) return at;
  int before = static_cast<int>(identity_->size());
  for (const Name& name : options_.names) {
    at = name.identity->Find(certificate);
    if (at >= 0) return before + at;
    before += static_cast<int>(name.identity->size());
  }
  return -1;
}

std::vector<std::string> TlsContext::Certificates() const {
  std::vector<std::string> all = identity_->Certificates();
  for (const Name& name : options_.names) {
    for (std::string& der : name.identity->Certificates()) {
      all.push_back(std::move(der));
    }
  }
  return all;
}

int TlsContext::OnCertificate(ssl_st* ssl, void* context) {
  const auto* self = static_cast<const TlsContext*>(context);
  const char* name = self->openssl_->SSL_get_servername(ssl, 0);
  if (name == nullptr) return 1;
  const std::vector<Name>& names = self->options_.names;
  for (auto at = names.rbegin(); at != names.rend(); ++at) {
    if (MatchesHostPattern(at->pattern, name)) {
      return at->identity->Use(ssl) ? 1 : 0;
    }
  }
  return 1;
}

int TlsContext::OnSelectAlpn(ssl_st* ssl, const unsigned char** out,
                             unsigned char* out_size, const unsigned char* in,
                             unsigned in_size, void*) {
  const TlsContext& self = TlsStream::Of(ssl)->context();
  const std::string& ours = self.options_.alpn;
  if (ours.empty()) return openssl::kAlertNoAck;
  const std::string_view theirs(reinterpret_cast<const char*>(in), in_size);
  for (size_t i = 0; i < ours.size(); i += 1 + static_cast<uint8_t>(ours[i])) {
    const std::string_view wanted(&ours[i], 1 + static_cast<uint8_t>(ours[i]));
    for (size_t j = 0; j < theirs.size();
         j += 1 + static_cast<uint8_t>(theirs[j])) {
      if (theirs.substr(j, wanted.size()) != wanted) continue;
      *out = in + j + 1;
      *out_size = in[j];
      return openssl::kAlertOk;
    }
  }
  return openssl::kAlertFatal;
}

// Tickets as Node makes them, so that servers that share keys may be of either
// kind: AES-128-CBC, and HMAC with SHA-256.
int TlsContext::OnTicketKey(ssl_st* ssl, unsigned char* name, unsigned char* iv,
                            evp_cipher_ctx_st* cipher, evp_mac_ctx_st* mac,
                            int encrypt) {
  const TlsContext& self = TlsStream::Of(ssl)->context();
  const OpenSsl& o = *self.openssl_;
  const std::string& keys = self.options_.ticket_keys;
  if (keys.size() != kTicketKeysSize) return 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(keys.data());
  const unsigned char* aes = bytes + 2 * kKeySize;
  if (encrypt != 0) {
    std::memcpy(name, bytes, kKeySize);
    if (o.RAND_bytes(iv, static_cast<int>(kKeySize)) != 1 ||
        o.EVP_EncryptInit_ex(cipher, o.EVP_aes_128_cbc(), nullptr, aes, iv) !=
            1) {
      return -1;
    }
  } else {
    if (std::memcmp(name, bytes, kKeySize) != 0) return 0;
    if (o.EVP_DecryptInit_ex(cipher, o.EVP_aes_128_cbc(), nullptr, aes, iv) !=
        1) {
      return -1;
    }
  }
  char digest[] = "SHA256";
  const OpenSslParam parameters[] = {
      {"key", openssl::kParamOctets,
       const_cast<unsigned char*>(bytes + kKeySize), kKeySize, 0},
      {"digest", openssl::kParamUtf8, digest, sizeof(digest) - 1, 0},
      {nullptr, 0, nullptr, 0, 0}};
  return o.EVP_MAC_CTX_set_params(
             mac, reinterpret_cast<const ossl_param_st*>(parameters)) == 1
             ? 1
             : -1;
}

}  // namespace beastws
