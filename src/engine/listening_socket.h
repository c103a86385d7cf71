#pragma once

#include <string>

namespace beastws {

struct ListenAddress {
  enum class Family { kUnix, kIPv4, kIPv6 };

  Family family = Family::kIPv6;
  std::string host;  // an address, or the path of a unix socket
  int port = 0;
  int backlog = 511;
  bool reuse_port = false;
};

// A descriptor that listens, or minus errno.
int OpenListeningSocket(const ListenAddress& address);

// Stops a listening socket at once, though its descriptor stays open.
void StopListening(int descriptor);

// An end of a connection, or where a socket listens, as Node writes it.
struct SocketName {
  std::string address;
  int port = 0;
  int family = 0;  // 4, 6 or 0
};
SocketName LocalName(int descriptor);
SocketName PeerName(int descriptor);
// Both ends, the peer's first: address, port and family in a line each.
std::string NamesOf(int descriptor);

// A non-blocking connection, or minus errno.
int AcceptConnection(int descriptor);

}  // namespace beastws
