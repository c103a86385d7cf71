#pragma once

#include <memory>
#include <string>

#include "tls_handshake.h"
#include "tls_record.h"
#include "transport.h"

namespace load {

/**
 * TLS over a non-blocking socket, with one system call for as many records as
 * there are.
 */
class TlsTransport : public Transport {
 public:
  TlsTransport(int fd, const TlsContext& context);
  ~TlsTransport() override;

  IoResult Read(char* to, size_t size) override;
  IoResult Write(const iovec* pieces, int count) override;
  Io WriteRest() override;
  IoResult Handshake() override;
  const char* Explanation() const override { return error_.c_str(); }

 private:
  long Open(const char* data, size_t size, char* to);

  std::unique_ptr<TlsHandshake> handshake_;  // until it is over
  std::string answer_;                       // what ends it, until it is sent
  std::string error_;                        // why it has failed
  RecordCipher in_;
  RecordCipher out_;
  std::string partial_;  // a record that has not come to its end
  std::string rest_;     // what the socket did not take
  bool over_ = false;    // nothing more comes
};

}  // namespace load
