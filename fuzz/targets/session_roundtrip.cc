#include <string>
#include <vector>

#include "targets/checked_events.h"
#include "targets/input.h"
#include "targets/targets.h"

namespace beastws::fuzz {

namespace {

// Bytes that the input chooses, up to a hundred thousand of them.
std::string MakePayload(Input& input, bool text) {
  const uint8_t how = input.Byte();
  const Bytes seed = input.Take(input.Byte());
  const size_t repeat = how & 1 ? size_t{1} << (how >> 5) : 1;
  std::string payload;
  uint32_t state = how;
  for (size_t round = 0; round < repeat; ++round) {
    for (const uint8_t byte : seed) {
      state = state * 1664525u + 1013904223u;
      const uint32_t noise = how & 2 ? state >> 12 : 0;
      if (!text) {
        payload += static_cast<char>(byte ^ noise);
        continue;
      }
      // Each byte is a character of 1 to 4 bytes.
      const uint32_t low = (byte ^ noise) & 63;
      const auto add = [&](uint32_t value) {
        payload += static_cast<char>(value);
      };
      switch (byte >> 6) {
        case 0:
          add(low);
          break;
        case 1:
          add(0xc2 + (low & 15));
          add(0x80 + low);
          break;
        case 2:
          add(0xe1 + (low & 7));
          add(0x80 + low);
          add(0x80 + low);
          break;
        default:
          add(0xf1 + (low & 1));
          add(0x80 + low);
          add(0x80 + low);
          add(0x80 + low);
      }
    }
  }
  return payload;
}

// One end of the connection and what is on its way from it.
struct End {
  End(Role role, const Session::Options& options)
      : role(role), session(Pools(), options), events(&options.limits) {}

  const Role role;
  Session session;
  CheckedEvents events;
  Outbox outbox;
  std::string wire;                   // from here, not yet delivered
  std::vector<std::string> expected;  // what the other end will report
  bool over = false;                  // what follows will not be reported
  bool broken = false;                // nonsense is on the wire
  Outbox::LoanId loans = 0;
  Outbox::LoanId returned = 0;

  void Expect(std::string line) {
    if (!over) expected.push_back(std::move(line));
  }

  // From the outbox to the wire, in parts, as a socket would take it.
  void Write(Input& input) {
    while (!outbox.empty()) {
      const size_t size = std::min<size_t>(
          outbox.size(), input.Bit() ? 1 + input.Byte() : SIZE_MAX);
      size_t left = size;
      outbox.Gather(4, [&](size_t, const uint8_t* data, size_t count) {
        count = std::min(count, left);
        wire.append(reinterpret_cast<const char*>(data), count);
        left -= count;
      });
      outbox.Consume(size - left, [this](Outbox::LoanId loan) {
        if (loan == 0) return;
        Require(loan == ++returned, "loans come back in order");
      });
    }
    Require(returned == loans, "a loan is not over");
  }
};

class Conversation {
 public:
  explicit Conversation(Input& input) : input_(input) {
    const uint8_t flags = input.Byte();
    server_ = MakeEnd(Role::kServer, flags);
    client_ = MakeEnd(Role::kClient, flags);
  }

  void Run() {
    while (!input_.empty()) {
      End& from = input_.Bit() ? *server_ : *client_;
      switch (input_.UpTo(7)) {
        case 0:
          SendControl(from);
          break;
        case 1:
          Close(from);
          break;
        case 2:
          Break(from);
          break;
        default:
          SendMessage(from);
      }
    }
    Deliver(*server_, *client_, true);
    Deliver(*client_, *server_, true);
    Compare(*server_, *client_);
    Compare(*client_, *server_);
  }

 private:
  std::unique_ptr<End> MakeEnd(Role role, uint8_t flags) {
    Session::Options options;
    options.role = role;
    if (flags & 1) {
      DeflateParams params;
      params.server_no_context_takeover = flags & 2;
      params.client_no_context_takeover = flags & 4;
      const uint8_t bits =
          role == Role::kServer ? (bits_ = input_.Byte()) : bits_;
      params.server_max_window_bits = 8 + bits % 8;
      params.client_max_window_bits = 8 + bits / 8 % 8;
      params.level = static_cast<int>(input_.UpTo(9));
      params.memory_level = 1 + static_cast<int>(input_.UpTo(8));
      options.deflate = params;
    }
    auto& kept = options_[role == Role::kServer ? 0 : 1] = options;
    return std::make_unique<End>(role, kept);
  }

