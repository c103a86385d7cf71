#include "protocol/frame_gate.h"

#include <vector>

#include "targets/input.h"
#include "targets/targets.h"

namespace beastws::fuzz {

namespace {

// What bytes 2 to 10 of a header say, straight from RFC 6455, section 5.2.
uint64_t DeclaredLength(Bytes header) {
  const int seven = header[1] % 128;
  if (seven < 126) return static_cast<uint64_t>(seven);
  uint64_t length = 0;
  for (int i = 0; i < (seven == 126 ? 2 : 8); ++i) {
    length = length * 256 + header[static_cast<size_t>(2 + i)];
  }
  return length;
}

}  // namespace

void Gate(Bytes bytes) {
  Input input(bytes);
  const uint8_t flags = input.Byte();
  const Role role = flags & 1 ? Role::kClient : Role::kServer;
  ReceiveLimits limits;
  limits.max_payload = flags & 4 ? input.Word() : 0;
  limits.max_fragments = flags & 8 ? 1 + input.UpTo(5) : 0;
  FrameGate gate(role, flags & 2);

  uint64_t message = 0;    // bytes of it so far
  uint32_t fragments = 0;  // frames of it so far
  bool inside = false;
  while (!input.empty()) {
    const Bytes front = input.Take(kMaxFrameHeader);
    // Once it is decided, more bytes change nothing.
    size_t decided = 0;
    ProtocolError error;
    FrameHeader header;
    for (size_t size = 0; size <= front.size(); ++size) {
      const std::vector<uint8_t> exact(front.begin(), front.begin() + size);
      FrameHeader now;
      ProtocolError now_error;
      const size_t used = gate.Parse(exact, limits, &now, &now_error);
      Require(used <= size, "more than there is");
      Require(used == 0 || !now_error, "an error and a header");
      Require(WholeHeaderParts(exact) <= size, "parts that are not there");
      if (decided > 0) Require(used == decided, "another size");
      if (error) {
        Require(
            now_error.kind == error.kind && now_error.detail == error.detail,
            "another error");
      }
      decided = used;
      error = now_error;
      header = now;
    }
    if (error || decided == 0) return;

    Require(header.length == DeclaredLength(front), "the length");
    Require(header.fin == (front[0] >= 128), "FIN");
    Require(header.masked == (role == Role::kServer), "the mask");
    if (header.is_control()) {
      Require(header.fin && header.length <= kMaxControlPayload && !header.rsv1,
              "a control frame");
    } else {
      Require(inside == (header.opcode == Opcode::kContinuation), "opcodes");
      Require(!header.rsv1 || ((flags & 2) && !inside), "RSV1");
      message += header.length;
      ++fragments;
      Require(message <= limits.message_limit(), "the limit of bytes");
      Require(limits.max_fragments == 0 || fragments <= limits.max_fragments,
              "the limit of fragments");
      inside = !header.fin;
      if (header.fin) message = fragments = 0;
    }
    gate.Accept(header);
    Require(inside == (gate.message_opcode() != Opcode::kContinuation),
            "the message under way");
  }
}

}  // namespace beastws::fuzz
