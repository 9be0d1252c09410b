// LinuxTd as programs use it, through system calls, on a TD in software: what it gives is the TD's
// own, and what goes wrong is named. Several at once: linux_td_at_once_test.cc.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "src/os/file_lock.h"
#include "src/simulator/mount_testing.h"
#include "src/td/linux_td.h"
#include "src/td/runtime_log_testing.h"
#include "src/td/tsm.h"

namespace quoin::td {
namespace {

using simulator::MountedTd;
using std::chrono::milliseconds;

// Long enough to ask a few times, and short enough to wait for.
constexpr milliseconds kBriefly{400};

LinuxTdOptions options_on(const MountedTd& mounted) {
  return {.paths = LinuxPaths::under(mounted.root()),
          .report_timeout = long_enough(),
          .quote_timeout = long_enough()};
}

bool has_no_entry(const MountedTd& mounted) {
  const std::string directory = LinuxPaths::under(mounted.root()).tsm_report;
  return !std::filesystem::exists(directory) || std::filesystem::is_empty(directory);
}

template <typename T>
void expect_error(const Result<T>& result, ErrorCode code, std::string_view cause) {
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, code) << result.error().what;
  EXPECT_NE(result.error().what.find(cause), std::string::npos) << result.error().what;
}

class LinuxTdMounted : public WithDirectory {
 protected:
  void SetUp() override {
    if (!MountedTd::is_possible()) GTEST_SKIP() << MountedTd::kWhyNot;
    WithDirectory::SetUp();
  }

