// Real quotes and Intel's collateral against the answers of Intel's own library.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "quoin/verifier.h"
#include "src/base/json.h"
#include "src/base/testing_files.h"
#include "src/verify/evidence_testing.h"

namespace quoin {
namespace {

// What Intel's library calls the statuses that we give Intel's other names.
const std::map<std::string_view, TcbStatus> kIntelStatuses = {
    {"STATUS_OK", TcbStatus::up_to_date},
    {"STATUS_TCB_OUT_OF_DATE", TcbStatus::out_of_date},
    {"STATUS_TCB_SW_HARDENING_NEEDED", TcbStatus::sw_hardening_needed},
    {"STATUS_TCB_CONFIGURATION_NEEDED", TcbStatus::configuration_needed},
    {"STATUS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED",
     TcbStatus::configuration_and_sw_hardening_needed},
    {"STATUS_TCB_TD_RELAUNCH_ADVISED", TcbStatus::td_relaunch_advised},
    {"STATUS_TCB_NOT_SUPPORTED", TcbStatus::not_supported},
};

class Vectors : public testing::Test {
 protected:
  void SetUp() override {
    manifest_bytes_ = testing_files::read(testing_files::vectors() / "manifest.json");
    if (manifest_bytes_.empty()) {
      GTEST_SKIP() << "no real vectors at " << testing_files::vectors()
                   << " (set QUOIN_VECTORS to the folder that has manifest.json)";
    }
  }

  Bytes manifest_bytes_;
};

TEST_F(Vectors, EverySetHasIntelsStatus) {
  const auto manifest = JsonDocument::parse(manifest_bytes_, {.max_depth = 16});
  ASSERT_TRUE(manifest.ok()) << manifest.error().what;
  size_t agreeing = 0;
  Verifier verifier({TrustRoot::intel()});
  const auto sets = manifest->root().get("sets")->elements();
  for (const JsonValue& set : *sets) {
    const std::string name = *set.get("set")->string();
    SCOPED_TRACE(name);
    const Bytes quote_bytes =
        testing_files::read(testing_files::vectors() / *set.get("quote")->string());
    const Bytes bundle = testing_files::read(testing_files::vectors() / name);
    const UtcTime now{std::chrono::seconds(*set.get("now")->unsigned_integer(UINT32_MAX))};
    const auto wanted = kIntelStatuses.find(*set.get("intel_qvl")->get("quote")->string());
    ASSERT_NE(wanted, kIntelStatuses.end());

    const auto quote = parse_quote(quote_bytes);
    ASSERT_TRUE(quote.ok()) << quote.error().what;
    auto collateral = Collateral::parse(bundle);
    ASSERT_TRUE(collateral.ok()) << collateral.error().what;
    const Verdict verdict = verify_quote(*quote, *collateral, now, {{TrustRoot::intel()}});
    ASSERT_TRUE(verdict.tcb_status);
    EXPECT_EQ(to_string(*verdict.tcb_status), to_string(wanted->second));
    EXPECT_EQ(verdict.genuine, wanted->second != TcbStatus::not_supported)
        << (verdict.reason() ? verdict.reason()->id : "") << ": "
        << (verdict.reason() ? verdict.reason()->seen : "");
    EXPECT_FALSE(verdict.simulated);
    if (*verdict.tcb_status == wanted->second) ++agreeing;

    const PreparedCollateral prepared(std::move(collateral).value());
    expect_same(verifier.verify(*quote, prepared, now), verdict);
    expect_same(verifier.verify(*quote, prepared, now), verdict);
  }
  EXPECT_EQ(agreeing, sets->size());
  EXPECT_GT(agreeing, 0u);
}

}  // namespace
}  // namespace quoin
