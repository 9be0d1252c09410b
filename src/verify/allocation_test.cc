// Verifying a quote of a known platform allocates nothing of ours. A program of its own, since it
// replaces operator new.

#include <gtest/gtest.h>

#include <string>

#include "quoin/verifier.h"
#include "src/base/allocations_testing.h"
#include "src/verify/evidence_testing.h"

namespace quoin {
namespace {

struct Kind {
  uint16_t version;
  BodyType body_type;
};

class Allocations : public testing::TestWithParam<Kind> {};

TEST_P(Allocations, NoneForAKnownPlatform) {
  Evidence evidence;
  evidence.version = GetParam().version;
  evidence.body_type = GetParam().body_type;
  const Bytes bytes = quote_of(evidence);
  const PreparedCollateral collateral(
      Collateral::parse(simulator::write_bundle(bundle_of(evidence))).value());
  Verifier verifier(trust_roots_of(evidence));
  ASSERT_TRUE(verifier.verify(*parse_quote(bytes), collateral, kNow).genuine);

  const uint64_t before = allocation_count();
  const auto quote = parse_quote(bytes);
  const Verdict verdict = verifier.verify(*quote, collateral, kNow);
  EXPECT_EQ(allocation_count() - before, 0u);
  EXPECT_TRUE(verdict.genuine);
}

INSTANTIATE_TEST_SUITE_P(EveryKind, Allocations,
                         testing::Values(Kind{3, BodyType::sgx_enclave_report},
                                         Kind{4, BodyType::td_report_10},
                                         Kind{5, BodyType::td_report_15},
                                         Kind{5, BodyType::td_report_15_ex}),
                         [](const auto& kind) {
                           return "Version" + std::to_string(kind.param.version) + "Body" +
                                  std::to_string(static_cast<int>(kind.param.body_type));
                         });

TEST(OperatorNew, IsCounted) {
  const uint64_t before = allocation_count();
  const Bytes bytes(100);
  EXPECT_GT(allocation_count() - before, 0u);
}

}  // namespace
}  // namespace quoin
