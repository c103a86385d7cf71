#pragma once

#include <string>

namespace load {

/** What permessage-deflate a run asks for. */
enum class DeflateMode { kOff, kTakeover, kFresh };

/** What a server agreed to. */
struct Negotiated {
  bool deflate = false;
  bool server_takeover = true;
  bool client_takeover = true;
};

/** The client's opening request; `path` begins with a slash. */
std::string OpeningRequest(const std::string& path, DeflateMode deflate);

/**
 * Checks a response head (up to and with the empty line) against RFC 6455.
 * Returns an empty string, or what is wrong with it.
 */
std::string CheckResponse(const std::string& head, DeflateMode asked,
                          Negotiated& out);

/** The server's answer to a request head; empty if the request is not an
 * upgrade. */
std::string OpeningResponse(const std::string& request_head);

}  // namespace load
