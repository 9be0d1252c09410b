#include "src/td/linux_td.h"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>

#include "src/os/file_lock.h"
#include "src/simulator/mount_testing.h"
#include "src/td/measurements.h"
#include "src/td/samples_testing.h"

namespace quoin::td {
namespace {

using simulator::MountedTd;

class OnLinux : public WithDirectory {
 protected:
  void SetUp() override {
    WithDirectory::SetUp();
    options_.paths = LinuxPaths::under(directory_);
    options_.report_timeout = soon();
    options_.quote_timeout = long_enough();
    options_.get_report0 = test_report;
  }

  static int test_report(std::span<uint8_t, kReportRequestBytes> request) {
    ByteArray<64> report_data{};
    std::ranges::copy(request.first<kReportDataBytes>(), report_data.begin());
    std::ranges::copy(TestMachine().report(report_data), request.begin() + kReportDataBytes);
    return 0;
  }

  std::string rtmr_path(unsigned index) const {
    return options_.paths.measurements + "/rtmr" + std::to_string(index) + ":sha384";
  }

  LinuxTdOptions options_;
};

TEST_F(OnLinux, AnExtensionIsOneWriteAtTheFront) {
  put(rtmr_path(3), Bytes(48, 7));
  LinuxTd td(options_);
  const ByteArray<48> digest = sha384(as_bytes("event"));
  ASSERT_TRUE(td.extend_rtmr(3, digest).ok());
  EXPECT_TRUE(equal(testing_files::read(rtmr_path(3)), digest));
}

TEST_F(OnLinux, RegistersHave48Bytes) {
  LinuxTd td(options_);
  put(rtmr_path(2), Bytes(48, 7));
  EXPECT_TRUE(equal(td.read_rtmr(2).value(), Bytes(48, 7)));
  put(rtmr_path(2), Bytes(47, 7));
  EXPECT_EQ(td.read_rtmr(2).error().code, ErrorCode::malformed);
  put(rtmr_path(2), Bytes(49, 7));
  EXPECT_EQ(td.read_rtmr(2).error().code, ErrorCode::too_large);
}

TEST_F(OnLinux, WithoutAWayToQuotesEachIsNamed) {
  LinuxTd td(options_);
  const Result<Bytes> quote = td.quote(sample_report_data());
  ASSERT_FALSE(quote.ok());
  EXPECT_EQ(quote.error().code, ErrorCode::unsupported);
  const size_t tsm = quote.error().what.find("configfs-tsm: ");
  const size_t qgs = quote.error().what.find("QGS: ");
  ASSERT_NE(tsm, std::string::npos) << quote.error().what;
  ASSERT_NE(qgs, std::string::npos) << quote.error().what;
  EXPECT_LT(tsm, qgs);
  EXPECT_FALSE(quote.error().hint.empty());

  options_.quote_ways = {QuoteWay::qgs, QuoteWay::tsm};
  LinuxTd other_order(options_);
  const std::string what = other_order.quote(sample_report_data()).error().what;
  EXPECT_GT(what.find("configfs-tsm: "), what.find("QGS: "));

  options_.quote_ways = {QuoteWay::tsm};
  LinuxTd one_way(options_);
  EXPECT_EQ(one_way.quote(sample_report_data()).error().what.find("QGS"), std::string::npos);
}

// A way that takes all the time there is still gets to say why there is no quote.
TEST_F(OnLinux, ACallerIsToldWhyThereIsNoQuoteInTime) {
  options_.get_report0 = [](std::span<uint8_t, kReportRequestBytes>) { return EBUSY; };
  options_.quote_ways = {QuoteWay::qgs};
  options_.qgs = UnixAddress{path("none")};
  options_.quote_timeout = std::chrono::milliseconds(500);
  const Result<Bytes> quote = LinuxTd(options_).quote(sample_report_data());
  ASSERT_FALSE(quote.ok());
  EXPECT_EQ(quote.error().code, ErrorCode::timed_out);
  EXPECT_NE(quote.error().what.find("busy for too long"), std::string::npos) << quote.error().what;
}

TEST_F(OnLinux, AWayThatIsNotThereTakesNoTimeFromTheOther) {
  using std::chrono::milliseconds;
  options_.get_report0 = [](std::span<uint8_t, kReportRequestBytes>) { return EBUSY; };
  options_.quote_timeout = milliseconds(1000);
  const Deadline half = deadline_after(milliseconds(600));
  LinuxTdOptions without_kernel = options_;
  without_kernel.quote_ways = {QuoteWay::qgs, QuoteWay::tsm};
  without_kernel.qgs = UnixAddress{path("none")};
  EXPECT_EQ(LinuxTd(without_kernel).quote({}).error().code, ErrorCode::timed_out);
  EXPECT_TRUE(has_passed(half)) << "the service";

  const Deadline next_half = deadline_after(milliseconds(600));
  std::filesystem::create_directories(options_.paths.tsm_report);
  const auto other = FileLock::of_existing(options_.paths.tsm_report, deadline_after(soon()));
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(LinuxTd(options_).quote({}).error().code, ErrorCode::timed_out);
  EXPECT_TRUE(has_passed(next_half)) << "the kernel";
}

TEST_F(OnLinux, ACallerWhoDoesNotWaitAnyMoreGetsNothingHoweverOftenItAsks) {
  options_.get_report0 = [](std::span<uint8_t, kReportRequestBytes>) { return EBUSY; };
  options_.report_timeout = long_enough();
  const std::shared_ptr<LinuxTd> td = LinuxTd(options_).until(deadline_after(soon()));
  const Deadline deadline = deadline_after(long_enough() / 2);
  EXPECT_EQ(td->report({}).error().code, ErrorCode::timed_out);
  EXPECT_EQ(td->report({}).error().code, ErrorCode::timed_out);
  EXPECT_EQ(td->until(deadline)->report({}).error().code, ErrorCode::timed_out) << "the earlier";
  EXPECT_FALSE(has_passed(deadline));
}

TEST_F(OnLinux, TheServiceIsTheOneOfTheConfiguration) {
  options_.quote_ways = {QuoteWay::qgs};
  put(options_.paths.attest_conf, "port = 0\n");
  EXPECT_EQ(LinuxTd(options_).quote({}).error().code, ErrorCode::malformed);
  put(options_.paths.attest_conf, "# nothing\n");
  EXPECT_EQ(LinuxTd(options_).quote({}).error().code, ErrorCode::unsupported);
  put(options_.paths.attest_conf, "port = 4050\n");
  EXPECT_NE(LinuxTd(options_).quote({}).error().what.find("vsock:2:4050"), std::string::npos);
  options_.qgs = UnixAddress{path("none")};
  EXPECT_NE(LinuxTd(options_).quote({}).error().what.find(path("none")), std::string::npos);
}

TEST_F(OnLinux, WithoutAWayToQuoteAReportEachIsNamed) {
  const Bytes report = TestMachine().report(sample_report_data());
  EXPECT_EQ(LinuxTd(options_).quote_report(Bytes(1024)).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(LinuxTd(options_).quote_report(ByteView(report).first(1023)).error().code,
            ErrorCode::invalid_argument);
  options_.qgs = UnixAddress{path("none")};
  const Error none = LinuxTd(options_).quote_report(report).error();
  EXPECT_EQ(none.code, ErrorCode::unsupported);
  const size_t qgs = none.what.find("QGS: QGS at unix:" + path("none"));
  ASSERT_NE(qgs, std::string::npos) << none.what;
  EXPECT_LT(qgs, none.what.find("configfs-tsm: ")) << "the service quotes the report itself";
  options_.quote_ways = {QuoteWay::tsm};
  EXPECT_EQ(LinuxTd(options_).quote_report(report).error().what.find("QGS"), std::string::npos);
  options_.quote_ways = {QuoteWay::qgs};
  EXPECT_EQ(LinuxTd(options_).quote_report(report).error().what.find("tsm"), std::string::npos);
}

TEST_F(OnLinux, ABootsNameThatIsNoneIsRefused) {
  LinuxTd td(options_);
  EXPECT_EQ(td.boot_id().error().code, ErrorCode::not_found);
  for (const std::string_view text : {"", "\n", "a b\n", "a\nb\n"}) {
    put(options_.paths.boot_id, text);
    EXPECT_EQ(td.boot_id().error().code, ErrorCode::malformed) << text;
  }
}

// What a kernel has of a TD.
struct Kernel {
  bool measurements = true;  // it is of 6.16 or newer
  bool device = true;
};

enum class Files : uint8_t { on_disk, mounted };

// The same for files on a disk, and a report that the test makes, as for those of a TD in software
// and system calls alone.
class OnAnyFiles : public OnLinux, public testing::WithParamInterface<Files> {
 protected:
  void SetUp() override {
    if (is_mounted() && !MountedTd::is_possible()) GTEST_SKIP() << MountedTd::kWhyNot;
    OnLinux::SetUp();
  }

  static constexpr const char* kBootId = "2b8c6f0e-9f0b-4f0e-8f57-3f3f0b0c1d2e";

  bool is_mounted() const { return GetParam() == Files::mounted; }

  // Each time anew.
  LinuxTd boot(const Kernel& kernel) {
    options_.get_report0 = nullptr;
    if (kernel.device && !is_mounted()) options_.get_report0 = test_report;
    if (is_mounted()) {
      simulator::MountedTdSettings settings{.td = simulator::default_software_td(kBootId)};
      if (!kernel.measurements) settings.faults.push_back("no-measurements");
      if (!kernel.device) settings.faults.push_back("no-device");
      mounted_.emplace(settings);
      options_.paths = LinuxPaths::under(mounted_->root());
    } else {
      std::filesystem::remove_all(options_.paths.measurements);
      for (unsigned i = 0; kernel.measurements && i < kRtmrCount; ++i) {
        put(rtmr_path(i), registers_[i]);
      }
      put(options_.paths.boot_id, std::string(kBootId) + "\n");
    }
    options_.report_timeout = long_enough();
    return LinuxTd(options_);
  }

  Bytes tds_own_report() {
    return is_mounted() ? mounted_->td().report(sample_report_data()).value()
                        : TestMachine().report(sample_report_data());
  }

  // Of both TDs.
  const TdReportStruct::TdInfo state_ = simulator::default_td_state();
  const std::array<ByteArray<48>, kRtmrCount> registers_ = {state_.rtmr0, state_.rtmr1,
                                                            state_.rtmr2, state_.rtmr3};
  std::optional<MountedTd> mounted_;
};

TEST_P(OnAnyFiles, RegistersThatAreNotThereAreNamed) {
  LinuxTd td = boot({});
  EXPECT_EQ(td.read_rtmr(4).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(td.extend_rtmr(4, {}).error().code, ErrorCode::invalid_argument);
}

TEST_P(OnAnyFiles, FirmwaresRegistersAreNotExtended) {
  LinuxTd td = boot({});
  const ByteArray<48> digest = sha384(as_bytes("x"));
  options_.insecure_extend_firmware_rtmrs = true;
  LinuxTd forced(options_);
  for (const unsigned index : {0U, 1U}) {
    const Result<void> extended = td.extend_rtmr(index, digest);
    ASSERT_FALSE(extended.ok());
    EXPECT_EQ(extended.error().code, ErrorCode::refused);
    EXPECT_EQ(td.read_rtmr(index).value(), registers_[index]);
    EXPECT_TRUE(forced.extend_rtmr(index, digest).ok());
    EXPECT_NE(td.read_rtmr(index).value(), registers_[index]);
  }
}

TEST_P(OnAnyFiles, AKernelWithoutTheFilesCannotExtend) {
  LinuxTd td = boot({.measurements = false});
  const Result<void> extended = td.extend_rtmr(3, {});
  ASSERT_FALSE(extended.ok());
  EXPECT_EQ(extended.error().code, ErrorCode::unsupported);
  EXPECT_NE(extended.error().hint.find("6.16"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(rtmr_path(3)));
}

TEST_P(OnAnyFiles, RegistersAreReadFromTheFilesAndOtherwiseFromAReport) {
  for (const Kernel& kernel : {Kernel{.device = false}, Kernel{.measurements = false}}) {
    LinuxTd td = boot(kernel);
    for (unsigned i = 0; i < kRtmrCount; ++i) EXPECT_EQ(td.read_rtmr(i).value(), registers_[i]);
  }
  EXPECT_NE(registers_[0], registers_[1]);
  EXPECT_EQ(rtmr_of_report(tds_own_report(), 4).error().code, ErrorCode::invalid_argument);
}

TEST_P(OnAnyFiles, ReportsComeFromTheDevice) {
  LinuxTd td = boot({});
  EXPECT_EQ(td.report(sample_report_data()).value(), tds_own_report());
  const Result<Bytes> report = boot({.device = false}).report(sample_report_data());
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::not_found);
  EXPECT_NE(report.error().what.find(options_.paths.guest_device), std::string::npos);
}

TEST_P(OnAnyFiles, TheBootHasAName) { EXPECT_EQ(boot({}).boot_id().value(), kBootId); }

INSTANTIATE_TEST_SUITE_P(, OnAnyFiles, testing::Values(Files::on_disk, Files::mounted),
                         [](const auto& files) {
                           return files.param == Files::mounted ? "Mounted" : "OnDisk";
                         });

TEST(LinuxPaths, ATreeIsTheKernelsBelowADirectory) {
  const LinuxPaths tree = LinuxPaths::under("/tree");
  EXPECT_EQ(tree.guest_device, "/tree/dev/tdx_guest");
  EXPECT_EQ(tree.tsm_report, "/tree/sys/kernel/config/tsm/report");
  EXPECT_EQ(tree.measurements, "/tree/sys/devices/virtual/misc/tdx_guest/measurements");
  EXPECT_EQ(tree.ccel_table, "/tree/sys/firmware/acpi/tables/CCEL");
  EXPECT_EQ(tree.ccel_data, "/tree/sys/firmware/acpi/tables/data/CCEL");
  EXPECT_EQ(tree.efivars, "/tree/sys/firmware/efi/efivars");
  EXPECT_EQ(tree.boot_id, "/tree/proc/sys/kernel/random/boot_id");
  EXPECT_EQ(tree.cpuinfo, "/tree/proc/cpuinfo");
  EXPECT_EQ(tree.attest_conf, "/tree/etc/tdx-attest.conf");
}

}  // namespace
}  // namespace quoin::td
