#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/collateral.h"
#include "src/collateral/samples_testing.h"

namespace quoin {
namespace {

constexpr std::string_view kTdx = "tcb_info_tdx.json";
constexpr std::string_view kSgx = "tcb_info_sgx.json";
constexpr std::string_view kSgx2 = "tcb_info_sgx_v2.json";

Result<TcbInfo> parse(std::string_view text) { return parse_tcb_info(as_bytes(text)); }

UtcTime time(std::string_view text) { return parse_rfc3339(text).value(); }

// Where a member stands: the first of its name behind the anchor.
struct Place {
  std::string_view sample;
  std::string_view anchor;
  std::string_view member;
};

constexpr Place kRequired[] = {
    {kTdx, "", "id"},
    {kTdx, "", "version"},
    {kTdx, "", "issueDate"},
    {kTdx, "", "nextUpdate"},
    {kTdx, "", "fmspc"},
    {kTdx, "", "pceId"},
    {kTdx, "", "tcbType"},
    {kTdx, "", "tcbEvaluationDataNumber"},
    {kTdx, "", "tdxModule"},
    {kTdx, "\"tdxModule\"", "mrsigner"},
    {kTdx, "\"tdxModule\"", "attributes"},
    {kTdx, "\"tdxModule\"", "attributesMask"},
    {kTdx, "\"tdxModuleIdentities\"", "id"},
    {kTdx, "\"tdxModuleIdentities\"", "mrsigner"},
    {kTdx, "\"tdxModuleIdentities\"", "attributes"},
    {kTdx, "\"tdxModuleIdentities\"", "attributesMask"},
    {kTdx, "\"tdxModuleIdentities\"", "tcbLevels"},
    {kTdx, "\"tdxModuleIdentities\"", "tcb"},
    {kTdx, "\"tdxModuleIdentities\"", "isvsvn"},
    {kTdx, "\"tdxModuleIdentities\"", "tcbDate"},
    {kTdx, "\"tdxModuleIdentities\"", "tcbStatus"},
    {kTdx, "OutOfDate\",\"advisoryIDs\":[\"SAMPLE-SA-00002\"]}]}]", "tcbLevels"},
    {kTdx, "SAMPLE-SA-00003", "tcb"},
    {kTdx, "SAMPLE-SA-00003", "sgxtcbcomponents"},
    {kTdx, "SAMPLE-SA-00003", "svn"},
    {kTdx, "SAMPLE-SA-00003", "pcesvn"},
    {kTdx, "SAMPLE-SA-00003", "tdxtcbcomponents"},
    {kTdx, "SAMPLE-SA-00003", "tcbDate"},
    {kTdx, "SAMPLE-SA-00003", "tcbStatus"},
    {kSgx, "", "id"},
    {kSgx, "", "tcbLevels"},
    {kSgx, "", "sgxtcbcomponents"},
    {kSgx2, "", "version"},
    {kSgx2, "", "fmspc"},
    {kSgx2, "", "tcbType"},
    {kSgx2, "", "tcbEvaluationDataNumber"},
    {kSgx2, "", "tcbLevels"},
    {kSgx2, "", "tcb"},
    {kSgx2, "", "sgxtcbcomp01svn"},
    {kSgx2, "", "sgxtcbcomp09svn"},
    {kSgx2, "", "sgxtcbcomp16svn"},
    {kSgx2, "", "pcesvn"},
    {kSgx2, "", "tcbDate"},
    {kSgx2, "", "tcbStatus"},
};

constexpr Place kOptional[] = {
    {kTdx, "", "tdxModuleIdentities"},
    {kTdx, "\"tdxModuleIdentities\"", "advisoryIDs"},
    {kTdx, "OutOfDateConfigurationNeeded", "advisoryIDs"},
    {kTdx, "", "category"},
    {kTdx, "", "type"},
    {kSgx, "", "advisoryIDs"},
};

std::string with_member(const Place& place, std::string_view by) {
  const std::string member = "\"" + std::string(place.member) + "\":";
  return replaced(sample(place.sample), place.anchor, member, by);
}

TEST(TcbInfoTest, RefusesWhatLacksAMember) {
  for (const auto& place : kRequired) {
    const auto result = parse(with_member(place, "\"renamed\":"));
    EXPECT_EQ(refusal(result), ErrorCode::malformed) << place.sample << " " << place.member;
    EXPECT_NE(result.error().what.find(place.member), std::string::npos) << result.error().what;
  }
}

TEST(TcbInfoTest, RefusesMembersOfAnotherKind) {
  std::vector<Place> places(std::begin(kRequired), std::end(kRequired));
  places.insert(places.end(), std::begin(kOptional), std::end(kOptional));
  for (const auto& place : places) {
    for (const std::string_view value : {"null", "true", "{}", "-1", "1.0", "1e0", "4294967296"}) {
      const auto text = with_member(
          place, "\"" + std::string(place.member) + "\":" + std::string(value) + ",\"renamed\":");
      const auto result = parse(text);
      EXPECT_EQ(refusal(result), ErrorCode::malformed) << place.member << " " << value;
      // An object is told by what it lacks.
      if (value == "{}") continue;
      EXPECT_NE(result.error().what.find(": " + std::string(place.member) + ": "),
                std::string::npos)
          << result.error().what;
    }
  }
}

TEST(TcbInfoTest, OptionalMembersMayBeMissing) {
  for (const auto& place : kOptional) {
    EXPECT_TRUE(parse(with_member(place, "\"renamed\":")).ok()) << place.member;
  }
}

TEST(TcbInfoTest, RefusesWhatIntelsParserRefuses) {
  // In place of the components that are there, which get another name.
  const auto components = [](std::string_view name, size_t count) {
    return "\"" + std::string(name) + "\":[{\"svn\":0}" + repeated(",{\"svn\":0}", count - 1) +
           "],\"renamed\":";
  };
  const struct {
    std::string_view sample;
    std::string_view anchor;
    std::string_view from;
    std::string to;
    ErrorCode code;
  } kCases[] = {
      {kTdx, "", "\"version\":3", "\"version\":1", ErrorCode::unsupported},
      {kTdx, "", "\"version\":3", "\"version\":4", ErrorCode::unsupported},
      {kTdx, "", "\"version\":3", "\"version\":2", ErrorCode::malformed},
      {kSgx2, "", "\"version\":2", "\"version\":3", ErrorCode::malformed},
      {kTdx, "", "\"TDX\"", "\"tdx\"", ErrorCode::unsupported},
      {kTdx, "", "\"TDX\"", "\"QE\"", ErrorCode::unsupported},
      {kTdx, "", "\"TDX\"", "\"SGX\"", ErrorCode::malformed},
      {kSgx, "", "\"SGX\"", "\"TDX\"", ErrorCode::malformed},
      {kSgx, "", "\"tcbType\"", "\"tdxModule\":{},\"tcbType\"", ErrorCode::malformed},
      {kSgx, "", "\"tcbType\"", "\"tdxModuleIdentities\":[],\"tcbType\"", ErrorCode::malformed},
      {kTdx, "", "\"tcbType\":0", "\"tcbType\":1", ErrorCode::unsupported},
      {kTdx, "", "T03:04:05Z", "T03:04:05", ErrorCode::malformed},
      {kTdx, "", "T03:04:05Z", " 03:04:05Z", ErrorCode::malformed},
      {kTdx, "", "T03:04:05Z", "T03:04:05.0Z", ErrorCode::malformed},
      {kTdx, "", "2026-01-02", "2026-02-30", ErrorCode::malformed},
      {kTdx, "SAMPLE-SA-00003", "2023-08-09T00:00:00Z", "2023-08-09", ErrorCode::malformed},
      {kTdx, "", "00A06F5b0001", "00A06F5b00", ErrorCode::malformed},
      {kTdx, "", "00A06F5b0001", "00A06F5b000100", ErrorCode::malformed},
      {kTdx, "", "00A06F5b0001", "00A06F5b000g", ErrorCode::malformed},
      {kTdx, "", "00Af", "0", ErrorCode::malformed},
      {kTdx, "", "00Af", "00AF00", ErrorCode::malformed},
      {kTdx, "\"tdxModule\"", "\"0000", "\"00", ErrorCode::malformed},
      {kTdx, "\"tdxModule\"", "FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFFFF", ErrorCode::malformed},
      {kTdx, "\"tdxModuleIdentities\"", "\"1111", "\"11", ErrorCode::malformed},
      {kTdx, "", "\"tdxModuleIdentities\":[", "\"tdxModuleIdentities\":[],\"renamed\":[",
       ErrorCode::malformed},
      {kTdx, "", "\"tdxModuleIdentities\":[", "\"tdxModuleIdentities\":[null,",
       ErrorCode::malformed},
      {kTdx, "\"tdxModuleIdentities\"", "\"tcbLevels\":[", "\"tcbLevels\":[],\"renamed\":[",
       ErrorCode::malformed},
      {kTdx, "\"tdxModuleIdentities\"", "\"isvsvn\":3", "\"isvsvn\":65536", ErrorCode::malformed},
      // The same SVN twice, with another date and status.
      {kTdx, "\"TDX_01\"", "\"isvsvn\":6", "\"isvsvn\":4", ErrorCode::malformed},
      {kSgx, "", "\"tcbLevels\":[", "\"tcbLevels\":[],\"renamed\":[", ErrorCode::malformed},
      {kSgx, "", "\"tcbLevels\":[", "\"tcbLevels\":[1,", ErrorCode::malformed},
      {kSgx, "", "\"svn\":7", "\"svn\":256", ErrorCode::malformed},
      {kSgx, "", "{\"svn\":7}", "7", ErrorCode::malformed},
      {kSgx2, "", "\"sgxtcbcomp16svn\":16", "\"sgxtcbcomp16svn\":256", ErrorCode::malformed},
      {kTdx, "", "\"pcesvn\":65535", "\"pcesvn\":65536", ErrorCode::malformed},
      {kSgx, "", "\"sgxtcbcomponents\":", components("sgxtcbcomponents", 15), ErrorCode::malformed},
      {kSgx, "", "\"sgxtcbcomponents\":", components("sgxtcbcomponents", 17), ErrorCode::malformed},
      {kTdx, "", "\"tdxtcbcomponents\":", components("tdxtcbcomponents", 15), ErrorCode::malformed},
      {kTdx, "", "\"tdxtcbcomponents\":", components("tdxtcbcomponents", 17), ErrorCode::malformed},
      // Levels that differ in nothing but date and status are the same.
      {kSgx, "", "\"svn\":7", "\"svn\":8", ErrorCode::malformed},
      {kSgx2, "", "\"pcesvn\":10", "\"pcesvn\":11", ErrorCode::malformed},
      {kTdx, "", "\"advisoryIDs\":[", "\"advisoryIDs\":[0,", ErrorCode::malformed},
  };
  for (const auto& test : kCases) {
    const auto text = replaced(sample(test.sample), test.anchor, test.from, test.to);
    EXPECT_EQ(refusal(parse(text)), test.code) << test.from << " -> " << test.to;
  }
}

TEST(TcbInfoTest, RefusesWhatIsNoObject) {
  for (const std::string_view text : {"", "null", "[]", "\"TDX\"", "{}", "{", "{}x"}) {
    EXPECT_EQ(refusal(parse(text)), ErrorCode::malformed) << text;
  }
  EXPECT_EQ(refusal(parse(sample(kTdx) + "}")), ErrorCode::malformed);
}

TEST(TcbInfoTest, RefusesMoreThanTheLimits) {
  const auto level = [](size_t pce_svn) {
    return "{\"tcb\":{\"sgxtcbcomponents\":[" + repeated("{\"svn\":0},", 15) +
           "{\"svn\":0}],\"pcesvn\":" + std::to_string(pce_svn) +
           "},\"tcbDate\":\"2021-01-01T00:00:00Z\",\"tcbStatus\":\"Revoked\"},";
  };
  // The two that are there have components of their own.
  std::string levels = "\"tcbLevels\":[";
  for (size_t i = 0; i < 998; ++i) levels += level(i);
  EXPECT_TRUE(parse(replaced(sample(kSgx), "\"tcbLevels\":[", levels)).ok());
  levels += level(998);
  EXPECT_EQ(refusal(parse(replaced(sample(kSgx), "\"tcbLevels\":[", levels))),
            ErrorCode::too_large);

  const auto advisories = [](size_t count) {
    return replaced(sample(kSgx), "\"SAMPLE-SA-00005\"", "\"x\"" + repeated(",\"x\"", count - 1));
  };
  EXPECT_TRUE(parse(advisories(1000)).ok());
  EXPECT_EQ(refusal(parse(advisories(1001))), ErrorCode::too_large);

  const auto advisory = [](size_t size) {
    return replaced(sample(kSgx), "SAMPLE-SA-00005", std::string(size, 'x'));
  };
  EXPECT_TRUE(parse(advisory(64)).ok());
  EXPECT_EQ(refusal(parse(advisory(65))), ErrorCode::too_large);

  const auto module_id = [](size_t size) {
    return replaced(sample(kTdx), "TDX_03", std::string(size, 'x'));
  };
  EXPECT_TRUE(parse(module_id(64)).ok());
  EXPECT_EQ(refusal(parse(module_id(65))), ErrorCode::too_large);

  const auto identities = [](size_t more) {
    const std::string identity =
        "{\"id\":\"TDX_05\",\"mrsigner\":\"" + std::string(96, '0') +
        "\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"0000000000000000\","
        "\"tcbLevels\":[{\"tcb\":{\"isvsvn\":1},\"tcbDate\":\"2021-01-01T00:00:00Z\","
        "\"tcbStatus\":\"Revoked\"}]},";
    return replaced(sample(kTdx), "\"tdxModuleIdentities\":[",
                    "\"tdxModuleIdentities\":[" + repeated(identity, more));
  };
  EXPECT_TRUE(parse(identities(254)).ok());
  EXPECT_EQ(refusal(parse(identities(255))), ErrorCode::too_large);

  const auto nested = [](size_t depth) {
    return replaced(sample(kSgx), "\"tcbType\"",
                    "\"unknown\":" + repeated("[", depth) + repeated("]", depth) + ",\"tcbType\"");
  };
  EXPECT_TRUE(parse(nested(31)).ok());
  EXPECT_EQ(refusal(parse(nested(32))), ErrorCode::too_large);

  const auto padded = [](size_t size) {
    const auto text = sample(kSgx);
    return text + std::string(size - text.size(), ' ');
  };
  EXPECT_TRUE(parse(padded(1u << 20)).ok());
  EXPECT_EQ(refusal(parse(padded((1u << 20) + 1))), ErrorCode::too_large);
}

TEST(TcbInfoTest, ReadsTdx) {
  const auto info = parse(sample(kTdx)).value();
  EXPECT_EQ(info.id, TcbInfoId::tdx);
  EXPECT_EQ(info.version, 3u);
  EXPECT_EQ(info.issue_date, time("2026-01-02T03:04:05Z"));
  EXPECT_EQ(info.next_update, time("2026-02-01T03:04:05Z"));
  EXPECT_EQ(info.fmspc, (ByteArray<6>{0x00, 0xa0, 0x6f, 0x5b, 0x00, 0x01}));
  EXPECT_EQ(info.pce_id, (ByteArray<2>{0x00, 0xaf}));
  EXPECT_EQ(info.tcb_type, 0u);
  EXPECT_EQ(info.tcb_evaluation_data_number, 17u);

  ASSERT_TRUE(info.tdx_module.has_value());
  EXPECT_TRUE(all_zero(info.tdx_module->mr_signer));
  EXPECT_TRUE(all_zero(info.tdx_module->attributes));
  EXPECT_TRUE(std::ranges::all_of(info.tdx_module->attributes_mask,
                                  [](uint8_t byte) { return byte == 0xff; }));

  ASSERT_TRUE(info.tdx_module_identities.has_value());
  ASSERT_EQ(info.tdx_module_identities->size(), 2u);
  const auto& first = (*info.tdx_module_identities)[0];
  EXPECT_EQ(first.id, "TDX_03");
  EXPECT_EQ(first.module.mr_signer.back(), 0x11);
  const auto& second = (*info.tdx_module_identities)[1];
  EXPECT_EQ(second.id, "TDX_01");
  EXPECT_EQ(second.module.mr_signer.front(), 0x22);
  EXPECT_EQ(second.module.attributes_mask.back(), 0x0f);
  ASSERT_EQ(second.tcb_levels.size(), 3u);
  EXPECT_EQ(second.tcb_levels[0].isv_svn, 6);
  EXPECT_EQ(second.tcb_levels[0].status, TcbStatus::up_to_date);
  EXPECT_TRUE(second.tcb_levels[0].advisory_ids.empty());
  EXPECT_EQ(second.tcb_levels[1].isv_svn, 4);
  EXPECT_EQ(second.tcb_levels[1].status, TcbStatus::out_of_date);
  EXPECT_EQ(second.tcb_levels[2].isv_svn, 2);
  EXPECT_EQ(second.tcb_levels[2].status, TcbStatus::revoked);
  EXPECT_EQ(second.tcb_levels[2].tcb_date, time("2024-01-01T00:00:00Z"));
  EXPECT_EQ(second.tcb_levels[2].advisory_ids,
            (std::vector<std::string>{"SAMPLE-SA-00001", "SAMPLE-SA-00002"}));
}

// The file has them the other way round: by SGX components, then PCESVN, then TDX components.
TEST(TcbInfoTest, SortsLevels) {
  const auto info = parse(sample(kTdx)).value();
  ASSERT_EQ(info.tcb_levels.size(), 4u);
  const auto& levels = info.tcb_levels;

  EXPECT_EQ(levels[0].sgx_tcb_components,
            (ByteArray<16>{2, 3, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(levels[0].pce_svn, 65535);
  EXPECT_EQ(levels[0].status, TcbStatus::up_to_date);

  EXPECT_EQ(levels[1].pce_svn, 13);
  EXPECT_EQ(levels[1].tdx_tcb_components,
            (ByteArray<16>{5, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(levels[1].status, TcbStatus::sw_hardening_needed);

  EXPECT_EQ(levels[2].pce_svn, 13);
  EXPECT_EQ(levels[2].tdx_tcb_components[0], 3);
  EXPECT_EQ(levels[2].status, TcbStatus::out_of_date_configuration_needed);
  EXPECT_EQ(levels[2].tcb_date, time("2023-08-09T00:00:00Z"));

  EXPECT_EQ(levels[3].pce_svn, 5);
  EXPECT_EQ(levels[3].status, TcbStatus::out_of_date);
  EXPECT_EQ(levels[3].advisory_ids, (std::vector<std::string>{"SAMPLE-SA-00003"}));
}

TEST(TcbInfoTest, ReadsSgx) {
  const auto info = parse(sample(kSgx)).value();
  EXPECT_EQ(info.id, TcbInfoId::sgx);
  EXPECT_EQ(info.version, 3u);
  EXPECT_FALSE(info.tdx_module.has_value());
  EXPECT_FALSE(info.tdx_module_identities.has_value());
  ASSERT_EQ(info.tcb_levels.size(), 2u);
  EXPECT_EQ(info.tcb_levels[0].sgx_tcb_components[0], 8);
  EXPECT_EQ(info.tcb_levels[0].status, TcbStatus::configuration_needed);
  EXPECT_EQ(info.tcb_levels[1].status, TcbStatus::configuration_and_sw_hardening_needed);
  EXPECT_TRUE(all_zero(info.tcb_levels[0].tdx_tcb_components));
}

TEST(TcbInfoTest, ReadsSgxVersion2) {
  const auto info = parse(sample(kSgx2)).value();
  EXPECT_EQ(info.id, TcbInfoId::sgx);
  EXPECT_EQ(info.version, 2u);
  ASSERT_EQ(info.tcb_levels.size(), 2u);
  EXPECT_EQ(info.tcb_levels[0].pce_svn, 11);
  EXPECT_EQ(info.tcb_levels[0].sgx_tcb_components,
            (ByteArray<16>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
  EXPECT_EQ(info.tcb_levels[1].status, TcbStatus::revoked);
}

TEST(TcbInfoTest, StatusesThatAreNotIntelsAreUnrecognized) {
  for (const std::string_view name : {"", "Fine", "uptodate", "TDRelaunchAdvised", "NotSupported",
                                      "TDRelaunchAdvisedConfigurationNeeded", "Unrecognized"}) {
    const auto platform = parse(replaced(sample(kSgx), "ConfigurationNeeded", name));
    ASSERT_TRUE(platform.ok()) << name;
    EXPECT_EQ(platform->tcb_levels[0].status, TcbStatus::unrecognized) << name;
  }
  // A status of platforms means nothing for a module.
  for (const std::string_view name : {"", "SWHardeningNeeded", "ConfigurationNeeded",
                                      "OutOfDateConfigurationNeeded", "NotSupported"}) {
    const auto module = parse(replaced(sample(kTdx), "\"TDX_03\"", "UpToDate", name));
    ASSERT_TRUE(module.ok()) << name;
    EXPECT_EQ((*module->tdx_module_identities)[0].tcb_levels[0].status, TcbStatus::unrecognized);
  }
}

TEST(TcbInfoTest, IgnoresMembersThatItDoesNotKnow) {
  EXPECT_TRUE(parse(replaced(sample(kTdx), "\"tcbType\"", "\"new\":[{\"a\":1}],\"tcbType\"")).ok());
  // Version 2 has no "id" and no module.
  const auto info =
      parse(replaced(sample(kSgx2), "\"tcbType\"", "\"id\":\"TDX\",\"tdxModule\":1,\"tcbType\""));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->id, TcbInfoId::sgx);
  EXPECT_FALSE(info->tdx_module.has_value());
}

// As Intel's parser, which looks members up by RapidJSON's FindMember.
TEST(TcbInfoTest, TheFirstMemberOfARepeatedNameCounts) {
  EXPECT_EQ(parse(sample(kTdx))->repeated_name, std::nullopt);

  // In front of the one that stands there, or behind it.
  const auto first =
      parse(replaced(sample(kTdx), "\"fmspc\"", "\"fmspc\":\"010203040506\",\"fmspc\""));
  ASSERT_TRUE(first.ok()) << first.error().what;
  EXPECT_EQ(first->fmspc, (ByteArray<6>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(first->repeated_name, "fmspc");
  const auto second =
      parse(replaced(sample(kTdx), "\"tcbType\"", "\"fmspc\":\"not read\",\"tcbType\""));
  ASSERT_TRUE(second.ok()) << second.error().what;
  EXPECT_EQ(second->fmspc, parse(sample(kTdx))->fmspc);
  EXPECT_EQ(second->repeated_name, "fmspc");

  // Spelled in two ways.
  const auto escaped =
      parse(replaced(sample(kTdx), "\"pceId\"", "\"\\u0070ceId\":\"0102\",\"pceId\""));
  ASSERT_TRUE(escaped.ok()) << escaped.error().what;
  EXPECT_EQ(escaped->pce_id, (ByteArray<2>{1, 2}));
  EXPECT_EQ(escaped->repeated_name, "pceId");

  // In a level, where a status stands, and in what nobody knows.
  const auto level = parse(replaced(sample(kTdx), "SAMPLE-SA-00003", "\"tcbStatus\"",
                                    "\"tcbStatus\":\"Revoked\",\"tcbStatus\""));
  ASSERT_TRUE(level.ok()) << level.error().what;
  EXPECT_EQ(level->repeated_name, "tcbStatus");
  EXPECT_TRUE(std::ranges::any_of(
      level->tcb_levels, [](const TcbLevel& read) { return read.status == TcbStatus::revoked; }));
  const auto unknown =
      parse(replaced(sample(kTdx), "\"tcbType\"", "\"new\":{\"a\":1,\"a\":1},\"tcbType\""));
  ASSERT_TRUE(unknown.ok()) << unknown.error().what;
  EXPECT_EQ(unknown->repeated_name, "a");

  // Of what counts the form is held as ever.
  EXPECT_EQ(refusal(parse(replaced(sample(kTdx), "\"fmspc\"", "\"fmspc\":1,\"fmspc\""))),
            ErrorCode::malformed);
}

TEST(TcbInfoTest, TakesWhatRfc8259TakesForTheSame) {
  EXPECT_TRUE(parse("\n" + sample(kTdx) + " \r\n\t").ok());
  const auto info = parse(replaced(sample(kTdx), "\"fmspc\":\"00", "\"\\u0066mspc\" : \"\\u00300"));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->fmspc[1], 0xa0);
}

}  // namespace
}  // namespace quoin
