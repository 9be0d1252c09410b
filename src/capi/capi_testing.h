// What the tests of this room share: settings that are gone after each test, and what the library
// said.

#ifndef QUOIN_SRC_CAPI_CAPI_TESTING_H_
#define QUOIN_SRC_CAPI_CAPI_TESTING_H_

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "src/capi/session.h"
#include "src/simulator/directory_testing.h"
#include "tdx_attestation.h"
#include "tdx_security.h"

namespace quoin::capi {

// That TD in the place of the one that tdx_security_init() opens. It answers at once, or throws.
inline SecurityTd security_td(std::shared_ptr<td::Td> td) {
  return {.td = td, .until = [td](Deadline) { return td; }};
}

// Begins and ends with nothing set and nothing initialised. Until a test says otherwise the TD's
// root is an empty directory: no TD, on every machine.
class CapiTest : public testing::Test {
 protected:
  struct Report {
    std::string function;
    int code = 0;
    std::string reason;
    std::string hint;
  };

  void SetUp() override {
    clear();
    tdx_set_reporter(record, this);
    ASSERT_EQ(tdx_set_td_root(directory_.path().c_str()), TDX_SUCCESS);
  }
  void TearDown() override { clear(); }

  // What the last failure was.
  Report last() {
    const std::lock_guard lock(mutex_);
    return reports_.empty() ? Report() : reports_.back();
  }
  size_t report_count() {
    const std::lock_guard lock(mutex_);
    return reports_.size();
  }

  simulator::TestDirectory directory_;

 private:
  static void record(void* self, const char* function, int code, const char* reason,
                     const char* hint) {
    auto* const test = static_cast<CapiTest*>(self);
    const std::lock_guard lock(test->mutex_);
    test->reports_.push_back({function, code, reason, hint});
  }

  static void clear() {
    tdx_security_cleanup();
    tdx_attestation_cleanup();
    ASSERT_TRUE(change_session([](Session& session) -> Result<void> {
                  session = Session();
                  return {};
                }).ok());
  }

  std::mutex mutex_;
  std::vector<Report> reports_;
};

}  // namespace quoin::capi

#endif  // QUOIN_SRC_CAPI_CAPI_TESTING_H_
