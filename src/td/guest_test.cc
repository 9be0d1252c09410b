#include "src/td/guest.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>

#include "src/simulator/directory_testing.h"

namespace quoin::td {
namespace {

// Fails to make reports, always so.
class FailingTd final : public Td {
 public:
  explicit FailingTd(ErrorCode code) : error_{code, "no report"} {}

  Result<Bytes> report(const ByteArray<64>&) override { return error_; }
  Result<Bytes> quote(const ByteArray<64>&) override { return error_; }
  Result<Bytes> quote_report(ByteView) override { return error_; }
  Result<ByteArray<48>> read_rtmr(unsigned) override { return error_; }
  Result<void> extend_rtmr(unsigned, const ByteArray<48>&) override { return error_; }
  Result<std::string> boot_id() override { return error_; }
  bool simulated() const override { return false; }

 private:
  Error error_;
};

TEST(Guest, IsNotThereWhereNothingIs) {
  FailingTd td(ErrorCode::not_found);
  const Guest guest = ask_guest(td, nullptr);
  EXPECT_EQ(guest.answer, Answer::no);
  EXPECT_EQ(guest.error.what, "no report");
}

TEST(Guest, IsUnknownWhereADeviceFails) {
  for (const ErrorCode code : {ErrorCode::permission, ErrorCode::io, ErrorCode::timed_out,
                               ErrorCode::refused, ErrorCode::unsupported}) {
    FailingTd td(code);
    EXPECT_EQ(ask_guest(td, nullptr).answer, Answer::unknown);
  }
}

// As where the driver is loaded and its device answers ENODEV.
TEST(Guest, IsUnknownWhereTheMachineSpeaksForATd) {
  const simulator::TestDirectory directory;
  const LinuxPaths paths = LinuxPaths::under(directory.path());
  std::filesystem::create_directories(directory.path() / "dev");
  simulator::write_test_file(paths.guest_device, "");
  FailingTd td(ErrorCode::not_found);
  EXPECT_EQ(ask_guest(td, &paths).answer, Answer::unknown);
}

// Makes reports of zeros: no hash of them is right.
class LyingTd final : public Td {
 public:
  Result<Bytes> report(const ByteArray<64>&) override {
    Bytes report(kTdReportBytes);
    report[0] = 0x81;
    return report;
  }
  Result<Bytes> quote(const ByteArray<64>&) override { return none(); }
  Result<Bytes> quote_report(ByteView) override { return none(); }
  Result<ByteArray<48>> read_rtmr(unsigned) override { return none(); }
  Result<void> extend_rtmr(unsigned, const ByteArray<48>&) override { return none(); }
  Result<std::string> boot_id() override { return none(); }
  bool simulated() const override { return false; }

 private:
  static Error none() { return {ErrorCode::unsupported, "not asked for here"}; }
};

TEST(Guest, IsUnknownWhereWhatAnswersLies) {
  LyingTd td;
  const Guest guest = ask_guest(td, nullptr);
  EXPECT_EQ(guest.answer, Answer::unknown);
  EXPECT_EQ(guest.error.code, ErrorCode::refused);
}

}  // namespace
}  // namespace quoin::td
