#include "engine/http_answers.h"

#include <cstdint>
#include <ctime>

namespace beastws::http_answers {

namespace {

std::string Date() {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed",
                                          "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr",
                                            "May", "Jun", "Jul", "Aug",
                                            "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  gmtime_r(&now, &parts);
  // Not by the process's locale.
  char text[64];
  std::strftime(text, sizeof(text), " %Y %H:%M:%S GMT", &parts);
  char day[8];
  std::strftime(day, sizeof(day), ", %d ", &parts);
  return std::string(kDays[parts.tm_wday]) + day + kMonths[parts.tm_mon] + text;
}

}  // namespace

std::string UpgradeRequired(bool keep_alive, int64_t timeout_milliseconds,
                            bool with_body) {
  std::string answer =
      "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 16\r\n"
      "Content-Type: text/plain\r\nDate: " +
      Date() + "\r\n";
  if (keep_alive) {
    answer += "Connection: keep-alive\r\nKeep-Alive: timeout=" +
              std::to_string(timeout_milliseconds / 1000) + "\r\n\r\n";
  } else {
    answer += "Connection: close\r\n\r\n";
  }
  if (with_body) answer += "Upgrade Required";
  return answer;
}

}  // namespace beastws::http_answers
