#include "src/cli/broker_pin.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "quoin/quote.h"
#include "src/base/hex.h"

namespace quoin::cli {
namespace {

const std::string kPin = "51" + std::string(60, '0') + "4e";
const std::string kZeros(32, '0');

// A TD that was started with that MRCONFIGID, or has no reports.
class ConfiguredTd final : public td::Td {
 public:
  explicit ConfiguredTd(std::string_view mr_config_id) {
    EXPECT_TRUE(from_hex(mr_config_id, report_.td_info.mr_config_id).ok());
    report_.report_mac_struct.type = 0x81;
  }

  Result<Bytes> report(const ByteArray<64>& report_data) override {
    asked.push_back(report_data);
    if (fails) return none();
    report_.report_mac_struct.report_data = report_data;
    return serialise(report_);
  }
  Result<Bytes> quote(const ByteArray<64>&) override { return none(); }
  Result<Bytes> quote_report(ByteView) override { return none(); }
  Result<ByteArray<48>> read_rtmr(unsigned) override { return none(); }
  Result<void> extend_rtmr(unsigned, const ByteArray<48>&) override { return none(); }
  Result<std::string> boot_id() override { return none(); }
  bool simulated() const override { return false; }

  std::vector<ByteArray<64>> asked;
  bool fails = false;

 private:
  static Error none() { return {ErrorCode::io, "not asked for here"}; }

  TdReportStruct report_;
};

TEST(BrokerPin, WhatIsNoDigestAndZerosIsRefused) {
  const struct {
    std::string mr_config_id;
    std::string_view says;
  } cases[] = {
      {std::string(96, '0'), "it is zero"},
      {std::string(64, '0') + std::string(31, '0') + "1", "behind the first 32 bytes stands 00"},
      {kPin + std::string(31, '0') + "1", "stands 00000000000000000000000000000001"},
      {kPin + "80" + std::string(30, '0'), "stands 80000000000000000000000000000000"},
      {std::string(96, 'f'), "stands ffffffffffffffffffffffffffffffff"},
  };
  for (const auto& [mr_config_id, says] : cases) {
    ConfiguredTd td(mr_config_id);
    const auto pin = broker_pin(td);
    ASSERT_FALSE(pin.ok()) << mr_config_id;
    EXPECT_EQ(pin.error().code, ErrorCode::refused);
    EXPECT_NE(pin.error().what.find(says), std::string::npos) << pin.error().what;
    EXPECT_NE(pin.error().hint.find("quoin broker init prints"), std::string::npos);
  }
}

TEST(BrokerPin, OfATdThatMakesNoReportThereIsNone) {
  ConfiguredTd td(kPin + kZeros);
  td.fails = true;
  ASSERT_FALSE(broker_pin(td).ok());
  EXPECT_EQ(broker_pin(td).error().code, ErrorCode::io);
}

TEST(BrokerPin, IsWhatMrConfigIdBeginsWithByAFreshReport) {
  for (const std::string& digest :
       {kPin, std::string(62, '0') + "01", "80" + std::string(62, '0')}) {
    ConfiguredTd td(digest + kZeros);
    const auto pin = broker_pin(td);
    ASSERT_TRUE(pin.ok()) << pin.error().what;
    EXPECT_EQ(to_hex(*pin), digest);
    ASSERT_TRUE(broker_pin(td).ok());
    ASSERT_EQ(td.asked.size(), 2u);
    EXPECT_NE(td.asked[0], td.asked[1]);
  }
}

}  // namespace
}  // namespace quoin::cli
