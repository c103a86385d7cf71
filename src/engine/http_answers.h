#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace beastws {

// What a server for websockets alone answers to other requests.
namespace http_answers {

constexpr std::string_view kBadRequest =
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
constexpr std::string_view kTimeout =
    "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n";
constexpr std::string_view kTooLarge =
    "HTTP/1.1 431 Request Header Fields Too Large\r\n"
    "Connection: close\r\n\r\n";
constexpr std::string_view kClosing =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
    "Content-Type: text/html\r\nContent-Length: 19\r\n\r\n"
    "Service Unavailable";

// To a request that is no upgrade.
std::string UpgradeRequired(bool keep_alive, int64_t timeout_milliseconds,
                            bool with_body);

}  // namespace http_answers

}  // namespace beastws
