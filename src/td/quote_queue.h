// One quote at a time: a TD has one buffer that it shares with its host.

#ifndef QUOIN_SRC_TD_QUOTE_QUEUE_H_
#define QUOIN_SRC_TD_QUOTE_QUEUE_H_

#include <cstddef>
#include <functional>
#include <memory>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/os/deadline.h"

namespace quoin::td {

// Runs jobs one after the other, in the order in which they came, on a thread of its own: a job may
// wait in the kernel for a host that does not answer, and nobody can call it back from there; its
// caller is not held up past the deadline. Thread-safe. The thread is made with the first job.
class QuoteQueue {
 public:
  using Job = std::function<Result<Bytes>()>;

  // At most `max_waiting` jobs wait behind the one that runs.
  explicit QuoteQueue(size_t max_waiting);
  // Jobs that wait are dropped. One that runs goes on by itself, so a job may own what it uses, and
  // must not borrow it.
  ~QuoteQueue();
  QuoteQueue(const QuoteQueue&) = delete;
  QuoteQueue& operator=(const QuoteQueue&) = delete;

  // What the job returns. Fails with refused when too many wait already, with timed_out at the
  // deadline (a job that has not begun will not run), with io when there is no thread to be had,
  // and with unsupported in a process that was forked since the first job: it has no such thread.
  // What the job throws is thrown here; where nobody waits any more, it is dropped.
  Result<Bytes> run(Job job, Deadline deadline);

 private:
  struct State;

  std::shared_ptr<State> state_;
};

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_QUOTE_QUEUE_H_
