#include "src/td/guest_device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "src/td/samples_testing.h"

namespace quoin::td {
namespace {

// A driver that answers with these errors, and then with this report.
GetReport0 driver(std::vector<int> errors, Bytes report) {
  return [errors = std::move(errors), report = std::move(report),
          calls = size_t{0}](std::span<uint8_t, kReportRequestBytes> request) mutable {
    if (calls < errors.size()) return errors[calls++];
    std::ranges::copy(report, request.begin() + kReportDataBytes);
    return 0;
  };
}

Result<Bytes> ask(const GetReport0& get_report0, std::chrono::milliseconds time = long_enough()) {
  Result<Bytes> report =
      report_by(get_report0, "device", sample_report_data(), deadline_after(time));
  EXPECT_TRUE(report.ok() || !report.error().hint.empty()) << report.error().what;
  return report;
}

TEST(GuestDevice, WhatIsNoTdreportIsRefused) {
  Bytes report = TestMachine().report(sample_report_data());
  report[0] = 0;  // an SGX report
  const Result<Bytes> answer = ask(driver({}, report));
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::refused);
}

TEST(GuestDevice, OtherReportDataAreRefused) {
  const Result<Bytes> answer = ask(driver({}, TestMachine().report(sample_report_data(9))));
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::refused);
}

TEST(GuestDevice, ADriverThatGivesNothingIsRefused) {
  EXPECT_EQ(ask(driver({}, {})).error().code, ErrorCode::refused);
}

struct ErrorCase {
  int error;
  ErrorCode code;
};

TEST(GuestDevice, ErrorsAreNamedAndNotAskedAgain) {
  for (const auto& [error, code] : {
           ErrorCase{ENOENT, ErrorCode::not_found},
           ErrorCase{ENODEV, ErrorCode::not_found},
           ErrorCase{ENXIO, ErrorCode::not_found},
           ErrorCase{EACCES, ErrorCode::permission},
           ErrorCase{EPERM, ErrorCode::permission},
           ErrorCase{ENOTTY, ErrorCode::unsupported},
           ErrorCase{EIO, ErrorCode::io},
           ErrorCase{EINVAL, ErrorCode::io},
           ErrorCase{EFAULT, ErrorCode::io},
           ErrorCase{ENOMEM, ErrorCode::io},
       }) {
    const Result<Bytes> answer = ask(driver({error}, TestMachine().report(sample_report_data())));
    ASSERT_FALSE(answer.ok()) << error;
    EXPECT_EQ(answer.error().code, code) << error;
    EXPECT_TRUE(answer.error().what.starts_with("device: ")) << answer.error().what;
  }
}

TEST(GuestDevice, ABusyModuleIsAskedAgain) {
  const Bytes report = TestMachine().report(sample_report_data());
  EXPECT_EQ(ask(driver({EBUSY, EINTR, EBUSY, EAGAIN}, report)).value(), report);
}

TEST(GuestDevice, AModuleThatStaysBusyTimesOut) {
  const GetReport0 busy = [](std::span<uint8_t, kReportRequestBytes>) { return EBUSY; };
  EXPECT_EQ(ask(busy, soon()).error().code, ErrorCode::timed_out);
}

TEST(GuestDevice, TheRequestHasTheReportDataInFrontAndZerosBehind) {
  const ByteArray<64> wanted = sample_report_data();
  bool fits = false;
  const GetReport0 look = [&](std::span<uint8_t, kReportRequestBytes> request) {
    fits = equal(request.first(kReportDataBytes), wanted) &&
           all_zero(request.subspan(kReportDataBytes));
    return ENOTTY;
  };
  EXPECT_FALSE(ask(look).ok());
  EXPECT_TRUE(fits);
}

TEST(GuestDevice, TheNumberIsThatOfTheKernelsHeader) {
  // _IOWR('T', 1, struct tdx_report_req): direction, size, type, number.
  EXPECT_EQ(kGetReport0, (3UL << 30) | (kReportRequestBytes << 16) | ('T' << 8) | 1);
}

TEST(GuestDevice, AMissingDeviceIsNotFound) {
  EXPECT_EQ(ask(get_report0_of("/nonexistent/tdx_guest")).error().code, ErrorCode::not_found);
}

TEST(GuestDevice, AnotherDeviceIsUnsupported) {
  EXPECT_EQ(ask(get_report0_of("/dev/null")).error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace quoin::td
