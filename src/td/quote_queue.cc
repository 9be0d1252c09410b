#include "src/td/quote_queue.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace quoin::td {
namespace {

// A job on its way through the queue. Guarded by the queue's mutex, but for `job` while it runs.
struct Ticket {
  QuoteQueue::Job job;
  std::optional<Result<Bytes>> result;
  std::exception_ptr thrown;  // instead of a result: the job threw it

  bool over() const { return result.has_value() || thrown != nullptr; }
};

}  // namespace

// Owned by the queue and by the thread, so that the thread may outlive the queue.
struct QuoteQueue::State {
  explicit State(size_t most) : max_waiting(most) {}

  void work();

  const size_t max_waiting;
  std::mutex mutex;
  std::condition_variable came;  // a job, or the end
  std::condition_variable done;  // with a job
  std::deque<std::shared_ptr<Ticket>> waiting;
  bool busy = false;  // a job runs
  bool ending = false;
  // The process that has the thread; 0 where there is none. Of a forked one's mutex nobody knows
  // whether it is free.
  std::atomic<pid_t> thread_of{0};

  bool is_of_this_process() const { return thread_of == 0 || thread_of == getpid(); }
};

void QuoteQueue::State::work() {
  // A signal that ends the wait for the host leaves the kernel's buffer with the host, and every
  // quote that comes next waits for it. Other threads may have the signals.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);

  std::unique_lock lock(mutex);
  for (;;) {
    came.wait(lock, [this] { return ending || !waiting.empty(); });
    if (ending) return;
    const std::shared_ptr<Ticket> ticket = std::move(waiting.front());
    waiting.pop_front();
    busy = true;
    lock.unlock();
    // Nothing of ours throws, but memory may be short; and what leaves a thread ends the process.
    std::optional<Result<Bytes>> result;
    std::exception_ptr thrown;
    try {
      result = ticket->job();
    } catch (...) {
      thrown = std::current_exception();
    }
    lock.lock();
    busy = false;
    ticket->result = std::move(result);
    ticket->thrown = std::move(thrown);
    done.notify_all();
  }
}

QuoteQueue::QuoteQueue(size_t max_waiting) : state_(std::make_shared<State>(max_waiting)) {}

QuoteQueue::~QuoteQueue() {
  if (!state_->is_of_this_process()) return;
  const std::scoped_lock lock(state_->mutex);
  state_->ending = true;
  state_->came.notify_all();
}

Result<Bytes> QuoteQueue::run(Job job, Deadline deadline) {
  if (!state_->is_of_this_process()) {
    return Error{ErrorCode::unsupported,
                 "this process was forked from one that had asked for quotes",
                 "open the TD again in the new process (in C: both cleanups, then init)"};
  }
  const auto ticket = std::make_shared<Ticket>();
  ticket->job = std::move(job);
  std::unique_lock lock(state_->mutex);
  // The one at the front of an idle queue is as good as running.
  const size_t in_front = state_->waiting.size() + (state_->busy ? 1 : 0);
  if (in_front > state_->max_waiting) {
    return Error{ErrorCode::refused,
                 "too many wait for a quote: " + std::to_string(state_->waiting.size()),
                 "ask again later; one TD makes a few quotes a second"};
  }
  if (state_->thread_of == 0) {
    // The one place where the standard library says "no thread" by throwing.
    try {
      std::thread([state = state_] { state->work(); }).detach();
    } catch (const std::system_error& error) {
      return Error{ErrorCode::io, std::string("no thread for quotes: ") + error.what()};
    }
    state_->thread_of = getpid();
  }
  state_->waiting.push_back(ticket);
  state_->came.notify_one();
  if (state_->done.wait_until(lock, deadline, [&] { return ticket->over(); })) {
    if (ticket->thrown) std::rethrow_exception(std::move(ticket->thrown));
    return *std::move(ticket->result);
  }
  const auto place = std::ranges::find(state_->waiting, ticket);
  const bool begun = place == state_->waiting.end();
  if (!begun) state_->waiting.erase(place);
  return Error{ErrorCode::timed_out,
               begun ? "no quote in time" : "no quote in time: others were first"};
}

}  // namespace quoin::td
