#include "src/simulator/tcb_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "src/base/json.h"
#include "src/simulator/json_writer.h"
#include "src/simulator/samples_testing.h"
#include "src/simulator/settings.h"

namespace quoin::simulator {
namespace {

const PlatformSettings& settings() {
  static const PlatformSettings value = default_settings(test_seed(1), kIssued);
  return value;
}

TcbInfo read(const TcbInfo& info) {
  const std::string json = write_tcb_info(info);
  Result<TcbInfo> parsed = parse_tcb_info(as_bytes(json));
  EXPECT_TRUE(parsed.ok()) << json;
  return std::move(parsed).value();
}

void expect_same(const std::vector<IsvSvnTcbLevel>& seen,
                 const std::vector<IsvSvnTcbLevel>& wanted) {
  ASSERT_EQ(seen.size(), wanted.size());
  for (size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].isv_svn, wanted[i].isv_svn);
    EXPECT_EQ(seen[i].tcb_date, wanted[i].tcb_date);
    EXPECT_EQ(seen[i].status, wanted[i].status);
    EXPECT_EQ(seen[i].advisory_ids, wanted[i].advisory_ids);
  }
}

void expect_same(const TcbInfo& seen, const TcbInfo& wanted) {
  EXPECT_EQ(seen.id, wanted.id);
  EXPECT_EQ(seen.version, wanted.version);
  EXPECT_EQ(seen.issue_date, wanted.issue_date);
  EXPECT_EQ(seen.next_update, wanted.next_update);
  EXPECT_EQ(seen.fmspc, wanted.fmspc);
  EXPECT_EQ(seen.pce_id, wanted.pce_id);
  EXPECT_EQ(seen.tcb_evaluation_data_number, wanted.tcb_evaluation_data_number);
  ASSERT_EQ(seen.tcb_levels.size(), wanted.tcb_levels.size());
  for (size_t i = 0; i < seen.tcb_levels.size(); ++i) {
    EXPECT_EQ(seen.tcb_levels[i].sgx_tcb_components, wanted.tcb_levels[i].sgx_tcb_components);
    EXPECT_EQ(seen.tcb_levels[i].tdx_tcb_components, wanted.tcb_levels[i].tdx_tcb_components);
    EXPECT_EQ(seen.tcb_levels[i].pce_svn, wanted.tcb_levels[i].pce_svn);
    EXPECT_EQ(seen.tcb_levels[i].tcb_date, wanted.tcb_levels[i].tcb_date);
    EXPECT_EQ(seen.tcb_levels[i].status, wanted.tcb_levels[i].status);
    EXPECT_EQ(seen.tcb_levels[i].advisory_ids, wanted.tcb_levels[i].advisory_ids);
  }
}

TEST(TcbInfoWriter, WritesWhatTheParserReads) {
  const TcbInfo& tdx = settings().tdx_tcb_info;
  const TcbInfo seen = read(tdx);
  expect_same(seen, tdx);
  ASSERT_TRUE(seen.tdx_module.has_value());
  EXPECT_EQ(seen.tdx_module->mr_signer, tdx.tdx_module->mr_signer);
  EXPECT_EQ(seen.tdx_module->attributes_mask, tdx.tdx_module->attributes_mask);
  ASSERT_TRUE(seen.tdx_module_identities.has_value());
  ASSERT_EQ(seen.tdx_module_identities->size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ((*seen.tdx_module_identities)[i].id, (*tdx.tdx_module_identities)[i].id);
    expect_same((*seen.tdx_module_identities)[i].tcb_levels,
                (*tdx.tdx_module_identities)[i].tcb_levels);
  }

  expect_same(read(settings().sgx_tcb_info), settings().sgx_tcb_info);
  TcbInfo version_2 = settings().sgx_tcb_info;
  version_2.version = 2;
  expect_same(read(version_2), version_2);
}

TEST(TcbInfoWriter, WritesEveryStatus) {
  for (const TcbStatus status :
       {TcbStatus::up_to_date, TcbStatus::sw_hardening_needed, TcbStatus::configuration_needed,
        TcbStatus::configuration_and_sw_hardening_needed, TcbStatus::out_of_date,
        TcbStatus::out_of_date_configuration_needed, TcbStatus::revoked, TcbStatus::unrecognized}) {
    TcbInfo info = settings().tdx_tcb_info;
    info.tcb_levels[0].status = status;
    EXPECT_EQ(read(info).tcb_levels[0].status, status);
  }
}

TEST(TcbInfoWriter, WritesFaultsAsTheyAreSet) {
  TcbInfo equal_levels = settings().tdx_tcb_info;
  equal_levels.tcb_levels.push_back(equal_levels.tcb_levels[0]);
  EXPECT_FALSE(parse_tcb_info(as_bytes(write_tcb_info(equal_levels))).ok());

  TcbInfo no_identities = settings().tdx_tcb_info;
  no_identities.tdx_module_identities = std::nullopt;
  EXPECT_FALSE(read(no_identities).tdx_module_identities.has_value());

  TcbInfo no_module = settings().tdx_tcb_info;
  no_module.tdx_module = std::nullopt;
  EXPECT_FALSE(parse_tcb_info(as_bytes(write_tcb_info(no_module))).ok());
}

TEST(QeIdentityWriter, WritesWhatTheParserReads) {
  for (const QeIdentityId id : {QeIdentityId::qe, QeIdentityId::qve, QeIdentityId::td_qe}) {
    QeIdentity wanted = settings().td_qe_identity;
    wanted.id = id;
    wanted.miscselect = 0x04030201;
    const std::string json = write_qe_identity(wanted);
    EXPECT_NE(json.find("\"miscselect\":\"01020304\""), std::string::npos);
    const Result<QeIdentity> seen = parse_qe_identity(as_bytes(json));
    ASSERT_TRUE(seen.ok()) << seen.error().what;
    EXPECT_EQ(seen->id, wanted.id);
    EXPECT_EQ(seen->version, wanted.version);
    EXPECT_EQ(seen->issue_date, wanted.issue_date);
    EXPECT_EQ(seen->next_update, wanted.next_update);
    EXPECT_EQ(seen->tcb_evaluation_data_number, wanted.tcb_evaluation_data_number);
    EXPECT_EQ(seen->miscselect, wanted.miscselect);
    EXPECT_EQ(seen->miscselect_mask, wanted.miscselect_mask);
    EXPECT_EQ(seen->attributes, wanted.attributes);
    EXPECT_EQ(seen->attributes_mask, wanted.attributes_mask);
    EXPECT_EQ(seen->mr_signer, wanted.mr_signer);
    EXPECT_EQ(seen->isv_prod_id, wanted.isv_prod_id);
    expect_same(seen->tcb_levels, wanted.tcb_levels);
  }
}

TEST(JsonWriter, EscapesWhatMustBe) {
  const std::string text = "a\"b\\c\nd\x01/\xc3\xa9";
  const std::string json = json_string(text);
  EXPECT_EQ(json, "\"a\\\"b\\\\c\\nd\\u0001/\xc3\xa9\"");
  EXPECT_EQ(*JsonDocument::parse(as_bytes(json))->root().string(), text);
  EXPECT_EQ(json_object({{"a", "1"}, {"left out", ""}, {"b", json_array({})}}),
            "{\"a\":1,\"b\":[]}");
}

}  // namespace
}  // namespace quoin::simulator
