#include "child_process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

namespace load {

void PrepareProcess() {
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

void InputEnd::OnEvents(uint32_t) {
  char part[256];
  if (read(STDIN_FILENO, part, sizeof part) <= 0) _exit(0);
}

void PrintPort(uint16_t port) {
  printf("{\"port\":%d}\n", port);
  fflush(stdout);
}

}  // namespace load
