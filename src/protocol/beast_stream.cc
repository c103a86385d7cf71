#include "protocol/beast_stream.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/version.hpp>
#include <cstring>
#include <string>

#if BOOST_VERSION < 108100
#error "beastws needs Boost 1.81 or newer: run `node scripts/find-boost.js`"
#endif

namespace beastws {

namespace beast = boost::beast;
namespace http = beast::http;
namespace net = boost::asio;
namespace websocket = beast::websocket;
using boost::system::error_code;

namespace {

// The sample key of RFC 6455, section 1.3. No peer ever sees it: both sides of
// the replayed handshake are here.
constexpr char kSampleKey[] = "dGhlIHNhbXBsZSBub25jZQ==";

// Beast's next layer: reads come from bytes that are already there and writes
// go to an outbox, so that the synchronous calls never block.
class MemoryLayer {
 public:
  using executor_type = net::io_context::executor_type;

  explicit MemoryLayer(executor_type executor) : executor_(executor) {}

  executor_type get_executor() { return executor_; }

  void ShowHeader(FrameHeader header) {
    body_masked_ = header.masked;
    body_phase_ = 0;
    std::memcpy(body_mask_, header.mask, sizeof(body_mask_));
    header.masked = false;
    head_size_ = WriteFrameHeader(header, head_);
    head_read_ = 0;
  }
  void ShowBody(Bytes body) {
    body_ = body;
    body_read_ = 0;
  }
  size_t body_read() const { return body_read_; }

  // What is written next is one frame, which gets a mask unless that is null.
  void WriteTo(Outbox* outbox, Bytes payload, Outbox::LoanId loan,
               const uint8_t* mask) {
    outbox_ = outbox;
    lent_ = loan != 0 && mask == nullptr ? payload : Bytes();
    loan_ = loan;
    mask_ = mask;
    mask_phase_ = 0;
    header_written_ = false;
  }

  // The handshake's text instead of frames.
  void ShowText(std::string text) {
    text_ = std::move(text);
    ShowBody({reinterpret_cast<const uint8_t*>(text_.data()), text_.size()});
  }
  const std::string& written_text() const { return written_text_; }
  void ForgetText() {
    text_ = written_text_ = std::string();
    ShowBody({});
  }

  template <class MutableBufferSequence>
  size_t read_some(const MutableBufferSequence& buffers) {
    error_code ec;
    const size_t size = read_some(buffers, ec);
    if (ec) throw boost::system::system_error(ec);
    return size;
  }

  template <class MutableBufferSequence>
  size_t read_some(const MutableBufferSequence& buffers, error_code& ec) {
    ec = {};
    if (answer_handshake_) AnswerHandshake();
    size_t size = 0;
    for (auto buffer : beast::buffers_range_ref(buffers)) {
      auto* out = static_cast<uint8_t*>(buffer.data());
      size_t room = buffer.size();
      const size_t head = std::min(room, head_size_ - head_read_);
      std::memcpy(out, head_ + head_read_, head);
      head_read_ += head;
      out += head;
      room -= head;
      const size_t body = std::min(room, body_.size() - body_read_);
      const uint8_t* in = body_.data() + body_read_;
      if (body > 0 && body_masked_) {
        CopyMasked(out, in, body, body_mask_, body_phase_);
        body_phase_ += body;
      } else if (body > 0 && out != in) {
        // A large message was received right where it belongs.
        std::memcpy(out, in, body);
      }
      body_read_ += body;
      size += head + body;
    }
    if (size == 0) ec = net::error::would_block;
    return size;
  }

  template <class ConstBufferSequence>
  size_t write_some(const ConstBufferSequence& buffers) {
    error_code ec;
    return write_some(buffers, ec);
  }

  template <class ConstBufferSequence>
  size_t write_some(const ConstBufferSequence& buffers, error_code& ec) {
    ec = {};
    size_t size = 0;
    for (auto buffer : beast::buffers_range_ref(buffers)) {
      auto* bytes = static_cast<const uint8_t*>(buffer.data());
      const size_t count = buffer.size();
      size += count;
      if (outbox_ == nullptr) {
        written_text_.append(reinterpret_cast<const char*>(bytes), count);
      } else if (count > 0 && mask_ != nullptr) {
        AppendMasked(bytes, count);
      } else if (count > 0 && IsLent(bytes, count)) {
        const bool last = bytes + count == lent_.data() + lent_.size();
        outbox_->AppendLent(bytes, count, last ? loan_ : 0);
      } else {
        outbox_->Append(bytes, count);
      }
    }
    return size;
  }

  // As a client, Beast invents the key: the answer has to wait for it.
  void AnswerNextHandshake() { answer_handshake_ = true; }

 private:
  bool IsLent(const uint8_t* bytes, size_t count) const {
    return !lent_.empty() && bytes >= lent_.data() &&
           bytes + count <= lent_.data() + lent_.size();
  }

  // Beast writes a frame's header in a buffer of its own, before the payload.
  void AppendMasked(const uint8_t* bytes, size_t count) {
    uint8_t* out = outbox_->Extend(count + (header_written_ ? 0 : 4));
    if (header_written_) {
      CopyMasked(out, bytes, count, mask_, mask_phase_);
      mask_phase_ += count;
      return;
    }
    header_written_ = true;
    std::memcpy(out, bytes, count);
    out[1] |= 0x80;
    std::memcpy(out + count, mask_, 4);
  }

  void AnswerHandshake();

