#include "handshake.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <strings.h>

#include <cctype>
#include <cstring>

namespace load {
namespace {

constexpr char kKey[] = "YmVhc3R3cyBiZW5jaCAwMQ==";

std::string AcceptFor(const std::string& key) {
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       digest);
  char base64[64];
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64), digest,
                  sizeof digest);
  return base64;
}

/** The value of header `name` without surrounding blanks; empty if there is
 * none. */
std::string Header(const std::string& head, const char* name) {
  const size_t length = strlen(name);
  for (size_t line = head.find("\r\n"); line != std::string::npos;
       line = head.find("\r\n", line + 2)) {
    const size_t at = line + 2;
    if (head.size() < at + length + 1 || head[at + length] != ':' ||
        strncasecmp(head.c_str() + at, name, length) != 0) {
      continue;
    }
    size_t begin = at + length + 1;
    size_t end = head.find("\r\n", begin);
    while (begin < end && head[begin] == ' ') ++begin;
    while (end > begin && head[end - 1] == ' ') --end;
    return head.substr(begin, end - begin);
  }
  return "";
}

}  // namespace

std::string OpeningRequest(const std::string& path, DeflateMode deflate) {
  std::string request = "GET " + path +
                        " HTTP/1.1\r\n"
                        "Host: localhost\r\n"
                        "Upgrade: websocket\r\n"
                        "Connection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: ";
  request += kKey;
  if (deflate == DeflateMode::kTakeover) {
    request += "\r\nSec-WebSocket-Extensions: permessage-deflate";
  } else if (deflate == DeflateMode::kFresh) {
    request +=
        "\r\nSec-WebSocket-Extensions: permessage-deflate; "
        "server_no_context_takeover; client_no_context_takeover";
  }
  return request + "\r\n\r\n";
}

std::string CheckResponse(const std::string& head, DeflateMode asked,
                          Negotiated& out) {
  static const std::string accept = AcceptFor(kKey);
  const std::string status = head.substr(0, head.find("\r\n"));
  if (status.compare(0, 12, "HTTP/1.1 101") != 0)
    return "answered '" + status + "'";
  if (Header(head, "Sec-WebSocket-Accept") != accept)
    return "wrong Sec-WebSocket-Accept";
  if (strcasecmp(Header(head, "Upgrade").c_str(), "websocket") != 0)
    return "wrong Upgrade header";
  const std::string extensions = Header(head, "Sec-WebSocket-Extensions");
  out = Negotiated();
  if (asked == DeflateMode::kOff) {
    return extensions.empty()
               ? ""
               : "an extension that was not offered: " + extensions;
  }
  out.deflate = extensions.compare(0, 18, "permessage-deflate") == 0;
  if (!out.deflate) return "did not accept permessage-deflate";
  out.server_takeover =
      extensions.find("server_no_context_takeover") == std::string::npos;
  out.client_takeover =
      extensions.find("client_no_context_takeover") == std::string::npos;
  if (extensions.find("client_max_window_bits") != std::string::npos) {
    return "asked for client_max_window_bits, which was not offered";
  }
  if (asked == DeflateMode::kFresh && out.server_takeover) {
    return "did not confirm server_no_context_takeover";
  }
  return "";
}

std::string OpeningResponse(const std::string& request_head) {
  const std::string key = Header(request_head, "Sec-WebSocket-Key");
  if (key.empty()) return "";
  return "HTTP/1.1 101 Switching Protocols\r\n"
         "Upgrade: websocket\r\n"
         "Connection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         AcceptFor(key) + "\r\n\r\n";
}

}  // namespace load
