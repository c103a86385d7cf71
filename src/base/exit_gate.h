#pragma once

namespace beastws {

// Keeps threads of ours out of libraries that take themselves apart when the
// process ends: OpenSSL does so in exit(3), which process.exit() calls while
// all threads go on. That is why this, and nothing else, is the process's. An
// object is a stay inside.
class ExitGate {
 public:
  ExitGate();
  ~ExitGate();
  ExitGate(const ExitGate&) = delete;
  ExitGate& operator=(const ExitGate&) = delete;

  // False: the process ends, and nothing may be done any more.
  bool open() const { return open_; }

 private:
  bool open_;
};

}  // namespace beastws
