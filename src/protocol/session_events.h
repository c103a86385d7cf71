#pragma once

#include <cstdint>
#include <vector>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "protocol/frame.h"
#include "protocol/protocol_error.h"

namespace beastws {

// Who is told what a session reads. Called from inside Session::Receive(), in
// the order of the wire. OnClose() and OnError() are the last calls.
class SessionEvents {
 public:
  // A message of `size` bytes is about to be read: where to? Followed by
  // EndMessage() or DropMessage() before anything else.
  virtual uint8_t* BeginMessage(size_t size) = 0;
  virtual void EndMessage(bool binary) = 0;
  virtual void DropMessage() = 0;

  // A message that came in pieces or is large. `fragments` holds the sizes of
  // its data frames if there were several, otherwise nothing.
  virtual void OnMessage(bool binary, ByteBuffer&& data,
                         std::vector<uint32_t>&& fragments) = 0;

  // A ping or a pong.
  virtual void OnControl(Opcode opcode, Bytes payload) = 0;

  // The peer's close frame; 1005 when it held no code.
  virtual void OnClose(uint16_t code, Bytes reason) = 0;

  virtual void OnError(const ProtocolError& error) = 0;

 protected:
  ~SessionEvents() = default;
};

}  // namespace beastws
