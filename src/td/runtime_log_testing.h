// What the tests of the runtime log share.

#ifndef QUOIN_SRC_TD_RUNTIME_LOG_TESTING_H_
#define QUOIN_SRC_TD_RUNTIME_LOG_TESTING_H_

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "src/td/runtime_log.h"
#include "src/td/samples_testing.h"

namespace quoin::td {

inline RuntimeEvent event(std::string name, std::string_view payload = "payload") {
  const ByteView bytes = as_bytes(payload);
  return {.name = std::move(name), .payload = Bytes(bytes.begin(), bytes.end())};
}

using Names = std::vector<std::string>;

// A log's directory for each test.
class WithLog : public WithDirectory {
 protected:
  void SetUp() override {
    WithDirectory::SetUp();
    options_.directory = path("log");
    options_.lock_timeout = long_enough();
  }

  RuntimeLog log(Td& td) const { return RuntimeLog(td, options_); }
  std::string journal_path() const { return options_.directory + "/log"; }
  std::string journal() const { return std::string(as_text(testing_files::read(journal_path()))); }

  // The names of what the log says, and that it replays to the register.
  Names names(Td& td) const {
    const Result<RuntimeEventLog> events = log(td).events();
    EXPECT_TRUE(events.ok()) << events.error().what;
    Names names;
    if (!events.ok()) return names;
    EXPECT_EQ(events->replayed_rtmr3(), td.read_rtmr(kRuntimeRtmr).value());
    for (const RuntimeEvent& one : events->events()) names.push_back(one.name);
    return names;
  }

  RuntimeLogOptions options_;
};

// Runs `work` in a child that is killed as its step number `step` begins, and must otherwise come
// to its end. Returns whether it was killed.
inline bool killed_at(int step,
                      const std::function<void(std::function<void(std::string_view)>)>& work) {
  const pid_t child = fork();
  if (child == 0) {
    int steps = 0;
    work([&](std::string_view) {
      if (steps++ == step) raise(SIGKILL);
    });
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  EXPECT_TRUE(killed || status == 0) << step;
  return killed;
}

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_RUNTIME_LOG_TESTING_H_