  // A TD for each, all of them mounted before a quote starts a thread.
  template <typename Cases>
  static std::vector<std::unique_ptr<MountedTd>> mount_each(const Cases& cases) {
    std::vector<std::unique_ptr<MountedTd>> mounted;
    for (const auto& test : cases) {
      mounted.push_back(
          std::make_unique<MountedTd>(simulator::MountedTdSettings{.faults = {test.fault}}));
    }
    return mounted;
  }
};

struct QuoteError {
  const char* fault;
  ErrorCode code;
  const char* cause;
  milliseconds timeout = long_enough();
};

TEST_F(LinuxTdMounted, AQuoteThatCannotBeHadIsNamed) {
  constexpr QuoteError kCases[] = {
      {"no-provider", ErrorCode::unsupported, "mkdir: no provider answers"},
      {"no-tsm", ErrorCode::unsupported, "tsm/report: No such file"},
      {"mkdir-eio", ErrorCode::io, "mkdir: Input/output error"},
      {"generation-jumps", ErrorCode::refused, "its generation went from 0 to 2"},
      {"generation-moves", ErrorCode::refused, "its generation went from 1 to 2"},
      {"inblob-ebusy", ErrorCode::timed_out, "the driver does not take the report data", kBriefly},
      {"outblob-ebusy", ErrorCode::timed_out, "the host still owns the buffer", kBriefly},
      {"outblob-eintr", ErrorCode::timed_out, "interrupted by a signal each time", kBriefly},
      {"outblob-etimedout", ErrorCode::timed_out, "the host did not answer in time"},
      {"outblob-wedged", ErrorCode::timed_out, "the host did not answer in time"},
      {"outblob-eio", ErrorCode::io, "outblob: the host could not make a quote"},
      {"outblob-enxio", ErrorCode::unsupported, "outblob: no provider answers"},
      {"outblob-empty", ErrorCode::truncated, "the quote is empty"},
      {"outblob-truncated", ErrorCode::truncated, "quote"},
      {"quote-wrong-report-data", ErrorCode::refused, "other report data"},
      {"quote-dice", ErrorCode::unsupported, "DICE"},
  };
  const auto mounted = mount_each(kCases);
  for (size_t i = 0; i < mounted.size(); ++i) {
    const QuoteError& test = kCases[i];
    SCOPED_TRACE(test.fault);
    LinuxTdOptions options = options_on(*mounted[i]);
    options.quote_timeout = test.timeout;
    const Deadline deadline = deadline_after(long_enough() / 2);
    expect_error(LinuxTd(options).quote(sample_report_data()), test.code, test.cause);
    EXPECT_FALSE(has_passed(deadline));
    EXPECT_TRUE(has_no_entry(*mounted[i]));
  }
}

struct Passing {
  const char* fault;
};

TEST_F(LinuxTdMounted, AQuoteIsTheTdsOwnWhateverPassesByItself) {
  constexpr Passing kCases[] = {
      {"slow=1"},          {"slow=50"},         {"inblob-ebusy=2"},
      {"outblob-ebusy=2"}, {"outblob-eintr=1"}, {"quote-padded"},
  };
  const auto mounted = mount_each(kCases);
  for (size_t i = 0; i < mounted.size(); ++i) {
    SCOPED_TRACE(kCases[i].fault);
    LinuxTd td(options_on(*mounted[i]));
    for (const uint8_t first : {uint8_t{1}, uint8_t{2}}) {
      const Result<Bytes> quote = td.quote(sample_report_data(first));
      ASSERT_TRUE(quote.ok()) << quote.error().what;
      EXPECT_EQ(*quote, mounted[i]->td().quote(sample_report_data(first)).value());
      EXPECT_EQ(parse_quote(*quote).value().report_data(), sample_report_data(first));
      EXPECT_TRUE(has_no_entry(*mounted[i]));
    }
  }
}

// The kernel quotes what the TD is now: a report of that is as good as quoted itself, and no other.
TEST_F(LinuxTdMounted, TheKernelQuotesAReportThatTheTdWouldMakeAgain) {
  MountedTd mounted(simulator::MountedTdSettings{});
  LinuxTdOptions options = options_on(mounted);
  LinuxTd td(options);
  const Bytes report = td.report(sample_report_data()).value();
  const Result<Bytes> quote = td.quote_report(report);
  ASSERT_TRUE(quote.ok()) << quote.error().what;
  EXPECT_EQ(*quote, mounted.td().quote_report(report).value());

  Bytes of_another_td = report;
  of_another_td[512] ^= 1;
  expect_error(td.quote_report(of_another_td), ErrorCode::refused, "another report now");

  // Of a TD that changes between its report and its quote.
  simulator::TdState before = simulator::default_td_state();
  before.rtmr3[0] ^= 1;
  const simulator::Platform platform(simulator::test_seed(1), simulator::kIssued);
  const Bytes other = platform.td_report(before, sample_report_data());
  options.get_report0 = [&](std::span<uint8_t, kReportRequestBytes> request) {
    std::ranges::copy(other, request.begin() + kReportDataBytes);
    return 0;
  };
  expect_error(LinuxTd(options).quote_report(other), ErrorCode::refused, "rtmr3");
}

// It is for whoever relies on a quote to look at its signatures.
TEST_F(LinuxTdMounted, AQuoteWithAWrongSignatureIsHandedOver) {
  MountedTd mounted({.faults = {"quote-wrong-signature"}});
  const Bytes quote = LinuxTd(options_on(mounted)).quote(sample_report_data()).value();
  EXPECT_NE(quote, mounted.td().quote(sample_report_data()).value());
  EXPECT_TRUE(parse_quote(quote).ok());
}

TEST_F(LinuxTdMounted, TheProviderIsAskedAndItsEntryRemoved) {
  struct Case {
    const char* fault;
    Answer answer;
  };
  constexpr Case kCases[] = {
      {"slow=1", Answer::yes}, {"no-provider", Answer::no}, {"no-tsm", Answer::no}};
  const auto mounted = mount_each(kCases);
  for (size_t i = 0; i < mounted.size(); ++i) {
    const std::string directory = LinuxPaths::under(mounted[i]->root()).tsm_report;
    EXPECT_EQ(tsm_provider(directory, deadline_after(long_enough())).answer, kCases[i].answer)
        << kCases[i].fault;
    EXPECT_TRUE(has_no_entry(*mounted[i]));
  }
}

// The kernel gives up, and the host has its buffer until it answers what nobody waits for.
TEST_F(LinuxTdMounted, TheNextQuoteIsToldOfAHostThatIsLate) {
  const MountedTd mounted({.faults = {"slow=20000"}, .quote_timeout = milliseconds(50)});
  LinuxTdOptions options = options_on(mounted);
  expect_error(LinuxTd(options).quote(sample_report_data()), ErrorCode::timed_out,
               "the host did not answer in time");
  options.quote_timeout = kBriefly;
  expect_error(LinuxTd(options).quote(sample_report_data()), ErrorCode::timed_out,
               "the host still owns the buffer");
  EXPECT_TRUE(has_no_entry(mounted));
}

// The kernel waits for 30 seconds, and the caller does not.
TEST_F(LinuxTdMounted, ACallerIsNotHeldUpByAHostThatIsSilent) {
  MountedTd mounted({.faults = {"slow=3000"}});
  LinuxTdOptions options = options_on(mounted);
  options.quote_timeout = milliseconds(150);
  LinuxTd td(options);
  const Deadline deadline = deadline_after(long_enough() / 2);
  expect_error(td.quote(sample_report_data()), ErrorCode::timed_out, "no quote in time");
  expect_error(td.quote(sample_report_data()), ErrorCode::timed_out, "others were first");
  // A way's own time is over as soon, though another process has the directory.
  LinuxTd other(options);
  expect_error(other.quote(sample_report_data()), ErrorCode::timed_out, "holds the lock");
  EXPECT_FALSE(has_passed(deadline));
}

TEST_F(LinuxTdMounted, ACallerWithLessTimeWaitsInTheSameQueue) {
  const MountedTd mounted({.faults = {"slow=3000"}});
  const LinuxTd td(options_on(mounted));
  const Deadline deadline = deadline_after(long_enough() / 2);
  for (const char* cause : {"no quote in time", "others were first"}) {
    expect_error(td.until(deadline_after(milliseconds(150)))->quote(sample_report_data()),
                 ErrorCode::timed_out, cause);
  }
  EXPECT_FALSE(has_passed(deadline));
  const MountedTd busy({.faults = {"report-ebusy"}});
  LinuxTdOptions options = options_on(busy);
  options.report_timeout = long_enough();
  const std::shared_ptr<LinuxTd> hurried = LinuxTd(options).until(deadline_after(milliseconds(50)));
  expect_error(hurried->report(sample_report_data()), ErrorCode::timed_out, "busy for too long");
  EXPECT_FALSE(has_passed(deadline));
}

struct ReportCase {
  const char* fault;
  std::optional<ErrorCode> code;
  const char* cause;
  milliseconds timeout = long_enough();
};

TEST_F(LinuxTdMounted, AReportIsTheTdsOwnOrItsErrorIsNamed) {
  constexpr ReportCase kCases[] = {
      {"slow=1", {}, ""},
      {"report-ebusy=2", {}, ""},
      {"report-ebusy", ErrorCode::timed_out, "busy for too long", soon()},
      {"report-eio", ErrorCode::io, "no report: Input/output error"},
      {"report-wrong-report-data", ErrorCode::refused, "its TDREPORT has other report data"},
      {"no-device", ErrorCode::not_found, "there is no TDX guest device"},
  };
  const auto mounted = mount_each(kCases);
  for (size_t i = 0; i < mounted.size(); ++i) {
    const ReportCase& test = kCases[i];
    SCOPED_TRACE(test.fault);
    LinuxTdOptions options = options_on(*mounted[i]);
    options.report_timeout = test.timeout;
    const Result<Bytes> report = LinuxTd(options).report(sample_report_data());
    if (test.code) {
      expect_error(report, *test.code, options.paths.guest_device + ": " + test.cause);
    } else {
      EXPECT_EQ(report.value(), mounted[i]->td().report(sample_report_data()).value());
    }
  }
}

TEST_F(LinuxTdMounted, ARegisterIsExtendedAsTheModuleDoes) {
  MountedTd mounted;
  LinuxTd td(options_on(mounted));
  for (const unsigned index : {2U, 3U, 3U}) {
    std::array<ByteArray<48>, kRtmrCount> values{};
    for (unsigned i = 0; i < kRtmrCount; ++i) values[i] = td.read_rtmr(i).value();
    const ByteArray<48> digest = sha384(as_bytes("event"));
    ASSERT_TRUE(td.extend_rtmr(index, digest).ok());
    values[index] = sha384({values[index], digest});
    for (unsigned i = 0; i < kRtmrCount; ++i) {
      EXPECT_EQ(td.read_rtmr(i).value(), values[i]);
      EXPECT_EQ(mounted.td().read_rtmr(i).value(), values[i]);
    }
    const Bytes quote = td.quote(sample_report_data()).value();
    EXPECT_EQ(parse_quote(quote).value().td_report()->rtmr3, values[3]);
  }
}

struct ExtensionCase {
  const char* fault;
  std::optional<ErrorCode> code;
  const char* cause;
  int extensions;                      // of the register, whatever the kernel says
  std::optional<ErrorCode> logs_code;  // of the log, which asks the register
  milliseconds timeout = long_enough();
};

constexpr ExtensionCase kExtensions[] = {
    {"rtmr-ebusy=2", {}, "", 1, {}},
    {"rtmr-ebusy", ErrorCode::timed_out, "busy for too long", 0, ErrorCode::timed_out, soon()},
    {"rtmr-einval", ErrorCode::io, "Invalid argument", 0, ErrorCode::io},
    {"rtmr-eio", ErrorCode::io, "Input/output error", 0, ErrorCode::io},
    {"rtmr-eio-extended", ErrorCode::io, "Input/output error", 1, {}},
    {"no-measurements", ErrorCode::unsupported, "rtmr3", 0, ErrorCode::unsupported},
};

ByteArray<48> extended(ByteArray<48> value, const ByteArray<48>& digest, int times) {
  for (int i = 0; i < times; ++i) value = sha384({value, digest});
  return value;
}

TEST_F(LinuxTdMounted, ARegisterIsExtendedOnceOrNotAtAll) {
  const auto mounted = mount_each(kExtensions);
  for (size_t i = 0; i < mounted.size(); ++i) {
    const ExtensionCase& test = kExtensions[i];
    SCOPED_TRACE(test.fault);
    LinuxTdOptions options = options_on(*mounted[i]);
    options.report_timeout = test.timeout;
    LinuxTd td(options);
    const ByteArray<48> digest = sha384(as_bytes("event"));
    const Result<void> result = td.extend_rtmr(kRuntimeRtmr, digest);
    EXPECT_EQ(result.ok(), !test.code.has_value());
    if (test.code) expect_error(result, *test.code, test.cause);
    EXPECT_EQ(td.read_rtmr(kRuntimeRtmr).value(), extended({}, digest, test.extensions));
  }
}

TEST_F(LinuxTdMounted, TheLogSaysWhatTheRegisterSays) {
  const auto mounted = mount_each(kExtensions);
  for (size_t i = 0; i < mounted.size(); ++i) {
    const ExtensionCase& test = kExtensions[i];
    SCOPED_TRACE(test.fault);
    LinuxTdOptions options = options_on(*mounted[i]);
    options.report_timeout = test.timeout;
    LinuxTd td(options);
    RuntimeLog log(td, {.directory = path(test.fault), .lock_timeout = long_enough()});
    const Result<bool> measured = log.measure_once(event("a"));
    EXPECT_EQ(measured.ok(), !test.logs_code.has_value());
    if (test.logs_code) expect_error(measured, *test.logs_code, test.cause);
    const RuntimeEventLog events = log.events().value();
    EXPECT_EQ(events.events().size(), test.logs_code ? 0u : 1u);
    EXPECT_EQ(events.replayed_rtmr3(), mounted[i]->td().read_rtmr(kRuntimeRtmr).value());
  }
}

}  // namespace
}  // namespace quoin::td
