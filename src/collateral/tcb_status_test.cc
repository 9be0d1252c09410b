#include <gtest/gtest.h>

#include "quoin/collateral.h"

namespace quoin {
namespace {

TEST(TcbStatusTest, RefusesNamesThatAreNotSpelledAsIntelDoes) {
  constexpr std::string_view kNames[] = {
      "", "uptodate", "UPTODATE", "UpToDate ", " UpToDate", "UpToDat", "Unrecognized", "OK",
  };
  for (const auto name : kNames) {
    EXPECT_EQ(parse_tcb_status(name), TcbStatus::unrecognized) << name;
  }
}

TEST(TcbStatusTest, NamesAndStatusesBelongTogether) {
  constexpr struct {
    TcbStatus status;
    std::string_view name;
  } kCases[] = {
      {TcbStatus::up_to_date, "UpToDate"},
      {TcbStatus::sw_hardening_needed, "SWHardeningNeeded"},
      {TcbStatus::configuration_needed, "ConfigurationNeeded"},
      {TcbStatus::configuration_and_sw_hardening_needed, "ConfigurationAndSWHardeningNeeded"},
      {TcbStatus::out_of_date, "OutOfDate"},
      {TcbStatus::out_of_date_configuration_needed, "OutOfDateConfigurationNeeded"},
      {TcbStatus::revoked, "Revoked"},
      {TcbStatus::td_relaunch_advised, "TDRelaunchAdvised"},
      {TcbStatus::td_relaunch_advised_configuration_needed, "TDRelaunchAdvisedConfigurationNeeded"},
      {TcbStatus::not_supported, "NotSupported"},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(parse_tcb_status(test.name), test.status) << test.name;
    EXPECT_EQ(to_string(test.status), test.name);
  }
  EXPECT_EQ(to_string(TcbStatus::unrecognized), "Unrecognized");
}

}  // namespace
}  // namespace quoin
