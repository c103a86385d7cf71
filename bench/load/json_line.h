#pragma once

#include <cmath>
#include <cstdio>
#include <string>

namespace load {

/** One line of JSON on standard output, for the runner. */
class JsonLine {
 public:
  explicit JsonLine(const char* event) { Text("event", event); }

  JsonLine& Text(const char* name, const std::string& value) {
    Name(name);
    text_ += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') text_ += '\\';
      if (static_cast<unsigned char>(c) >= 0x20) text_ += c;
    }
    text_ += '"';
    return *this;
  }
  JsonLine& Number(const char* name, double value) {
    char digits[64];
    snprintf(digits, sizeof digits, "%.15g", std::isfinite(value) ? value : 0);
    Name(name);
    text_ += digits;
    return *this;
  }
  JsonLine& Flag(const char* name, bool value) {
    Name(name);
    text_ += value ? "true" : "false";
    return *this;
  }
  void Print() const {
    printf("{%s}\n", text_.c_str());
    fflush(stdout);
  }

 private:
  void Name(const char* name) {
    if (!text_.empty()) text_ += ',';
    text_ += '"';
    text_ += name;
    text_ += "\":";
  }

  std::string text_;
};

}  // namespace load
