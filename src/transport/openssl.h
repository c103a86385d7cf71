#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>

// The part of OpenSSL 3 that TLS needs, declared here so that nothing of ours
// is compiled against, or linked with, one that is not Node's. The names are
// OpenSSL's.
struct bio_method_st;
struct bio_st;
struct crypto_ex_data_st;
struct evp_cipher_ctx_st;
struct evp_cipher_st;
struct evp_mac_ctx_st;
struct evp_pkey_st;
struct ossl_param_st;
struct ssl_cipher_st;
struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;
struct stack_st;
struct stack_st_X509;
struct stack_st_X509_NAME;
struct X509_name_st;
struct x509_st;
struct x509_store_ctx_st;
struct x509_store_st;
struct engine_st;

namespace beastws {

// Constants that OpenSSL has as macros.
namespace openssl {

constexpr int kErrorSsl = 1;
constexpr int kErrorWantRead = 2;
constexpr int kErrorZeroReturn = 6;
constexpr int kVerifyNone = 0;
constexpr int kVerifyPeer = 1;
constexpr int kVerifyFailIfNoPeerCert = 2;
constexpr int kAlertOk = 0;
constexpr int kAlertFatal = 2;
constexpr int kAlertNoAck = 3;
constexpr uint64_t kOpAllowClientRenegotiation = uint64_t{1} << 8;
constexpr uint64_t kOpNoRenegotiation = uint64_t{1} << 30;
constexpr long kModeReleaseBuffers = 0x10;
constexpr long kSessionCacheOff = 0;
// For clients, without a store of OpenSSL's own.
constexpr long kSessionCacheClient = 0x0001 | 0x0080 | 0x0300;
constexpr int kCtrlMode = 33;
constexpr int kCtrlSetSessionCacheMode = 44;
constexpr int kCtrlSetServernameCallback = 53;
constexpr int kCtrlSetHostname = 55;
constexpr int kCtrlSetStatusCallback = 63;
constexpr int kCtrlSetStatusType = 65;
constexpr int kCtrlSetTicketKeyCallback = 72;
constexpr int kCtrlSetVerifyStore = 106;
constexpr int kCtrlGetChain = 115;
constexpr int kCtrlSelectCurrentCertificate = 116;
constexpr int kCtrlSetCurrentCertificate = 117;
constexpr int kCtrlGetMinVersion = 130;
constexpr long kCertificateFirst = 1;
constexpr long kCertificateNext = 2;
constexpr int kBioFlagRead = 1;
constexpr int kBioFlagShouldRetry = 8;
constexpr int kBioCtrlFlush = 11;
constexpr int kBioSourceSink = 0x400;
constexpr int kExIndexSsl = 0;
constexpr unsigned kParamUtf8 = 4;
constexpr unsigned kParamOctets = 5;
constexpr int kVersionFull = 0;

}  // namespace openssl

// An ossl_param_st.
struct OpenSslParam {
  const char* key;
  unsigned data_type;
  void* data;
  size_t data_size;
  size_t return_size;
};

// Its functions, found in the running process.
struct OpenSsl {
  using NewExData = void (*)(void*, void*, crypto_ex_data_st*, int, long,
                             void*);
  using DupExData = int (*)(crypto_ex_data_st*, const crypto_ex_data_st*,
                            void**, int, long, void*);
  using NewSession = int (*)(ssl_st*, ssl_session_st*);
  using GetSession = ssl_session_st* (*)(ssl_st*, const unsigned char*, int,
                                         int*);
  using RemoveSession = void (*)(ssl_ctx_st*, ssl_session_st*);
  using SelectAlpn = int (*)(ssl_st*, const unsigned char**, unsigned char*,
                             const unsigned char*, unsigned, void*);
  using TicketKey = int (*)(ssl_st*, unsigned char*, unsigned char*,
                            evp_cipher_ctx_st*, evp_mac_ctx_st*, int);
  using Verify = int (*)(int, x509_store_ctx_st*);
  using AppVerify = int (*)(x509_store_ctx_st*, void*);
  using KeyLog = void (*)(const ssl_st*, const char*);
  using Info = void (*)(const ssl_st*, int, int);
  using Certificate = int (*)(ssl_st*, void*);
  using ClientHello = int (*)(ssl_st*, int*, void*);

#define BEASTWS_OPENSSL(X)                                                   \
  X(unsigned long, OpenSSL_version_num, (void))                              \
  X(const char*, OpenSSL_version, (int))                                     \
  X(void, ERR_clear_error, (void))                                           \
  X(unsigned long, ERR_peek_error, (void))                                   \
  X(void, ERR_print_errors_cb, (int (*)(const char*, size_t, void*), void*)) \
  X(const char*, ERR_lib_error_string, (unsigned long))                      \
  X(const char*, ERR_reason_error_string, (unsigned long))                   \
  X(int, CRYPTO_get_ex_new_index,                                            \
    (int, long, void*, NewExData, DupExData, NewExData))                     \
  X(bio_method_st*, BIO_meth_new, (int, const char*))                        \
  X(int, BIO_meth_set_write,                                                 \
    (bio_method_st*, int (*)(bio_st*, const char*, int)))                    \
  X(int, BIO_meth_set_read, (bio_method_st*, int (*)(bio_st*, char*, int)))  \
  X(int, BIO_meth_set_ctrl,                                                  \
    (bio_method_st*, long (*)(bio_st*, int, long, void*)))                   \
  X(int, BIO_get_new_index, (void))                                          \
  X(bio_st*, BIO_new, (const bio_method_st*))                                \
  X(void, BIO_set_data, (bio_st*, void*))                                    \
  X(void*, BIO_get_data, (bio_st*))                                          \
  X(void, BIO_set_init, (bio_st*, int))                                      \
  X(void, BIO_set_flags, (bio_st*, int))                                     \
  X(void, BIO_clear_flags, (bio_st*, int))                                   \
  X(int, SSL_CTX_up_ref, (ssl_ctx_st*))                                      \
  X(void, SSL_CTX_free, (ssl_ctx_st*))                                       \
  X(long, SSL_CTX_ctrl, (ssl_ctx_st*, int, long, void*))                     \
  X(long, SSL_CTX_callback_ctrl, (ssl_ctx_st*, int, void (*)(void)))         \
  X(uint64_t, SSL_CTX_set_options, (ssl_ctx_st*, uint64_t))                  \
  X(int, SSL_CTX_set_num_tickets, (ssl_ctx_st*, size_t))                     \
  X(uint64_t, SSL_CTX_clear_options, (ssl_ctx_st*, uint64_t))                \
  X(void, SSL_CTX_sess_set_new_cb, (ssl_ctx_st*, NewSession))                \
  X(void, SSL_CTX_sess_set_get_cb, (ssl_ctx_st*, GetSession))                \
  X(void, SSL_CTX_sess_set_remove_cb, (ssl_ctx_st*, RemoveSession))          \
  X(void, SSL_CTX_set_alpn_select_cb, (ssl_ctx_st*, SelectAlpn, void*))      \
  X(void, SSL_CTX_set_keylog_callback, (ssl_ctx_st*, KeyLog))                \
  X(void, SSL_CTX_set_info_callback, (ssl_ctx_st*, Info))                    \
  X(void, SSL_CTX_set_verify, (ssl_ctx_st*, int, Verify))                    \
  X(void, SSL_CTX_set_cert_verify_callback, (ssl_ctx_st*, AppVerify, void*)) \
  X(void, SSL_CTX_set_cert_cb, (ssl_ctx_st*, Certificate, void*))            \
  X(void, SSL_CTX_set_client_hello_cb, (ssl_ctx_st*, ClientHello, void*))    \
  X(int, SSL_CTX_set_tlsext_ticket_key_evp_cb, (ssl_ctx_st*, TicketKey))     \
  X(x509_st*, SSL_CTX_get0_certificate, (const ssl_ctx_st*))                 \
  X(evp_pkey_st*, SSL_CTX_get0_privatekey, (const ssl_ctx_st*))              \
  X(x509_store_st*, SSL_CTX_get_cert_store, (const ssl_ctx_st*))             \
  X(stack_st_X509_NAME*, SSL_CTX_get_client_CA_list, (const ssl_ctx_st*))    \
  X(ssl_st*, SSL_new, (ssl_ctx_st*))                                         \
  X(void, SSL_free, (ssl_st*))                                               \
  X(void, SSL_set_bio, (ssl_st*, bio_st*, bio_st*))                          \
  X(void, SSL_set_accept_state, (ssl_st*))                                   \
  X(void, SSL_set_connect_state, (ssl_st*))                                  \
  X(int, SSL_do_handshake, (ssl_st*))                                        \
  X(int, SSL_read, (ssl_st*, void*, int))                                    \
  X(int, SSL_write, (ssl_st*, const void*, int))                             \
  X(int, SSL_shutdown, (ssl_st*))                                            \
  X(int, SSL_get_error, (const ssl_st*, int))                                \
  X(int, SSL_pending, (const ssl_st*))                                       \
  X(int, SSL_is_init_finished, (const ssl_st*))                              \
  X(long, SSL_ctrl, (ssl_st*, int, long, void*))                             \
  X(int, SSL_set_ex_data, (ssl_st*, int, void*))                             \
  X(void*, SSL_get_ex_data, (const ssl_st*, int))                            \
  X(void, SSL_set_verify, (ssl_st*, int, Verify))                            \
  X(void, SSL_set_cert_cb, (ssl_st*, Certificate, void*))                    \
  X(int, SSL_set_alpn_protos, (ssl_st*, const unsigned char*, unsigned))     \
  X(void, SSL_get0_alpn_selected,                                            \
    (const ssl_st*, const unsigned char**, unsigned*))                       \
  X(const char*, SSL_get_servername, (const ssl_st*, int))                   \
  X(const char*, SSL_get_version, (const ssl_st*))                           \
  X(const ssl_cipher_st*, SSL_get_current_cipher, (const ssl_st*))           \
  X(const char*, SSL_CIPHER_get_name, (const ssl_cipher_st*))                \
  X(const char*, SSL_CIPHER_standard_name, (const ssl_cipher_st*))           \
  X(const char*, SSL_CIPHER_get_version, (const ssl_cipher_st*))             \
  X(int, SSL_session_reused, (const ssl_st*))                                \
  X(long, SSL_get_verify_result, (const ssl_st*))                            \
  X(x509_st*, SSL_get_certificate, (const ssl_st*))                          \
  X(x509_st*, SSL_get1_peer_certificate, (const ssl_st*))                    \
  X(stack_st_X509*, SSL_get_peer_cert_chain, (const ssl_st*))                \
  X(stack_st_X509*, SSL_get0_verified_chain, (const ssl_st*))                \
  X(int, SSL_set_session, (ssl_st*, ssl_session_st*))                        \
  X(ssl_session_st*, d2i_SSL_SESSION,                                        \
    (ssl_session_st**, const unsigned char**, long))                         \
  X(int, i2d_SSL_SESSION, (const ssl_session_st*, unsigned char**))          \
  X(void, SSL_SESSION_free, (ssl_session_st*))                               \
  X(int, SSL_use_cert_and_key,                                               \
    (ssl_st*, x509_st*, evp_pkey_st*, stack_st_X509*, int))                  \
  X(void, SSL_set_client_CA_list, (ssl_st*, stack_st_X509_NAME*))            \
  X(stack_st_X509_NAME*, SSL_dup_CA_list, (const stack_st_X509_NAME*))       \
  X(int, X509_up_ref, (x509_st*))                                            \
  X(const char*, X509_verify_cert_error_string, (long))                      \
  X(void, X509_free, (x509_st*))                                             \
  X(int, i2d_X509, (const x509_st*, unsigned char**))                        \
  X(void, X509_NAME_free, (X509_name_st*))                                   \
  X(stack_st_X509*, X509_chain_up_ref, (stack_st_X509*))                     \
  X(int, X509_STORE_up_ref, (x509_store_st*))                                \
  X(void, X509_STORE_free, (x509_store_st*))                                 \
  X(int, EVP_PKEY_up_ref, (evp_pkey_st*))                                    \
  X(void, EVP_PKEY_free, (evp_pkey_st*))                                     \
  X(const evp_cipher_st*, EVP_aes_128_cbc, (void))                           \
  X(int, EVP_EncryptInit_ex,                                                 \
    (evp_cipher_ctx_st*, const evp_cipher_st*, engine_st*,                   \
     const unsigned char*, const unsigned char*))                            \
  X(int, EVP_DecryptInit_ex,                                                 \
    (evp_cipher_ctx_st*, const evp_cipher_st*, engine_st*,                   \
     const unsigned char*, const unsigned char*))                            \
  X(int, EVP_MAC_CTX_set_params, (evp_mac_ctx_st*, const ossl_param_st*))    \
  X(int, EVP_EncodeBlock, (unsigned char*, const unsigned char*, int))       \
  X(int, RAND_bytes, (unsigned char*, int))                                  \
  X(int, OPENSSL_sk_num, (const stack_st*))                                  \
  X(void*, OPENSSL_sk_value, (const stack_st*, int))                         \
  X(void, OPENSSL_sk_pop_free, (stack_st*, void (*)(void*)))

#define BEASTWS_OPENSSL_MEMBER(result, name, parameters) \
  result(*name) parameters = nullptr;
  BEASTWS_OPENSSL(BEASTWS_OPENSSL_MEMBER)
#undef BEASTWS_OPENSSL_MEMBER

  // How an SSL and a BIO of ours know their TlsStream.
  int stream_index = -1;
  bio_method_st* bio_method = nullptr;

  // The process's, or null and why not. Node's own comes first: it is part of
  // the executable, or what that was linked with.
  static const OpenSsl* Find(std::string* why_not = nullptr);

  // The file that its functions are in.
  std::string Library() const;
};

}  // namespace beastws
