#include "engine/listening_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace beastws {

namespace {

struct RawAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

bool Encode(const ListenAddress& address, RawAddress* raw) {
  if (address.family == ListenAddress::Family::kUnix) {
    sockaddr_un name = {};
    name.sun_family = AF_UNIX;
    if (address.host.size() >= sizeof(name.sun_path)) return false;
    std::memcpy(name.sun_path, address.host.data(), address.host.size());
    std::memcpy(&raw->storage, &name, sizeof(name));
    raw->size = sizeof(name);
    return true;
  }
  const auto port = htons(static_cast<uint16_t>(address.port));
  if (address.family == ListenAddress::Family::kIPv4) {
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_port = port;
    std::memcpy(&raw->storage, &name, sizeof(name));
    raw->size = sizeof(name);
    auto* stored = reinterpret_cast<sockaddr_in*>(&raw->storage);
    return inet_pton(AF_INET, address.host.c_str(), &stored->sin_addr) == 1;
  }
  sockaddr_in6 name = {};
  name.sin6_family = AF_INET6;
  name.sin6_port = port;
  const size_t scope = address.host.find('%');
  if (scope != std::string::npos) {
    name.sin6_scope_id = if_nametoindex(address.host.c_str() + scope + 1);
  }
  const std::string host = address.host.substr(0, scope);
  if (inet_pton(AF_INET6, host.c_str(), &name.sin6_addr) != 1) return false;
  std::memcpy(&raw->storage, &name, sizeof(name));
  raw->size = sizeof(name);
  return true;
}

int MakeNonBlocking(int descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  return flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0 ||
                 fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0
             ? -errno
             : 0;
}

int Configure(int descriptor, const ListenAddress& address) {
  int error = MakeNonBlocking(descriptor);
  if (error != 0) return error;
  if (address.family == ListenAddress::Family::kUnix) return 0;
  const int on = 1;
  if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0) {
    return -errno;
  }
  // Connections inherit it.
  if (setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0) {
    return -errno;
  }
  if (address.reuse_port) {
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0) {
      return -errno;
    }
  }
  if (address.family == ListenAddress::Family::kIPv6) {
    const int off = 0;
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  }
  return 0;
}

int DomainOf(ListenAddress::Family family) {
  switch (family) {
    case ListenAddress::Family::kUnix:
      return AF_UNIX;
    case ListenAddress::Family::kIPv4:
      return AF_INET;
    case ListenAddress::Family::kIPv6:
      return AF_INET6;
  }
  return AF_INET6;
}

SocketName Decode(const RawAddress& raw) {
  SocketName name;
  char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 1] = "";
  if (raw.storage.ss_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(&raw.storage);
    inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
    name.port = ntohs(in->sin_port);
    name.family = 4;
  } else if (raw.storage.ss_family == AF_INET6) {
    const auto* in = reinterpret_cast<const sockaddr_in6*>(&raw.storage);
    inet_ntop(AF_INET6, &in->sin6_addr, text, sizeof(text));
    name.port = ntohs(in->sin6_port);
    name.family = 6;
    char scope[IF_NAMESIZE];
    if (IN6_IS_ADDR_LINKLOCAL(&in->sin6_addr) &&
        if_indextoname(in->sin6_scope_id, scope) != nullptr) {
      std::strcat(text, "%");
      std::strcat(text, scope);
    }
  }
  name.address = text;
  return name;
}

}  // namespace

int OpenListeningSocket(const ListenAddress& address) {
  RawAddress raw;
  if (!Encode(address, &raw)) {
    return address.family == ListenAddress::Family::kUnix ? -ENAMETOOLONG
                                                          : -EINVAL;
  }
  const int descriptor = socket(DomainOf(address.family), SOCK_STREAM, 0);
  if (descriptor < 0) return -errno;
  int error = Configure(descriptor, address);
  if (error == 0 && bind(descriptor, raw.get(), raw.size) < 0) {
    error = -errno;
  }
  if (error == 0) {
    if (listen(descriptor, address.backlog) < 0) error = -errno;
  }
  if (error == 0) return descriptor;
  close(descriptor);
  return error;
}

void StopListening(int descriptor) { shutdown(descriptor, SHUT_RDWR); }

SocketName LocalName(int descriptor) {
  RawAddress raw;
  raw.size = sizeof(raw.storage);
  if (getsockname(descriptor, raw.get(), &raw.size) < 0) return {};
  return Decode(raw);
}

SocketName PeerName(int descriptor) {
  RawAddress raw;
  raw.size = sizeof(raw.storage);
  if (getpeername(descriptor, raw.get(), &raw.size) < 0) return {};
  return Decode(raw);
}

int AcceptConnection(int descriptor) {
#ifdef __linux__
  const int accepted =
      accept4(descriptor, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return accepted < 0 ? -errno : accepted;
#else
  const int accepted = accept(descriptor, nullptr, nullptr);
  if (accepted < 0) return -errno;
  const int error = MakeNonBlocking(accepted);
  if (error == 0) return accepted;
  close(accepted);
  return error;
#endif
}

std::string NamesOf(int descriptor) {
  std::string text;
  for (const SocketName& name : {PeerName(descriptor), LocalName(descriptor)}) {
    text += name.address + '\n';
    text += std::to_string(name.port) + '\n';
    text += std::to_string(name.family) + '\n';
  }
  return text;
}

}  // namespace beastws
