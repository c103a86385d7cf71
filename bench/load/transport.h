#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

namespace load {

enum class Io { kOk, kBlocked, kEof, kError };

struct IoResult {
  Io status;
  size_t bytes = 0;
  /** The socket is empty: what comes later raises a new edge. */
  bool drained = false;
};

/** A non-blocking byte stream over a socket that it owns. */
class Transport {
 public:
  explicit Transport(int fd) : fd_(fd) {}
  virtual ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  virtual IoResult Read(char* to, size_t size);
  virtual IoResult Write(const iovec* pieces, int count);
  /** kOk once application bytes may flow. */
  virtual IoResult Handshake() { return {Io::kOk}; }
  /** Why it has failed; empty: see errno. */
  virtual const char* Explanation() const { return ""; }
  /** Writes what Write() has taken and the socket did not take; kBlocked if
   * that is still not all. */
  virtual Io WriteRest() { return Io::kOk; }

  /** Ends our direction of the stream. */
  void ShutdownWrite();
  int fd() const { return fd_; }

 private:
  const int fd_;
};

/** Starts connecting to 127.0.0.1:`port` from 127.0.0.`source`; the descriptor,
 * or -1. */
int ConnectLoopback(uint16_t port, int source);

/** A listening socket on 127.0.0.1; writes its port to `port`. Throws on
 * failure. */
int ListenLoopback(uint16_t& port);

/** Makes an accepted or connected socket non-blocking and switches Nagle's
 * algorithm off. */
void PrepareSocket(int fd);

}  // namespace load
