#include "src/simulator/mount_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "quoin/eventlog.h"
#include "src/base/hex.h"
#include "src/crypto/sha2.h"
#include "src/simulator/directory_testing.h"
#include "src/simulator/samples_testing.h"
#include "src/simulator/state.h"

namespace quoin::simulator {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kDevice = "/dev/tdx_guest";
constexpr const char* kReports = "/sys/kernel/config/tsm/report";
constexpr const char* kTables = "/sys/firmware/acpi/tables";
constexpr const char* kVariables = "/sys/firmware/efi/efivars";
constexpr const char* kSecureBoot = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr uint32_t kGetReport0 = 0xc4405401;

std::string measurement(std::string_view name) {
  return "/sys/devices/virtual/misc/tdx_guest/measurements/" + std::string(name);
}

template <typename T>
int error_of(const KernelResult<T>& result) {
  return result ? 0 : result.error().number;
}

class GuestTreeTest : public testing::Test {
 protected:
  GuestTreeTest() {
    init_state(state_, false).value();
    SoftwareTd td = default_software_td(fresh_boot_id());
    td.ccel = Bytes(100, 0xab);
    set_efi_variable(td, {kSecureBoot, 6, {1}}).value();
    store_.create("default", td).value();
  }

  GuestTree& tree() {
    if (!tree_) {
      const KernelTime time = {.now = [] { return std::chrono::steady_clock::now(); },
                               .wait = [](std::chrono::milliseconds) { return true; }};
      tree_ = GuestTree::make(td_, faults_, time).value();
    }
    return *tree_;
  }
  void add(const char* fault) { ASSERT_TRUE(faults_.add(fault).ok()); }
  Names list(std::string_view path) {
    Names names = tree().list(path).value();
    std::ranges::sort(names);
    return names;
  }
  std::unique_ptr<KernelFile> open(const std::string& path, bool to_write = false) {
    return tree().open(path, !to_write, to_write).value();
  }
  Bytes contents(const std::string& path) { return open(path)->read(1 << 20, 0).value(); }

