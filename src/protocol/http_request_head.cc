#include "protocol/http_request_head.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>
#include <string_view>

namespace beastws {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;

// Beast's parser, with the fields written down as they come: a container of
// fields would put those of the same name beside each other.
class HeadParser final : public http::basic_parser<true> {
 public:
  HeadParser(const HttpLimits& limits, HttpRequestHead* head)
      : max_headers_(limits.max_headers), head_(head) {
    header_limit(static_cast<std::uint32_t>(limits.max_header_size));
    skip(true);
  }

 private:
  void on_request_impl(http::verb method, beast::string_view name,
                       beast::string_view target, int version,
                       beast::error_code& error) override {
    if (method == http::verb::unknown || version < 10 || version > 11) {
      error = http::error::bad_method;
      return;
    }
    head_->connect = method == http::verb::connect;
    head_->is_head = method == http::verb::head;
    head_->is_http_1_1 = version == 11;
    Add(name);
    Add(target);
    head_->text += version == 11 ? "1\n" : "0\n";
  }

  void on_response_impl(int, beast::string_view, int,
                        beast::error_code&) override {}

  void on_field_impl(http::field field, beast::string_view name,
                     beast::string_view value,
                     beast::error_code& error) override {
    if (++headers_ > max_headers_) {
      error = http::error::header_limit;
      return;
    }
    if (field == http::field::host) head_->has_host = true;
    if (field == http::field::upgrade) has_upgrade_ = true;
    Add(name);
    Add(value);
  }

  void on_header_impl(beast::error_code&) override {
    head_->upgrade = has_upgrade_ && upgrade();
    head_->keep_alive = keep_alive();
    head_->chunked = chunked();
    head_->content_length = content_length().value_or(0);
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&,
                         beast::error_code&) override {}
  std::size_t on_body_impl(beast::string_view bytes,
                           beast::error_code&) override {
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view,
                            beast::error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes,
                                 beast::error_code&) override {
    return bytes.size();
  }
  void on_finish_impl(beast::error_code&) override {}

  // Pure in later versions of Beast, unknown to earlier ones.
  virtual void on_trailer_field_impl(http::field, beast::string_view,
                                     beast::string_view, beast::error_code&) {}

  void Add(beast::string_view text) {
    head_->text.append(text.data(), text.size());
    head_->text += '\n';
  }

  const size_t max_headers_;
  HttpRequestHead* head_;
  size_t headers_ = 0;
  bool has_upgrade_ = false;
};

HttpRequestHead::Result Parse(Bytes bytes, const HttpLimits& limits,
                              HttpRequestHead* head) {
  HeadParser parser(limits, head);
  beast::error_code error;
  const size_t size =
      parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error == http::error::header_limit) {
    return HttpRequestHead::Result::kTooLarge;
  }
  if (!parser.is_header_done()) {
    return error == http::error::need_more
               ? HttpRequestHead::Result::kIncomplete
               : HttpRequestHead::Result::kBad;
  }
  if (error && error != http::error::need_more) {
    return HttpRequestHead::Result::kBad;
  }
  head->size = size;
  return HttpRequestHead::Result::kComplete;
}

// Whether the first line alone is worth waiting for the rest.
bool IsPlausible(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 'A' || first > 'Z') return false;
  const size_t line_end = text.find('\n');
  if (line_end == std::string_view::npos) return true;
  if (text[line_end - 1] != '\r') return false;
  std::string alone(text.substr(0, line_end + 1));
  alone += "\r\n";
  HttpRequestHead ignored;
  const Bytes bytes(reinterpret_cast<const uint8_t*>(alone.data()),
                    alone.size());
  // The line itself may be what is too long, which is said later.
  return Parse(bytes, {alone.size() + 1, 1}, &ignored) !=
         HttpRequestHead::Result::kBad;
}

}  // namespace

HttpRequestHead::Result ParseHttpRequestHead(Bytes bytes, size_t scanned,
                                             const HttpLimits& limits,
                                             HttpRequestHead* head) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                              bytes.size());
  const size_t from = scanned < 3 ? 0 : scanned - 3;
  const size_t end = text.find("\r\n\r\n", from);
  if (end != std::string_view::npos) {
    if (end + 4 > limits.max_header_size) {
      return HttpRequestHead::Result::kTooLarge;
    }
    return Parse(bytes.first(end + 4), limits, head);
  }
  if (text.size() >= limits.max_header_size) {
    return HttpRequestHead::Result::kTooLarge;
  }
  const size_t line_end = text.find('\n');
  const bool first_look = scanned == 0;
  const bool line_is_new =
      line_end != std::string_view::npos && line_end >= scanned;
  if ((first_look || line_is_new) && !IsPlausible(text)) {
    return HttpRequestHead::Result::kBad;
  }
  return HttpRequestHead::Result::kIncomplete;
}

}  // namespace beastws
