#include "process_probe.h"

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

#include "clock.h"

namespace load {
namespace {

std::string ReadFile(const std::string& path) {
  std::string text;
  FILE* file = fopen(path.c_str(), "r");
  if (file == nullptr) return text;
  char part[4096];
  size_t n;
  while ((n = fread(part, 1, sizeof part, file)) > 0) text.append(part, n);
  fclose(file);
  return text;
}

}  // namespace

ProcessProbe::ProcessProbe(pid_t pid) : pid_(pid == 0 ? getpid() : pid) {
  if (clock_getcpuclockid(pid_, &clock_) != 0) {
    throw std::runtime_error("no process " + std::to_string(pid));
  }
}

Usage ProcessProbe::Read() const {
  Usage usage;
  usage.at_ns = NowNs();
  timespec t{};
  clock_gettime(clock_, &t);
  usage.cpu_ns = static_cast<uint64_t>(t.tv_sec) * kSecond +
                 static_cast<uint64_t>(t.tv_nsec);

  const std::string dir = "/proc/" + std::to_string(pid_);
  const std::string main_thread =
      ReadFile(dir + "/task/" + std::to_string(pid_) + "/schedstat");
  unsigned long long ran = 0;
  if (sscanf(main_thread.c_str(), "%llu", &ran) == 1)
    usage.main_thread_ns = ran;

  // The second field is the name in parentheses and may itself contain spaces.
  const std::string stat = ReadFile(dir + "/stat");
  const size_t name_end = stat.rfind(')');
  unsigned long long user = 0, system = 0;
  if (name_end != std::string::npos &&
      sscanf(stat.c_str() + name_end + 1,
             " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
             &system) == 2) {
    usage.user_ticks = user;
    usage.system_ticks = system;
  }
  return usage;
}

uint64_t ProcessProbe::PeakRss() const {
  const std::string status =
      ReadFile("/proc/" + std::to_string(pid_) + "/status");
  const size_t at = status.find("VmHWM:");
  unsigned long long kib = 0;
  if (at == std::string::npos) return 0;
  if (sscanf(status.c_str() + at + strlen("VmHWM:"), "%llu", &kib) != 1)
    return 0;
  return kib * 1024;
}

}  // namespace load