  executor_type executor_;
  uint8_t head_[kMaxFrameHeader] = {};
  size_t head_size_ = 0;
  size_t head_read_ = 0;
  Bytes body_;
  size_t body_read_ = 0;
  bool body_masked_ = false;
  uint8_t body_mask_[4] = {};
  uint64_t body_phase_ = 0;
  Outbox* outbox_ = nullptr;
  Bytes lent_;
  Outbox::LoanId loan_ = 0;
  const uint8_t* mask_ = nullptr;
  uint64_t mask_phase_ = 0;
  bool header_written_ = false;
  std::string text_;
  std::string written_text_;
  bool answer_handshake_ = false;
};

[[maybe_unused]] void beast_close_socket(MemoryLayer&) {}

void teardown(beast::role_type, MemoryLayer&, error_code& ec) { ec = {}; }

// Compression is not Beast's stream's business here: see permessage_deflate.h.
using Stream = websocket::stream<MemoryLayer, false>;

void OpenAsServer(Stream& stream, const std::string& key) {
  http::request<http::empty_body> request{http::verb::get, "/", 11};
  request.set(http::field::host, "memory");
  request.set(http::field::upgrade, "websocket");
  request.set(http::field::connection, "Upgrade");
  request.set(http::field::sec_websocket_key, key);
  request.set(http::field::sec_websocket_version, "13");
  stream.accept(request);
}

void MemoryLayer::AnswerHandshake() {
  answer_handshake_ = false;
  constexpr char kField[] = "Sec-WebSocket-Key: ";
  const size_t at = written_text_.find(kField) + sizeof(kField) - 1;
  const std::string key = written_text_.substr(at, sizeof(kSampleKey) - 1);
  Stream answerer(executor_);
  OpenAsServer(answerer, key);
  ShowText(answerer.next_layer().written_text());
}

}  // namespace

struct StreamContext {
  // A stream's timer brings Asio's reactor, which takes descriptors and memory.
  // Where there are none, it must be found out here: a stream that cannot be
  // constructed stays in the list of Beast's service.
  StreamContext() { net::steady_timer timer(io_context); }

  net::io_context io_context{1};
};

struct BeastStream::Impl {
  Impl(Use use, StreamContext& context)
      : stream(context.io_context.get_executor()) {
    if (use == Use::kWriting) {
      OpenAsServer(stream, kSampleKey);
    } else {
      stream.next_layer().AnswerNextHandshake();
      stream.handshake("memory", "/");
    }
    stream.next_layer().ForgetText();
    stream.auto_fragment(false);
    // The gate has seen the declared length before Beast sees the frame.
    stream.read_message_max(0);
  }

  Stream stream;
};

BeastStream::BeastStream(Use use, StreamContext& context)
    : impl_(std::make_unique<Impl>(use, context)) {}

BeastStream::~BeastStream() = default;

void BeastStream::BeginFrame(const FrameHeader& header) {
  impl_->stream.next_layer().ShowHeader(header);
}

BeastStream::ReadResult BeastStream::ReadSome(Bytes input, MutableBytes out,
                                              size_t* consumed) {
  Stream& stream = impl_->stream;
  stream.next_layer().ShowBody(input);
  // Beast reads ahead, so that one call may leave bytes in its own buffer
  // that the layer counts as read: go on until they are out.
  ReadResult result;
  uint8_t spare;
  do {
    const size_t room = out.size() - result.size;
    error_code ec;
    // Beast asserts on an empty buffer; an empty frame needs none.
    result.size += stream.read_some(
        net::mutable_buffer(room > 0 ? out.data() + result.size : &spare,
                            room > 0 ? room : 1),
        ec);
    if (ec) {
      result.status = ec == websocket::error::bad_frame_payload
                          ? ReadStatus::kInvalidUtf8
                          : ReadStatus::kRefused;
      break;
    }
    if (stream.is_message_done()) {
      result.status = ReadStatus::kMessageDone;
      break;
    }
  } while (result.size < input.size());
  *consumed = stream.next_layer().body_read();
  return result;
}

void BeastStream::WriteSome(Opcode opcode, bool fin, Bytes payload,
                            Outbox::LoanId loan, const uint8_t* mask,
                            Outbox* outbox) {
  Stream& stream = impl_->stream;
  stream.binary(opcode == Opcode::kBinary);
  stream.next_layer().WriteTo(outbox, payload, loan, mask);
  error_code ec;
  stream.write_some(fin, net::const_buffer(payload.data(), payload.size()), ec);
  // A stream that fails writes a close frame of its own: to nowhere.
  stream.next_layer().WriteTo(nullptr, {}, 0, nullptr);
}

StreamPool::StreamPool() {
  // So that giving a stream back cannot fail.
  readers_.reserve(kMaxIdle);
  writers_.reserve(kMaxIdle);
}

StreamPool::~StreamPool() = default;

void StreamPool::Prepare() {
  if (!context_) context_ = std::make_unique<StreamContext>();
}

std::unique_ptr<BeastStream> StreamPool::Take(BeastStream::Use use) {
  auto& list = List(use);
  if (list.empty()) {
    Prepare();
    return std::make_unique<BeastStream>(use, *context_);
  }
  auto stream = std::move(list.back());
  list.pop_back();
  return stream;
}

void StreamPool::Give(BeastStream::Use use,
                      std::unique_ptr<BeastStream> stream) {
  auto& list = List(use);
  if (list.size() < kMaxIdle) list.push_back(std::move(stream));
}

}  // namespace beastws
