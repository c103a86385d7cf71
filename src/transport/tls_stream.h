#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "transport/socket.h"
#include "transport/tls_context.h"

namespace beastws {

// What came of reading or writing: a count, or minus errno, and whether the
// kernel has nothing more, or no more room: then an edge of the poller follows.
struct IoResult {
  long size;
  bool exhausted;
};

// Memory that all TLS connections of a thread use in turn.
struct TlsBuffers {
  static constexpr size_t kInSize = 256 * 1024;
  static constexpr size_t kRecordSize = 16 * 1024;

  // Ciphertext that was read. Made with the first connection.
  uint8_t* in() {
    if (!in_) in_.reset(new uint8_t[kInSize]);
    return in_.get();
  }
  uint8_t* record() {
    if (!record_) record_.reset(new uint8_t[kRecordSize]);
    return record_.get();
  }
  // Ciphertext to write. Empty between calls.
  ByteBuffer out;

 private:
  std::unique_ptr<uint8_t[]> in_;
  std::unique_ptr<uint8_t[]> record_;
};

// Why TLS failed, in OpenSSL's words: the first error, and a line for each.
struct TlsError {
  std::string library;
  std::string reason;
  std::string text;
};

// TLS between a socket and a reader or writer of bytes. The handshake is part
// of reading. A server's SSL is made once a whole record has come.
class TlsStream {
 public:
  enum class State : uint8_t {
    kStart,        // there is no SSL yet
    kHandshaking,  //
    kOpen,
    kEnded,  // the peer has sent close_notify
    kFailed,
  };

  TlsStream(std::shared_ptr<const TlsContext> context, TlsBuffers* buffers);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  // For clients: sends the first message. `host` is sent as the server's name,
  // unless it is empty; `session` is one that OnSession() told, or nothing.
  void Connect(Socket* socket, const std::string& host, Bytes session);

  // Fills `pieces` with plaintext. 0: the end, in order or not. -EPROTO: see
  // error(). -EAGAIN: nothing has come, or nothing that is plaintext. Reads up
  // to `most` bytes of ciphertext; the plaintext may be a record more.
  IoResult Receive(Socket* socket, const iovec* pieces, size_t count,
                   size_t most = SIZE_MAX);
  // Takes plaintext from `pieces`: how much of it is with the kernel now. What
  // was not taken must be there again in the next call. `last`: Shutdown()
  // follows at once.
  IoResult Send(Socket* socket, const iovec* pieces, size_t count,
                bool last = false);
  // Writes ciphertext that the kernel did not take.
  void WriteRest(Socket* socket);
  bool wants_write() const { return !rest_.empty(); }
  // Minus errno if the socket has refused ciphertext: nothing more can be sent.
  // Receive() returns it if that was before TLS was open. Servers that read the
  // peer's end meanwhile are told that.
  int write_error() const { return write_error_; }
  // Sends close_notify and FIN. False: to be called again when writable.
  bool Shutdown(Socket* socket);

  State state() const { return state_; }
  bool is_open() const {
    return state_ == State::kOpen || state_ == State::kEnded;
  }
  const TlsContext& context() const { return *context_; }

  // X509_V_OK, or why the peer's certificate is none to trust; -1 if it has
  // shown none.
  long VerifyResult() const;
  // Once it is open, in lines: protocol, cipher (three), ALPN, server name,
  // whether the session is an old one, VerifyResult(), the context's serial
  // number and which of its certificates is ours, the peer's and its chain as
  // Base64 with commas between them.
  static constexpr size_t kInfoLines = 10;
  std::string Info() const;
  // Why it has failed, in lines: library, reason, VerifyResult() if that is
  // why, else 0, and what OpenSSL prints.
  std::string ErrorInfo() const;
  // A session that can be used again, as DER, or nothing; each one once.
  std::string TakeSession() { return std::exchange(session_, {}); }

  static TlsStream* Of(const ssl_st* ssl);
  static bio_method_st* MakeBioMethod(const OpenSsl& openssl);
  static int OnNewSession(ssl_st* ssl, ssl_session_st* session);

 private:
  static int OnRead(bio_st* bio, char* bytes, int size);
  static int OnWrite(bio_st* bio, const char* bytes, int size);

  void Begin();
  bool HasClientHello() const;
  bool MakeSsl();
  size_t Decrypt(const iovec* pieces, size_t count);
  size_t Encrypt(const iovec* pieces, size_t count);
  bool EncryptRecords(const uint8_t* bytes, size_t size);
  bool HoldTickets(bool was_open, size_t received);
  void WriteOut(Socket* socket, bool more = false);
  bool SendRest(Socket* socket);
  void Fail();
  void FailWith(const char* reason);

  const std::shared_ptr<const TlsContext> context_;
  const OpenSsl& openssl_;
  TlsBuffers* const buffers_;
  ssl_st* ssl_ = nullptr;
  State state_ = State::kStart;
  bool end_of_input_ = false;
  bool shutdown_sent_ = false;
  Bytes in_;          // ciphertext that the SSL is to read now
  ByteBuffer early_;  // the part of a first record that has come
  ByteBuffer held_;   // ciphertext that goes with what is written next
  ByteBuffer rest_;   // ciphertext that the kernel did not take
  size_t rest_front_ = 0;
  int write_error_ = 0;
  size_t ahead_ = 0;    // plaintext at the writer's front that is in rest_
  size_t replies_ = 0;  // bytes in rest_ that reading has caused
  std::string session_;
  std::unique_ptr<TlsError> error_;
};

}  // namespace beastws
