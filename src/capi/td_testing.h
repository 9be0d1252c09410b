// A TD whose states a test chooses.

#ifndef QUOIN_SRC_CAPI_TD_TESTING_H_
#define QUOIN_SRC_CAPI_TD_TESTING_H_

#include <optional>
#include <string>
#include <utility>

#include "quoin/bytes.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"
#include "src/td/td.h"

namespace quoin::capi {

// Makes reports of one state, and quotes of another: as when it changes between the two. Where both
// are the same it quotes its reports. Without
// that other state there is no way to quotes. All else is unsupported.
class TestTd final : public td::Td {
 public:
  explicit TestTd(simulator::TdState reported = simulator::default_td_state(),
                  std::optional<simulator::TdState> quoted = {})
      : reported_(std::move(reported)), quoted_(std::move(quoted)) {}

  Result<Bytes> report(const ByteArray<64>& report_data) override {
    return platform_.td_report(reported_, report_data);
  }
  Result<Bytes> quote(const ByteArray<64>& report_data) override {
    if (!quoted_) return none();
    return platform_.quote(platform_.td_report(*quoted_, report_data));
  }
  Result<Bytes> quote_report(ByteView report) override {
    const auto wanted = parse_td_report(report);
    if (!quoted_ || !wanted.ok()) return none();
    const Bytes again = platform_.td_report(*quoted_, wanted->report_mac_struct.report_data);
    if (!equal(again, report)) return Error{ErrorCode::refused, "another report now"};
    return platform_.quote(report);
  }
  Result<ByteArray<48>> read_rtmr(unsigned) override { return none(); }
  Result<void> extend_rtmr(unsigned, const ByteArray<48>&) override { return none(); }
  Result<std::string> boot_id() override { return none(); }
  bool simulated() const override { return true; }

 private:
  static Error none() { return {ErrorCode::unsupported, "not asked for here"}; }

  simulator::Platform platform_{simulator::test_seed(1), simulator::kIssued};
  simulator::TdState reported_;
  std::optional<simulator::TdState> quoted_;
};

}  // namespace quoin::capi

#endif  // QUOIN_SRC_CAPI_TD_TESTING_H_
