// Compiled, never run: src/transport/openssl.h against OpenSSL's own headers,
// those of the Node.js that runs the test.

#include "transport/openssl.h"

#include <openssl/bio.h>
#include <openssl/core.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstddef>
#include <type_traits>

namespace {

using beastws::OpenSsl;

// Functions have the types that we call them with.
#define CHECK_FUNCTION(result, name, parameters)                            \
  static_assert(std::is_same_v<decltype(&::name), decltype(OpenSsl::name)>, \
                #name);
BEASTWS_OPENSSL(CHECK_FUNCTION)

#define CHECK_CONSTANT(ours, theirs) \
  static_assert(beastws::openssl::ours == (theirs), #theirs)
CHECK_CONSTANT(kErrorSsl, SSL_ERROR_SSL);
CHECK_CONSTANT(kErrorWantRead, SSL_ERROR_WANT_READ);
CHECK_CONSTANT(kErrorZeroReturn, SSL_ERROR_ZERO_RETURN);
CHECK_CONSTANT(kVerifyNone, SSL_VERIFY_NONE);
CHECK_CONSTANT(kVerifyPeer, SSL_VERIFY_PEER);
CHECK_CONSTANT(kVerifyFailIfNoPeerCert, SSL_VERIFY_FAIL_IF_NO_PEER_CERT);
CHECK_CONSTANT(kAlertOk, SSL_TLSEXT_ERR_OK);
CHECK_CONSTANT(kAlertFatal, SSL_TLSEXT_ERR_ALERT_FATAL);
CHECK_CONSTANT(kAlertNoAck, SSL_TLSEXT_ERR_NOACK);
CHECK_CONSTANT(kOpAllowClientRenegotiation, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
CHECK_CONSTANT(kOpNoRenegotiation, SSL_OP_NO_RENEGOTIATION);
CHECK_CONSTANT(kModeReleaseBuffers, SSL_MODE_RELEASE_BUFFERS);
CHECK_CONSTANT(kSessionCacheOff, SSL_SESS_CACHE_OFF);
CHECK_CONSTANT(kSessionCacheClient, SSL_SESS_CACHE_CLIENT |
                                        SSL_SESS_CACHE_NO_AUTO_CLEAR |
                                        SSL_SESS_CACHE_NO_INTERNAL);
CHECK_CONSTANT(kCtrlMode, SSL_CTRL_MODE);
CHECK_CONSTANT(kCtrlSetSessionCacheMode, SSL_CTRL_SET_SESS_CACHE_MODE);
CHECK_CONSTANT(kCtrlSetServernameCallback, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB);
CHECK_CONSTANT(kCtrlSetHostname, SSL_CTRL_SET_TLSEXT_HOSTNAME);
CHECK_CONSTANT(kCtrlSetStatusCallback, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB);
CHECK_CONSTANT(kCtrlSetStatusType, SSL_CTRL_SET_TLSEXT_STATUS_REQ_TYPE);
CHECK_CONSTANT(kCtrlSetTicketKeyCallback, SSL_CTRL_SET_TLSEXT_TICKET_KEY_CB);
CHECK_CONSTANT(kCtrlSetVerifyStore, SSL_CTRL_SET_VERIFY_CERT_STORE);
CHECK_CONSTANT(kCtrlGetChain, SSL_CTRL_GET_CHAIN_CERTS);
CHECK_CONSTANT(kCtrlSelectCurrentCertificate, SSL_CTRL_SELECT_CURRENT_CERT);
CHECK_CONSTANT(kCtrlSetCurrentCertificate, SSL_CTRL_SET_CURRENT_CERT);
CHECK_CONSTANT(kCtrlGetMinVersion, SSL_CTRL_GET_MIN_PROTO_VERSION);
CHECK_CONSTANT(kCertificateFirst, SSL_CERT_SET_FIRST);
CHECK_CONSTANT(kCertificateNext, SSL_CERT_SET_NEXT);
CHECK_CONSTANT(kBioFlagRead, BIO_FLAGS_READ);
CHECK_CONSTANT(kBioFlagShouldRetry, BIO_FLAGS_SHOULD_RETRY);
CHECK_CONSTANT(kBioCtrlFlush, BIO_CTRL_FLUSH);
CHECK_CONSTANT(kBioSourceSink, BIO_TYPE_SOURCE_SINK);
CHECK_CONSTANT(kExIndexSsl, CRYPTO_EX_INDEX_SSL);
CHECK_CONSTANT(kParamUtf8, OSSL_PARAM_UTF8_STRING);
CHECK_CONSTANT(kParamOctets, OSSL_PARAM_OCTET_STRING);
CHECK_CONSTANT(kVersionFull, OPENSSL_VERSION);

// And the one structure of which the members are ours to fill in.
using beastws::OpenSslParam;
static_assert(sizeof(OpenSslParam) == sizeof(OSSL_PARAM));
static_assert(alignof(OpenSslParam) == alignof(OSSL_PARAM));
#define CHECK_MEMBER(name)                                                    \
  static_assert(offsetof(OpenSslParam, name) == offsetof(OSSL_PARAM, name) && \
                std::is_same_v<decltype(OpenSslParam::name),                  \
                               decltype(OSSL_PARAM::name)>)
CHECK_MEMBER(key);
CHECK_MEMBER(data_type);
CHECK_MEMBER(data);
CHECK_MEMBER(data_size);
CHECK_MEMBER(return_size);

}  // namespace
