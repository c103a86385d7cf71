#pragma once

#include "loop.h"

namespace load {

/**
 * What every program here does first: it dies with the runner, ignores SIGPIPE
 * and may open as many files as the system lets it.
 */
void PrepareProcess();

/** Ends a server when the runner closes its standard input. */
class InputEnd : public Pollable {
 public:
  void OnEvents(uint32_t events) override;
};

/** Tells the runner on which port a server listens. */
void PrintPort(uint16_t port);

}  // namespace load
