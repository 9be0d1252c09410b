#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/collateral.h"
#include "src/collateral/samples_testing.h"

namespace quoin {
namespace {

constexpr std::string_view kRequired[] = {
    "id",         "version",        "issueDate",  "nextUpdate",     "tcbEvaluationDataNumber",
    "miscselect", "miscselectMask", "attributes", "attributesMask", "mrsigner",
    "isvprodid",  "tcbLevels",      "tcb",        "isvsvn",         "tcbDate",
    "tcbStatus",
};

Result<QeIdentity> parse(std::string_view text) { return parse_qe_identity(as_bytes(text)); }

std::string qe_identity() { return sample("qe_identity.json"); }

std::string in_quotes(std::string_view name) { return "\"" + std::string(name) + "\":"; }

TEST(QeIdentityTest, RefusesWhatLacksAMember) {
  for (const auto name : kRequired) {
    const auto result = parse(replaced(qe_identity(), in_quotes(name), "\"renamed\":"));
    EXPECT_EQ(refusal(result), ErrorCode::malformed) << name;
    EXPECT_NE(result.error().what.find(name), std::string::npos) << result.error().what;
  }
}

TEST(QeIdentityTest, RefusesMembersOfAnotherKind) {
  std::vector<std::string_view> names(std::begin(kRequired), std::end(kRequired));
  names.push_back("advisoryIDs");
  for (const auto name : names) {
    for (const std::string_view value : {"null", "true", "{}", "-1", "1.0", "1e0", "4294967296"}) {
      const auto text = replaced(qe_identity(), in_quotes(name),
                                 in_quotes(name) + std::string(value) + ",\"renamed\":");
      EXPECT_EQ(refusal(parse(text)), ErrorCode::malformed) << name << " " << value;
    }
  }
}

TEST(QeIdentityTest, RefusesWhatIntelsParserRefuses) {
  const struct {
    std::string_view from;
    std::string to;
    ErrorCode code;
  } kCases[] = {
      {"\"version\":2", "\"version\":1", ErrorCode::unsupported},
      {"\"version\":2", "\"version\":3", ErrorCode::unsupported},
      {"TD_QE", "td_qe", ErrorCode::unsupported},
      {"TD_QE", "TDX", ErrorCode::unsupported},
      {"2026-01-02T03:04:06Z", "2026-01-02T03:04:60Z", ErrorCode::malformed},
      {"2026-01-02T03:04:06Z", "2026-01-02T03:04:06+00:00", ErrorCode::malformed},
      {"2024-01-01T00:00:00Z", "2024-01-32T00:00:00Z", ErrorCode::malformed},
      {"01000080", "010000", ErrorCode::malformed},
      {"01000080", "0100008000", ErrorCode::malformed},
      {"FFFFFFfe", "FFFFFFfx", ErrorCode::malformed},
      {"1100000000", "11000000", ErrorCode::malformed},
      {"FBFFFF", "FBFFFFFF", ErrorCode::malformed},
      {"DCDC", "DC", ErrorCode::malformed},
      {"\"isvprodid\":2", "\"isvprodid\":65536", ErrorCode::malformed},
      {"\"isvsvn\":3", "\"isvsvn\":65536", ErrorCode::malformed},
      {"\"tcbLevels\":[", "\"tcbLevels\":[],\"renamed\":[", ErrorCode::malformed},
      {"\"tcbLevels\":[", "\"tcbLevels\":[[],", ErrorCode::malformed},
      {"[\"SAMPLE-SA-00006\"]", "[[]]", ErrorCode::malformed},
      {"[\"SAMPLE-SA-00006\"]", "[\"" + std::string(65, 'x') + "\"]", ErrorCode::too_large},
      // The same SVN and date twice, with another status.
      {"{\"isvsvn\":3},\"tcbDate\":\"2024-01-01T00:00:00Z\"",
       "{\"isvsvn\":4},\"tcbDate\":\"2025-05-01T00:00:00Z\"", ErrorCode::malformed},
  };
  for (const auto& test : kCases) {
    const auto text = replaced(qe_identity(), test.from, test.to);
    EXPECT_EQ(refusal(parse(text)), test.code) << test.from << " -> " << test.to;
  }
  for (const std::string_view text : {"", "null", "[]", "{}", "{"}) {
    EXPECT_EQ(refusal(parse(text)), ErrorCode::malformed) << text;
  }
}

TEST(QeIdentityTest, RefusesMoreThanTheLimits) {
  const auto with_levels = [](size_t more) {
    std::string levels = "\"tcbLevels\":[";
    for (size_t i = 0; i < more; ++i) {
      levels += "{\"tcb\":{\"isvsvn\":" + std::to_string(i + 5) +
                "},\"tcbDate\":\"2024-01-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},";
    }
    return replaced(qe_identity(), "\"tcbLevels\":[", levels);
  };
  EXPECT_TRUE(parse(with_levels(998)).ok());
  EXPECT_EQ(refusal(parse(with_levels(999))), ErrorCode::too_large);

  const auto nested = [](size_t depth) {
    return replaced(qe_identity(), "\"version\"",
                    "\"unknown\":" + repeated("[", depth) + repeated("]", depth) + ",\"version\"");
  };
  EXPECT_TRUE(parse(nested(31)).ok());
  EXPECT_EQ(refusal(parse(nested(32))), ErrorCode::too_large);
}

TEST(QeIdentityTest, Reads) {
  const auto identity = parse(qe_identity()).value();
  EXPECT_EQ(identity.id, QeIdentityId::td_qe);
  EXPECT_EQ(identity.version, 2u);
  EXPECT_EQ(to_string(identity.issue_date), "2026-01-02T03:04:06Z");
  EXPECT_EQ(to_string(identity.next_update), "2026-02-01T03:04:06Z");
  EXPECT_EQ(identity.tcb_evaluation_data_number, 17u);
  EXPECT_EQ(identity.miscselect, 0x80000001u);
  EXPECT_EQ(identity.miscselect_mask, 0xfeffffffu);
  EXPECT_EQ(identity.attributes, (ByteArray<16>{0x11}));
  EXPECT_EQ(identity.attributes_mask,
            (ByteArray<16>{0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
  EXPECT_EQ(identity.mr_signer.back(), 0xdc);
  EXPECT_EQ(identity.isv_prod_id, 2);
  ASSERT_EQ(identity.tcb_levels.size(), 2u);
  EXPECT_EQ(identity.tcb_levels[0].isv_svn, 4);
  EXPECT_EQ(identity.tcb_levels[0].status, TcbStatus::up_to_date);
  EXPECT_EQ(to_string(identity.tcb_levels[0].tcb_date), "2025-05-01T00:00:00Z");
  EXPECT_TRUE(identity.tcb_levels[0].advisory_ids.empty());
  EXPECT_EQ(identity.tcb_levels[1].isv_svn, 3);
  EXPECT_EQ(identity.tcb_levels[1].status, TcbStatus::revoked);
  EXPECT_EQ(identity.tcb_levels[1].advisory_ids, (std::vector<std::string>{"SAMPLE-SA-00006"}));
}

TEST(QeIdentityTest, ReadsEachId) {
  EXPECT_EQ(parse(replaced(qe_identity(), "TD_QE", "QE"))->id, QeIdentityId::qe);
  EXPECT_EQ(parse(replaced(qe_identity(), "TD_QE", "QVE"))->id, QeIdentityId::qve);
}

TEST(QeIdentityTest, LevelsOfOneSvnStandByDate) {
  const auto identity = parse(replaced(qe_identity(), "\"isvsvn\":3", "\"isvsvn\":4"));
  ASSERT_TRUE(identity.ok());
  ASSERT_EQ(identity->tcb_levels.size(), 2u);
  EXPECT_EQ(identity->tcb_levels[0].status, TcbStatus::up_to_date);
  EXPECT_EQ(identity->tcb_levels[1].status, TcbStatus::revoked);
}

TEST(QeIdentityTest, StatusesThatAreNotIntelsAreUnrecognized) {
  for (const std::string_view name :
       {"", "Fine", "SWHardeningNeeded", "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded",
        "TDRelaunchAdvised", "OutOfDateConfigurationNeeded", "NotSupported"}) {
    const auto identity = parse(replaced(qe_identity(), "UpToDate", name));
    ASSERT_TRUE(identity.ok()) << name;
    EXPECT_EQ(identity->tcb_levels[0].status, TcbStatus::unrecognized) << name;
  }
}

TEST(QeIdentityTest, AdvisoriesMayBeMissingAndOthersAreIgnored) {
  const auto identity = parse(replaced(qe_identity(), "\"advisoryIDs\"", "\"renamed\""));
  ASSERT_TRUE(identity.ok());
  EXPECT_TRUE(identity->tcb_levels[1].advisory_ids.empty());
}

TEST(QeIdentityTest, TheFirstMemberOfARepeatedNameCounts) {
  EXPECT_EQ(parse(qe_identity())->repeated_name, std::nullopt);
  const auto identity =
      parse(replaced(qe_identity(), "\"isvprodid\"", "\"isvprodid\":77,\"isvprodid\""));
  ASSERT_TRUE(identity.ok()) << identity.error().what;
  EXPECT_EQ(identity->isv_prod_id, 77);
  EXPECT_EQ(identity->repeated_name, "isvprodid");
}

}  // namespace
}  // namespace quoin
