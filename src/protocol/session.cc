#include "protocol/session.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

#include "protocol/close_code.h"
#include "protocol/utf8.h"

namespace beastws {

using Kind = ProtocolErrorKind;

Session::Session(SessionPools& pools, const Options& options)
    : pools_(pools),
      role_(options.role),
      deflate_params_(options.deflate),
      limits_(options.limits),
      gate_(options.role, options.deflate.has_value()) {}

Session::~Session() = default;

void Session::Receive(std::initializer_list<Bytes> pieces,
                      SessionEvents& events) {
  size_t size = 0;
  for (const Bytes piece : pieces) size += piece.size();
  if (phase_ == Phase::kFinished || size == 0) return;
  if (limits_.max_chunks > 0 && chunks_ >= limits_.max_chunks) {
    Fail({Kind::kTooManyChunks}, events);
    return;
  }
  ++chunks_;
  try {
    for (Bytes bytes : pieces) {
      while (!bytes.empty() && phase_ != Phase::kFinished) {
        const size_t used = ReadPart(bytes, events);
        bytes = bytes.subspan(used);
        size -= used;
        // What is left of this read is the first chunk of the next part.
        if (chunks_ == 0 && size > 0) chunks_ = 1;
      }
    }
  } catch (const std::exception&) {
    // No memory. Or no descriptors, which the first stream needs.
    Fail({Kind::kNoResources}, events);
  }
}

Session::Forecast Session::NextMessage() const {
  if (last_size_ == 0 || phase_ != Phase::kHeader || !stash_.empty() ||
      gate_.message_opcode() != Opcode::kContinuation) {
    return {};
  }
  FrameHeader header;
  header.length = last_size_;
  header.masked = role_ == Role::kServer;
  uint8_t bytes[kMaxFrameHeader];
  return {WriteFrameHeader(header, bytes), last_size_};
}

void Session::ReceiveForecast(Bytes header, ByteBuffer* memory, size_t size,
                              Bytes rest, SessionEvents& events) {
  const Bytes payload(memory->data(), size);
  FrameHeader frame;
  ProtocolError error;
  const bool fits =
      size > 0 && gate_.Parse(header, limits_, &frame, &error) == header.size();
  if (fits && !frame.is_control() && !frame.rsv1 &&
      frame.opcode != Opcode::kContinuation && frame.length >= kOwnMemoryMin &&
      frame.length >= size) {
    expected_ = std::move(*memory);
  }
  Receive({header, payload, rest}, events);
}

size_t Session::ReadPart(Bytes bytes, SessionEvents& events) {
  switch (phase_) {
    case Phase::kHeader:
      return ReadHeader(bytes, events);
    case Phase::kControl:
      return ReadControl(bytes, events);
    case Phase::kData:
      return ReadData(bytes, events);
    case Phase::kFinished:
      break;
  }
  return bytes.size();
}

size_t Session::ReadHeader(Bytes bytes, SessionEvents& events) {
  ProtocolError error;
  size_t used;
  if (stash_.empty()) {
    used = gate_.Parse(bytes, limits_, &frame_, &error);
    if (used == 0 && !error) {
      StashHeader(bytes);
      return bytes.size();
    }
  } else {
    const size_t stashed = stash_.size();
    const size_t more = std::min(bytes.size(), kMaxFrameHeader - stashed);
    StashHeader(bytes.first(more));
    const size_t size =
        gate_.Parse({stash_.data(), stash_.size()}, limits_, &frame_, &error);
    if (size == 0 && !error) return more;
    used = error ? 0 : size - stashed;
    stash_.Reset();
  }
  if (error) {
    Fail(error, events);
    return 0;
  }
  chunks_ = 0;
  remaining_ = frame_.length;
  if (frame_.is_control()) {
    phase_ = Phase::kControl;
    if (remaining_ == 0) HandleControl({}, events);
  } else {
    gate_.Accept(frame_);
    phase_ = Phase::kData;
    BeginDataFrame();
    if (remaining_ == 0) ReadData({}, events);
  }
  return used;
}

// Keeps the beginning of a header until the rest comes.
void Session::StashHeader(Bytes bytes) {
  const size_t before = WholeHeaderParts({stash_.data(), stash_.size()});
  stash_.Append(bytes.data(), bytes.size());
  const size_t after = WholeHeaderParts({stash_.data(), stash_.size()});
  if (after > before) chunks_ = stash_.size() > after ? 1 : 0;
}

size_t Session::ReadControl(Bytes bytes, SessionEvents& events) {
  const size_t used = std::min<uint64_t>(bytes.size(), remaining_);
  remaining_ -= used;
  if (remaining_ > 0) {
    stash_.Append(bytes.data(), used);
    return used;
  }
  uint8_t payload[kMaxControlPayload];
  const size_t stashed = stash_.size();
  if (stashed > 0) std::memcpy(payload, stash_.data(), stashed);
  std::memcpy(payload + stashed, bytes.data(), used);
  stash_.Reset();
  const size_t size = stashed + used;
  if (frame_.masked) ApplyMask(payload, size, frame_.mask);
  HandleControl({payload, size}, events);
  return used;
}

void Session::HandleControl(Bytes payload, SessionEvents& events) {
  phase_ = Phase::kHeader;
  chunks_ = 0;
  if (frame_.opcode != Opcode::kClose) {
    events.OnControl(frame_.opcode, payload);
    return;
  }
  if (payload.empty()) {
    Finish();
    events.OnClose(kNoStatusReceived, {});
    return;
  }
  const uint16_t code = static_cast<uint16_t>(payload[0] << 8 | payload[1]);
  const Bytes reason = payload.subspan(2);
  if (!IsValidCloseCode(code)) {
    Fail({Kind::kInvalidCloseCode, code}, events);
  } else if (!limits_.skip_utf8_validation && !IsValidUtf8(reason)) {
    Fail({Kind::kInvalidUtf8}, events);
  } else {
    Finish();
    events.OnClose(code, reason);
  }
}

void Session::BeginDataFrame() {
  if (frame_.opcode != Opcode::kContinuation) {
    text_ = frame_.opcode == Opcode::kText;
    shown_to_beast_ = false;
    message_.Clear();
    if (expected_.capacity() > 0) {
      message_ = std::move(expected_);
      expected_.Reset();
    } else if (frame_.rsv1) {
      message_ = std::move(pools_.message);
    }
    fragments_.clear();
  }
  fragment_start_ = message_.size();
  frame_pending_ = true;
}

// Beast reads a header only together with something to return for it: empty
// frames that end nothing are kept from it, and the opcode moves to the next.
void Session::ShowFrameToBeast() {
  FrameHeader header = frame_;
  if (!shown_to_beast_) {
    const bool as_text = text_ && !limits_.skip_utf8_validation;
    header.opcode = as_text ? Opcode::kText : Opcode::kBinary;
  } else {
    header.opcode = Opcode::kContinuation;
  }
  header.rsv1 = false;
  if (!reader_) reader_ = pools_.streams.Take(BeastStream::Use::kReading);
  reader_->BeginFrame(header);
  shown_to_beast_ = true;
  frame_pending_ = false;
}

size_t Session::ReadData(Bytes bytes, SessionEvents& events) {
  const size_t used = std::min<uint64_t>(bytes.size(), remaining_);
  const Bytes payload = bytes.first(used);
  remaining_ -= used;
  if (gate_.message_compressed()) {
    if (!ReadCompressed(payload, events)) return used;
  } else {
    const bool whole = frame_.opcode != Opcode::kContinuation && frame_.fin &&
                       used == frame_.length && used < kOwnMemoryMin;
    if (whole) {
      ReadWholeMessage(payload, events);
      return used;
    }
    if (!ReadPlain(payload, events)) return used;
  }
  if (remaining_ == 0) EndDataFrame(events);
  return used;
}

// The common case: a small message in one frame that is all there, unmasked
// straight into the batch. The gate has checked its header, and there is no
// state to keep: to show it to a stream of Beast would cost more than all the
// rest.
bool Session::ReadWholeMessage(Bytes bytes, SessionEvents& events) {
  uint8_t* out = events.BeginMessage(bytes.size());
  phase_ = Phase::kHeader;
  chunks_ = 0;
  if (frame_.masked) {
    CopyMasked(out, bytes.data(), bytes.size(), frame_.mask, 0);
  } else if (!bytes.empty()) {
    std::memcpy(out, bytes.data(), bytes.size());
  }
  if (text_ && !limits_.skip_utf8_validation &&
      !IsValidUtf8({out, bytes.size()})) {
    events.DropMessage();
    Fail({Kind::kInvalidUtf8}, events);
    return false;
  }
  events.EndMessage(!text_);
  return true;
}

bool Session::ReadPlain(Bytes bytes, SessionEvents& events) {
  if (bytes.empty()) return true;
  // Memory follows what has arrived, not what a header promises.
  constexpr uint64_t kMaxAhead = 1024 * 1024;
  const uint64_t ahead = std::max<uint64_t>(kMaxAhead, message_.size());
  const uint64_t wanted = std::min(bytes.size() + remaining_, ahead);
  const size_t size = message_.size();
  // Bytes received straight into the message must not move under our feet.
  if (message_.capacity() - size < bytes.size()) {
    if (size == 0) {
      message_.Reserve(std::max<uint64_t>(wanted, bytes.size()));
    } else {
      message_.Prepare(std::max<uint64_t>(wanted, bytes.size()));
    }
  }
  if (frame_pending_) ShowFrameToBeast();
  size_t consumed;
  const auto result = reader_->ReadSome(
      bytes, {message_.data() + size, bytes.size()}, &consumed);
  message_.Commit(result.size);
  switch (result.status) {
    case BeastStream::ReadStatus::kInvalidUtf8:
      Fail({Kind::kInvalidUtf8}, events);
      return false;
    case BeastStream::ReadStatus::kRefused:
      Fail({Kind::kInternal}, events);
      return false;
    default:
      return true;
  }
}

bool Session::ReadCompressed(Bytes bytes, SessionEvents& events) {
  const bool last = frame_.fin && remaining_ == 0;
  if (bytes.empty() && !last) return true;
  // Unmasked in a copy: the bytes may be JavaScript's.
  ByteBuffer& unmasked = pools_.scratch;
  if (frame_.masked) {
    unmasked.Clear();
    const uint64_t phase = frame_.length - remaining_ - bytes.size();
    CopyMasked(unmasked.Prepare(bytes.size()), bytes.data(), bytes.size(),
               frame_.mask, phase);
    unmasked.Commit(bytes.size());
    bytes = {unmasked.data(), unmasked.size()};
  }
  const ProtocolError error =
      inflater().Write(bytes, last, limits_.message_limit(), &message_);
  if (unmasked.capacity() > kMaxScratch) unmasked.Reset();
  if (error) {
    Fail(error, events);
    return false;
  }
  if (last) {
    const bool keep = role_ == Role::kServer
                          ? !deflate_params_->client_no_context_takeover
                          : !deflate_params_->server_no_context_takeover;
    if (!keep) inflater_.reset();
    if (text_ && !limits_.skip_utf8_validation &&
        !IsValidUtf8({message_.data(), message_.size()})) {
      Fail({Kind::kInvalidUtf8}, events);
      return false;
    }
  }
  return true;
}

void Session::EndDataFrame(SessionEvents& events) {
  phase_ = Phase::kHeader;
  chunks_ = 0;
  const size_t size = message_.size() - fragment_start_;
  const bool single = frame_.fin && frame_.opcode != Opcode::kContinuation;
  if (size > 0 && !single) fragments_.push_back(static_cast<uint32_t>(size));
  if (!frame_.fin) return;

  if (shown_to_beast_ && frame_pending_) {
    // An empty final frame: Beast ends the message without looking whether a
    // character of it is cut off.
    ShowFrameToBeast();
    uint8_t none;
    size_t consumed;
    reader_->ReadSome({}, {&none, 0}, &consumed);
    if (text_ && !limits_.skip_utf8_validation &&
        !IsValidUtf8({message_.data(), message_.size()})) {
      Fail({Kind::kInvalidUtf8}, events);
      return;
    }
  }
  if (reader_)
    pools_.streams.Give(BeastStream::Use::kReading, std::move(reader_));
  std::vector<uint32_t> fragments;
  if (fragments_.size() > 1) fragments.swap(fragments_);
  const bool alike = single && !frame_.rsv1 && size >= kOwnMemoryMin;
  last_size_ = alike ? static_cast<uint32_t>(size) : 0;
  fragments_ = {};
  events.OnMessage(!text_, std::move(message_), std::move(fragments));
  // It was copied if it was small.
  message_.Clear();
  if (message_.capacity() <= kMaxScratch) pools_.message = std::move(message_);
  message_.Reset();
}

MutableBytes Session::DirectBuffer(size_t min_size, size_t max_size) {
  if (phase_ != Phase::kData || gate_.message_compressed() || frame_pending_ ||
      remaining_ < min_size) {
    return {};
  }
  const size_t ahead = std::min<uint64_t>(
      {remaining_, max_size, std::max<uint64_t>(min_size, message_.size())});
  if (message_.capacity() - message_.size() < ahead) {
    const uint64_t more = std::max<uint64_t>(1024 * 1024, message_.size());
    message_.Reserve(message_.size() + std::min(remaining_, more));
  }
  const size_t room = message_.capacity() - message_.size();
  return {message_.data() + message_.size(),
          std::min<uint64_t>({room, remaining_, max_size})};
}

void Session::Fail(ProtocolError error, SessionEvents& events) {
  Finish();
  events.OnError(error);
}

void Session::Finish() {
  phase_ = Phase::kFinished;
  stash_.Reset();
  message_.Reset();
  expected_.Reset();
  fragments_ = {};
  inflater_.reset();
  // With half a message in it, it is of no use to anybody.
  reader_.reset();
}

Inflater& Session::inflater() {
  if (!inflater_) {
    inflater_ = std::make_unique<Inflater>(
        role_ == Role::kServer ? deflate_params_->client_max_window_bits
                               : deflate_params_->server_max_window_bits);
  }
  return *inflater_;
}

}  // namespace beastws
