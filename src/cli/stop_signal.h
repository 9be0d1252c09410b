// Stopping when the system or the user says so, without a handler.

#ifndef QUOIN_SRC_CLI_STOP_SIGNAL_H_
#define QUOIN_SRC_CLI_STOP_SIGNAL_H_

#include <pthread.h>
#include <sys/signalfd.h>

#include <csignal>

#include "src/os/unique_fd.h"

namespace quoin::cli {

// A file descriptor that can be read when SIGINT, SIGTERM or SIGHUP says that it is time to stop.
// The signals stay blocked: in the threads that are started from here too.
class StopSignal {
 public:
  StopSignal() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    descriptor_ = UniqueFd(signalfd(-1, &signals, SFD_CLOEXEC));
  }

  // -1 where the system gives none.
  int get() const { return descriptor_.get(); }

 private:
  UniqueFd descriptor_;
};

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_STOP_SIGNAL_H_