  void SendMessage(End& from) {
    const uint8_t how = input_.Byte();
    const bool text = how & 1;
    const bool compress = how & 2;
    const bool lend = how & 4;
    const uint32_t count = how & 8 ? 1 + input_.UpTo(5) : 1;
    const std::string payload = MakePayload(input_, text);
    std::string line = (text ? "text " : "binary ") + payload;
    std::string sizes;
    int pieces = 0;
    std::string_view rest = payload;
    // Known only when all of it is sent: control frames come before it.
    for (uint32_t i = 0; i < count; ++i) {
      const bool fin = i + 1 == count;
      const std::string_view piece =
          rest.substr(0, fin ? rest.size() : input_.Word());
      rest.remove_prefix(piece.size());
      if (!piece.empty()) {
        ++pieces;
        sizes += "+" + std::to_string(piece.size());
      }
      Session::OutgoingFrame frame;
      frame.opcode = i > 0  ? Opcode::kContinuation
                     : text ? Opcode::kText
                            : Opcode::kBinary;
      frame.fin = fin;
      frame.compress = compress;
      frame.masked = from.role == Role::kClient;
      frame.payload = {reinterpret_cast<const uint8_t*>(piece.data()),
                       piece.size()};
      if (lend) frame.loan = ++from.loans;
      const uint8_t mask[4] = {input_.Byte(), how, 3, 4};
      if (frame.masked && (how & 16)) frame.mask = mask;
      from.session.SendData(frame, &from.outbox);
      from.Write(input_);
      if (fin) from.Expect(line + (pieces > 1 ? sizes : ""));
      if (how & 32) {
        if (!fin && input_.Bit()) SendControl(from);
        End& reader = input_.Bit() ? *server_ : *client_;
        Deliver(Other(reader), reader, false);
      }
    }
  }

  void SendControl(End& from) {
    const bool ping = input_.Bit();
    const Bytes payload = input_.Take(input_.UpTo(kMaxControlPayload));
    from.session.SendControl(ping ? Opcode::kPing : Opcode::kPong, payload,
                             from.role == Role::kClient, nullptr, &from.outbox);
    from.Write(input_);
    std::string line = ping ? "ping " : "pong ";
    line.append(reinterpret_cast<const char*>(payload.data()), payload.size());
    from.Expect(std::move(line));
  }

  void Close(End& from) {
    const uint16_t code = static_cast<uint16_t>(3000 + input_.UpTo(1999));
    std::string reason = MakePayload(input_, true);
    if (reason.size() > 100) reason.clear();
    std::string payload = {static_cast<char>(code >> 8),
                           static_cast<char>(code)};
    payload += reason;
    from.session.SendControl(
        Opcode::kClose,
        {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()},
        from.role == Role::kClient, nullptr, &from.outbox);
    from.Write(input_);
    from.Expect("close " + std::to_string(code) + " " + reason);
    from.over = true;
  }

  // Something that no peer may send. What the other end was about to say must
  // not suffer from it.
  void Break(End& from) {
    if (from.over) return;
    from.wire += from.role == Role::kClient ? "\x8b\x80...." : "\x8b";
    from.wire += '\0';
    from.over = from.broken = true;
  }

  End& Other(End& end) { return &end == server_.get() ? *client_ : *server_; }

  void Deliver(End& from, End& to, bool all) {
    const size_t size = all ? from.wire.size()
                            : std::min<size_t>(from.wire.size(), input_.Word());
    Feed(to.session, to.events,
         {reinterpret_cast<const uint8_t*>(from.wire.data()), size},
         [&]() -> size_t {
           const uint8_t step = input_.Byte();
           return step == 0 ? SIZE_MAX : step;
         });
    from.wire.erase(0, size);
  }

  void Compare(const End& from, const End& to) {
    const auto& lines = to.events.report.lines;
    const auto& expected = from.expected;
    Require(lines.size() == expected.size() + (from.broken ? 1 : 0),
            "another number of events");
    Require(std::equal(expected.begin(), expected.end(), lines.begin()),
            "something else arrived");
    if (from.broken) {
      Require(lines.back().starts_with("error 3/11"), "not the error");
    }
  }

  Input& input_;
  Session::Options options_[2];
  uint8_t bits_ = 0;
  std::unique_ptr<End> server_;
  std::unique_ptr<End> client_;
};

}  // namespace

void SessionRoundtrip(Bytes bytes) {
  Input input(bytes);
  Conversation(input).Run();
}

}  // namespace beastws::fuzz