  TestDirectory directory_;
  std::string state_ = (directory_.path() / "simulator").string();
  TdStore store_ = TdStore::open(state_, false).value();
  SimulatedTd td_{test_seed(1), store_, "default"};
  Faults faults_;
  std::unique_ptr<GuestTree> tree_;
};

TEST_F(GuestTreeTest, HasNothingElse) {
  for (const char* path : {"", "/x", "/dev/", "/dev/tdx_guest/x", "/sys/kernel/config/tsm/reports",
                           "/sys/kernel/config/tsm/report/", "/sys/kernel/config/tsm/report/a",
                           "/sys/kernel/config/tsm/report/a/inblob", "/sys/kernel/confi"}) {
    EXPECT_EQ(error_of(tree().status(path)), ENOENT) << path;
    EXPECT_EQ(error_of(tree().list(path)), ENOENT) << path;
    EXPECT_EQ(error_of(tree().open(path, true, false)), ENOENT) << path;
    EXPECT_EQ(error_of(tree().remove_directory(path)), ENOENT) << path;
  }
  EXPECT_EQ(error_of(tree().open(kReports, true, false)), EISDIR);
  EXPECT_EQ(error_of(tree().list(kDevice)), ENOTDIR);
  EXPECT_EQ(error_of(tree().remove_directory(kDevice)), ENOTDIR);
}

TEST_F(GuestTreeTest, LetsNobodyMakeDirectoriesElsewhere) {
  const std::string reports = kReports;
  EXPECT_EQ(error_of(tree().make_directory("/x")), EPERM);
  EXPECT_EQ(error_of(tree().make_directory("/dev/x")), EPERM);
  EXPECT_EQ(error_of(tree().make_directory(reports)), EEXIST);
  EXPECT_EQ(error_of(tree().remove_directory(reports)), EPERM);
  ASSERT_TRUE(tree().make_directory(reports + "/a"));
  EXPECT_EQ(error_of(tree().make_directory(reports + "/a")), EEXIST);
  EXPECT_EQ(error_of(tree().make_directory(reports + "/a/x")), EPERM);
  EXPECT_EQ(error_of(tree().make_directory(reports + "/a/x/y")), EPERM);
  EXPECT_EQ(error_of(tree().remove_directory(reports + "/a/inblob")), ENOTDIR);
  ASSERT_TRUE(tree().remove_directory(reports + "/a"));
  EXPECT_EQ(error_of(tree().status(reports + "/a")), ENOENT);
}

TEST_F(GuestTreeTest, OpensNothingForWhatNobodyMay) {
  const std::string entry = std::string(kReports) + "/a";
  ASSERT_TRUE(tree().make_directory(entry));
  const struct {
    std::string path;
    bool readable;
    bool writable;
  } kTests[] = {
      {kDevice, true, true},
      {entry + "/inblob", false, true},
      {entry + "/outblob", true, false},
      {entry + "/generation", true, false},
      {entry + "/provider", true, false},
      {measurement("mrtd:sha384"), true, false},
      {measurement("mrconfigid"), true, false},
      {measurement("rtmr0:sha384"), true, true},
      {measurement("rtmr3:sha384"), true, true},
      {std::string(kTables) + "/CCEL", true, false},
      {std::string(kTables) + "/data/CCEL", true, false},
      {std::string(kVariables) + "/" + kSecureBoot, true, false},
  };
  for (const auto& test : kTests) {
    EXPECT_EQ(error_of(tree().open(test.path, true, false)), test.readable ? 0 : EACCES)
        << test.path;
    EXPECT_EQ(error_of(tree().open(test.path, false, true)), test.writable ? 0 : EACCES)
        << test.path;
    EXPECT_EQ(error_of(tree().open(test.path, true, true)),
              test.readable && test.writable ? 0 : EACCES)
        << test.path;
  }
}

TEST_F(GuestTreeTest, HasTheKernelsPaths) {
  EXPECT_EQ(list("/"), (Names{"dev", "proc", "sys"}));
  EXPECT_EQ(list("/sys"), (Names{"devices", "firmware", "kernel"}));
  EXPECT_EQ(list("/dev"), Names{"tdx_guest"});
  EXPECT_EQ(list(kReports), Names{});
  ASSERT_TRUE(tree().make_directory(std::string(kReports) + "/a"));
  EXPECT_EQ(list(kReports), Names{"a"});
  EXPECT_EQ(list(std::string(kReports) + "/a"),
            (Names{"generation", "inblob", "outblob", "provider"}));
  EXPECT_EQ(list(measurement("").substr(0, measurement("").size() - 1)),
            (Names{"mrconfigid", "mrowner", "mrownerconfig", "mrtd:sha384", "rtmr0:sha384",
                   "rtmr1:sha384", "rtmr2:sha384", "rtmr3:sha384"}));
  EXPECT_EQ(list(kTables), (Names{"CCEL", "data"}));
  EXPECT_EQ(list(kVariables), Names{kSecureBoot});
  EXPECT_EQ(tree().status(kDevice)->mode, 0600u);
  EXPECT_EQ(tree().status(measurement("mrtd:sha384"))->size, 48u);
  EXPECT_TRUE(tree().status("/")->directory);
}

TEST_F(GuestTreeTest, LeavesOutWhatItIsToldTo) {
  add("no-device");
  add("no-measurements");
  add("no-tsm");
  EXPECT_EQ(list("/dev"), Names{});
  EXPECT_EQ(list("/sys"), Names{"firmware"});
  EXPECT_EQ(error_of(tree().status(kReports)), ENOENT);
  EXPECT_EQ(error_of(tree().make_directory(std::string(kReports) + "/a")), EPERM);
}

TEST_F(GuestTreeTest, MakesReportsAndNothingElse) {
  const std::unique_ptr<KernelFile> device = open(kDevice);
  Bytes request(1088);
  for (const uint32_t number : {0u, 0x5401u, 0xc4405402u, 0x80315403u, 0xc0105404u, 0xc0a85405u}) {
    EXPECT_EQ(error_of(device->ioctl(number, request)), ENOTTY) << number;
  }
  EXPECT_EQ(error_of(device->ioctl(kGetReport0, std::span(request).first(1087))), ENOTTY);
  EXPECT_EQ(error_of(device->read(1, 0)), EINVAL);
  EXPECT_EQ(error_of(device->write(request, 0)), EINVAL);
  EXPECT_TRUE(all_zero(request));

  std::ranges::copy(test_report_data(), request.begin());
  ASSERT_TRUE(device->ioctl(kGetReport0, request));
  const ByteView report = ByteView(request).subspan(64);
  EXPECT_TRUE(equal(report, td_.report(test_report_data()).value()));
  EXPECT_TRUE(equal(ByteView(request).first(64), test_report_data()));

  add("report-ebusy=1");
  EXPECT_EQ(error_of(device->ioctl(kGetReport0, request)), EBUSY);
  add("report-eio=1");
  EXPECT_EQ(error_of(device->ioctl(kGetReport0, request)), EIO);
  add("report-wrong-report-data=1");
  ASSERT_TRUE(device->ioctl(kGetReport0, request));
  EXPECT_NE(parse_td_report(report)->report_mac_struct.report_data, test_report_data());
}

TEST_F(GuestTreeTest, ExtendsByWholeDigests) {
  const std::unique_ptr<KernelFile> rtmr = open(measurement("rtmr3:sha384"), true);
  const Bytes digest(48, 9);
  EXPECT_EQ(error_of(rtmr->write(Bytes(1), 0)), EINVAL);
  EXPECT_EQ(error_of(rtmr->write(Bytes(47), 0)), EINVAL);
  EXPECT_EQ(error_of(rtmr->write(digest, 1)), EINVAL);
  EXPECT_EQ(error_of(rtmr->write(digest, 47)), EINVAL);
  EXPECT_EQ(error_of(rtmr->write(digest, 48)), EFBIG);
  EXPECT_EQ(rtmr->write({}, 0).value(), 0u);
  for (const char* fault : {"rtmr-ebusy=1", "rtmr-einval=1", "rtmr-eio=1"}) {
    add(fault);
    EXPECT_FALSE(rtmr->write(digest, 0)) << fault;
  }
  EXPECT_TRUE(all_zero(contents(measurement("rtmr3:sha384"))));

  EXPECT_EQ(rtmr->write(digest, 0).value(), 48u);
  Sha384Digest value = sha384({ByteArray<48>{}, digest});
  EXPECT_EQ(contents(measurement("rtmr3:sha384")), Bytes(value.begin(), value.end()));
  // sysfs cuts off what goes over the end.
  EXPECT_EQ(rtmr->write(Bytes(49, 9), 0).value(), 48u);
  add("rtmr-eio-extended=1");
  EXPECT_EQ(error_of(rtmr->write(digest, 0)), EIO);
  value = sha384({value, digest});
  value = sha384({value, digest});
  EXPECT_EQ(*td_.read_rtmr(3), value);
}

TEST_F(GuestTreeTest, ShowsRegistersAsTheyAreNow) {
  const TdState state = default_td_state();
  const std::unique_ptr<KernelFile> opened = open(measurement("rtmr2:sha384"));
  EXPECT_TRUE(equal(opened->read(100, 0).value(), state.rtmr2));
  ASSERT_TRUE(td_.extend_rtmr(2, {}).ok());
  EXPECT_TRUE(equal(opened->read(100, 0).value(), *td_.read_rtmr(2)));
  EXPECT_TRUE(opened->read(100, 48)->empty());
  EXPECT_EQ(opened->read(10, 40)->size(), 8u);
  EXPECT_TRUE(equal(contents(measurement("mrtd:sha384")), state.mr_td));
  EXPECT_TRUE(all_zero(contents(measurement("mrconfigid"))));
  EXPECT_EQ(contents(measurement("mrowner")).size(), 48u);
}

TEST_F(GuestTreeTest, ShowsWhatFirmwareLeft) {
  EXPECT_EQ(contents(std::string(kTables) + "/data/CCEL"), Bytes(100, 0xab));
  const Bytes table = contents(std::string(kTables) + "/CCEL");
  ASSERT_EQ(table.size(), 56u);
  EXPECT_TRUE(equal(ByteView(table).first(4), as_bytes("CCEL")));
  EXPECT_EQ(table[4], 56);
  uint8_t sum = 0;
  for (const uint8_t byte : table) sum = static_cast<uint8_t>(sum + byte);
  EXPECT_EQ(sum, 0);
  EXPECT_EQ(table[36], 2);
  EXPECT_EQ(table[40], 100);
  EXPECT_EQ(to_hex(contents(std::string(kVariables) + "/" + kSecureBoot)), "0600000001");
}

TEST_F(GuestTreeTest, LeavesWhatFirmwareLeftAsItIsToldTo) {
  const std::string table = std::string(kTables) + "/CCEL";
  const std::string log = std::string(kTables) + "/data/CCEL";
  const std::string variable = std::string(kVariables) + "/" + kSecureBoot;
  const Bytes true_table = contents(table);
  const struct {
    const char* fault;
    const std::string& path;
    int error;
    size_t size;
  } kTests[] = {
      {"ccel-eio=1", table, EIO, 0},           {"ccel-eio=1", log, EIO, 0},
      {"ccel-truncated=1", log, 0, 50},        {"efivars-eio=1", variable, EIO, 0},
      {"efivars-truncated=1", variable, 0, 3},
  };
  for (const auto& test : kTests) {
    const Bytes whole = contents(test.path);
    add(test.fault);
    const std::unique_ptr<KernelFile> opened = open(test.path);
    const KernelResult<Bytes> read = opened->read(1 << 20, 0);
    EXPECT_EQ(error_of(read), test.error) << test.fault;
    if (read) {
      EXPECT_TRUE(equal(*read, ByteView(whole).first(test.size))) << test.fault;
    }
    // What was opened stays as it is, and what is opened again is as it was.
    EXPECT_EQ(error_of(opened->read(1, 0)), test.error) << test.fault;
    EXPECT_EQ(contents(test.path), whole) << test.fault;
  }

  add("ccel-wrong-length=1");
  EXPECT_EQ(parse_ccel_table(contents(table))->log_area_bytes, 101u);
  add("ccel-wrong-type=1");
  const Result<CcelTable> of_sev = parse_ccel_table(contents(table));
  ASSERT_FALSE(of_sev.ok());
  EXPECT_EQ(of_sev.error().code, ErrorCode::unsupported);
  EXPECT_EQ(contents(table), true_table);
  EXPECT_EQ(parse_ccel_table(true_table)->log_area_bytes, 100u);
}

TEST_F(GuestTreeTest, HasTheBootIdOfTheTd) {
  const std::string path = "/proc/sys/kernel/random/boot_id";
  EXPECT_EQ(as_text(contents(path)), *td_.boot_id() + "\n");
  const auto boot = [](SoftwareTd& td) -> Result<void> {
    reboot(td, "another");
    return {};
  };
  ASSERT_TRUE(store_.change("default", boot).ok());
  EXPECT_EQ(as_text(contents(path)), "another\n");
  EXPECT_NE(as_text(contents("/proc/cpuinfo")).find(" tdx_guest\n"), std::string::npos);
}

TEST_F(GuestTreeTest, HasNoTableWithoutALog) {
  SimulatedTd other(test_seed(1), store_, "other");
  ASSERT_TRUE(store_.create("other", default_software_td(fresh_boot_id())).ok());
  const std::unique_ptr<GuestTree> tree = GuestTree::make(other, faults_, {}).value();
  EXPECT_EQ(error_of(tree->status(kTables)), ENOENT);
  EXPECT_TRUE(tree->list(kVariables)->empty());
  SimulatedTd nobody(test_seed(1), store_, "nobody");
  EXPECT_EQ(GuestTree::make(nobody, faults_, {}).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace quoin::simulator
