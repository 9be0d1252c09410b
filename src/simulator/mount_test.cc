// What programs see that know nothing of the simulator: system calls on a mount.

#include "src/simulator/mount.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>

#include "src/crypto/sha2.h"
#include "src/simulator/mount_testing.h"
#include "src/simulator/samples_testing.h"

namespace quoin::simulator {
namespace {

namespace fs = std::filesystem;

constexpr unsigned long kGetReport0 = 0xc4405401;

// What a system call ended with: 0, or errno.
int error_of(ssize_t result) { return result < 0 ? errno : 0; }

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : number_(open(path.c_str(), flags | O_CLOEXEC)) {}
  ~Descriptor() { close_now(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return number_; }
  int close_now() { return number_ < 0 ? 0 : close(std::exchange(number_, -1)); }

 private:
  int number_;
};

struct ReadResult {
  int error = 0;
  Bytes bytes;
};

ReadResult read_all(const fs::path& path, size_t piece = 4096) {
  const Descriptor file(path, O_RDONLY);
  if (file.get() < 0) return {errno, {}};
  ReadResult result;
  Bytes buffer(piece);
  while (true) {
    const ssize_t count = read(file.get(), buffer.data(), buffer.size());
    if (count < 0) return {errno, {}};
    if (count == 0) return result;
    result.bytes.insert(result.bytes.end(), buffer.begin(), buffer.begin() + count);
  }
}

int write_once(const fs::path& path, ByteView bytes) {
  const Descriptor file(path, O_WRONLY);
  if (file.get() < 0) return errno;
  return error_of(write(file.get(), bytes.data(), bytes.size()));
}

class MountTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!MountedTd::is_possible()) GTEST_SKIP() << MountedTd::kWhyNot;
  }

  void mount(MountedTdSettings settings = {}) {
    mounted_ = std::make_unique<MountedTd>(settings);
    entry_ = mounted_->root() / "sys/kernel/config/tsm/report/test";
    ASSERT_EQ(mkdir(entry_.c_str(), 0755), 0) << errno;
  }
  std::string generation() const {
    return std::string(as_text(read_all(entry_ / "generation").bytes));
  }
  fs::path measurement(const char* name) const {
    return mounted_->root() / "sys/devices/virtual/misc/tdx_guest/measurements" / name;
  }
  // A write of report data and a read.
  ReadResult quote(size_t piece = 4096) const {
    const ByteArray<64> report_data = test_report_data();
    EXPECT_EQ(write_once(entry_ / "inblob", report_data), 0);
    return read_all(entry_ / "outblob", piece);
  }

  std::unique_ptr<MountedTd> mounted_;
  fs::path entry_;
};

TEST_F(MountTest, RefusesToMountOverWhatIsThere) {
  mount();
  const auto refused = [&](const fs::path& path) {
    Faults faults;
    const auto tree = GuestTree::make(mounted_->td(), faults, mount_time()).value();
    return serve_mount(*tree, path.string(), [] { ADD_FAILURE(); }).error().code;
  };
  const TestDirectory directory;
  EXPECT_EQ(refused(directory.path() / "nowhere"), ErrorCode::not_found);
  write_test_file(directory.path() / "file", "");
  EXPECT_EQ(refused(directory.path() / "file"), ErrorCode::invalid_argument);
  EXPECT_EQ(refused(directory.path()), ErrorCode::invalid_argument);
  EXPECT_EQ(refused(mounted_->root()), ErrorCode::invalid_argument);
}

TEST_F(MountTest, FailsAsTheKernelDoes) {
  mount();
  const fs::path reports = entry_.parent_path();
  EXPECT_EQ(error_of(mkdir(entry_.c_str(), 0755)), EEXIST);
  EXPECT_EQ(error_of(mkdir((entry_ / "x").c_str(), 0755)), EPERM);
  EXPECT_EQ(error_of(mkdir((mounted_->root() / "x").c_str(), 0755)), EPERM);
  EXPECT_EQ(error_of(rmdir((reports / "nothing").c_str())), ENOENT);
  EXPECT_EQ(error_of(unlink((entry_ / "inblob").c_str())), EPERM);
  EXPECT_EQ(error_of(open((entry_ / "new").c_str(), O_WRONLY | O_CREAT, 0600)), EACCES);
  EXPECT_EQ(error_of(open((entry_ / "outblob").c_str(), O_WRONLY)), EACCES);
  EXPECT_EQ(error_of(open((entry_ / "inblob").c_str(), O_RDONLY)), EACCES);
  EXPECT_EQ(read_all(entry_ / "auxblob").error, ENOENT);

  EXPECT_EQ(read_all(entry_ / "outblob").error, EINVAL);
  EXPECT_EQ(write_once(entry_ / "inblob", Bytes(65)), EFBIG);
  EXPECT_EQ(generation(), "0\n");
  EXPECT_EQ(write_once(entry_ / "inblob", Bytes(63)), 0);
  EXPECT_EQ(generation(), "1\n");
  EXPECT_EQ(read_all(entry_ / "outblob").error, EINVAL);
}

TEST_F(MountTest, QuotesWhatIsWrittenAtClose) {
  mount();
  const ByteArray<64> report_data = test_report_data();
  Descriptor inblob(entry_ / "inblob", O_WRONLY);
  ASSERT_EQ(write(inblob.get(), report_data.data(), 64), 64);
  EXPECT_EQ(generation(), "0\n");
  ASSERT_EQ(inblob.close_now(), 0);
  EXPECT_EQ(generation(), "1\n");
  // In pieces of any size.
  const ReadResult whole = read_all(entry_ / "outblob", 1 << 20);
  const Result<Quote> quote = parse_quote(whole.bytes);
  ASSERT_TRUE(quote.ok()) << quote.error().what;
  EXPECT_EQ(quote->report_data(), report_data);
  EXPECT_TRUE(quote->trailing.empty());
  EXPECT_EQ(read_all(entry_ / "outblob", 7).bytes, whole.bytes);
  EXPECT_EQ(as_text(read_all(entry_ / "provider").bytes), "tdx_guest\n");
  EXPECT_EQ(rmdir(entry_.c_str()), 0);
  EXPECT_FALSE(fs::exists(entry_));
}

TEST_F(MountTest, MakesReports) {
  mount();
  const Descriptor device(mounted_->root() / "dev/tdx_guest", O_RDWR);
  ASSERT_GE(device.get(), 0);
  ByteArray<1088> request{};
  for (const unsigned long number : {0x5401ul, 0xc4405402ul, 0x80315403ul, 0xc0105404ul}) {
    EXPECT_EQ(error_of(ioctl(device.get(), number, request.data())), ENOTTY) << number;
  }
  std::ranges::copy(test_report_data(), request.begin());
  ASSERT_EQ(ioctl(device.get(), kGetReport0, request.data()), 0) << errno;
  EXPECT_TRUE(equal(ByteView(request).subspan(64), *mounted_->td().report(test_report_data())));
  EXPECT_EQ(error_of(write(device.get(), request.data(), 1)), EINVAL);
  EXPECT_EQ(error_of(read(device.get(), request.data(), 1)), EINVAL);
}

TEST_F(MountTest, ExtendsRegisters) {
  mount();
  const ByteArray<48> digest = {5};
  const fs::path rtmr3 = measurement("rtmr3:sha384");
  EXPECT_EQ(fs::file_size(rtmr3), 48u);
  EXPECT_EQ(write_once(rtmr3, Bytes(47)), EINVAL);
  EXPECT_EQ(write_once(measurement("mrtd:sha384"), digest), EACCES);
  ASSERT_EQ(write_once(rtmr3, digest), 0);
  const Sha384Digest value = sha384({ByteArray<48>{}, digest});
  EXPECT_TRUE(equal(read_all(rtmr3).bytes, value));
  EXPECT_EQ(*mounted_->td().read_rtmr(3), value);
  const ReadResult bytes = quote();
  EXPECT_EQ(parse_quote(bytes.bytes)->td_report()->rtmr3, value);
  EXPECT_TRUE(equal(read_all(measurement("mrtd:sha384")).bytes, default_td_state().mr_td));
  // What others do to the TD shows at once.
  ASSERT_TRUE(mounted_->td().extend_rtmr(3, digest).ok());
  EXPECT_TRUE(equal(read_all(rtmr3).bytes, sha384({value, digest})));
}

TEST_F(MountTest, FailsAsItIsToldTo) {
  mount({.faults = {"outblob-etimedout=1", "outblob-eintr=1", "inblob-ebusy=1", "rtmr-einval=1"}});
  EXPECT_EQ(quote().error, EINVAL);
  EXPECT_EQ(generation(), "0\n");
  EXPECT_EQ(quote().error, ETIMEDOUT);
  EXPECT_EQ(read_all(entry_ / "outblob").error, EINTR);
  EXPECT_TRUE(parse_quote(quote().bytes).ok());
  EXPECT_EQ(write_once(measurement("rtmr2:sha384"), Bytes(48)), EINVAL);
  EXPECT_EQ(write_once(measurement("rtmr2:sha384"), Bytes(48)), 0);
}

TEST_F(MountTest, LeavesWhatFirmwareLeftAsItIsToldTo) {
  constexpr const char* kSecureBoot = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  SoftwareTd td = default_software_td("6d6f756e-7465-4d00-8000-000000000001");
  td.ccel = Bytes(100, 0xab);
  ASSERT_TRUE(set_efi_variable(td, {kSecureBoot, 6, {1}}).ok());
  mount({.faults = {"ccel-eio=2", "ccel-truncated=1", "ccel-wrong-length=1", "ccel-wrong-type=1",
                    "efivars-eio=1", "efivars-truncated=1"},
         .td = td});
  const fs::path tables = mounted_->root() / "sys/firmware/acpi/tables";
  const fs::path variable = mounted_->root() / "sys/firmware/efi/efivars" / kSecureBoot;
  EXPECT_EQ(read_all(tables / "CCEL").error, EIO);
  EXPECT_EQ(read_all(tables / "data/CCEL").error, EIO);
  EXPECT_EQ(read_all(tables / "data/CCEL").bytes, Bytes(50, 0xab));
  EXPECT_EQ(read_all(tables / "data/CCEL", 7).bytes, td.ccel);
  const Bytes wrong_table = read_all(tables / "CCEL").bytes;
  const Bytes table = read_all(tables / "CCEL").bytes;
  ASSERT_EQ(wrong_table.size(), 56u);
  ASSERT_EQ(table.size(), 56u);
  EXPECT_EQ(wrong_table[36], 1);
  EXPECT_EQ(wrong_table[40], 101);
  EXPECT_EQ(table[36], 2);
  EXPECT_EQ(table[40], 100);
  EXPECT_EQ(read_all(variable).error, EIO);
  EXPECT_EQ(read_all(variable).bytes, (Bytes{6, 0, 0}));
  EXPECT_EQ(read_all(variable).bytes, (Bytes{6, 0, 0, 0, 1}));
}

TEST_F(MountTest, HandsOverAnEmptyOutblobAsTheEndOfAFile) {
  mount({.faults = {"outblob-empty=1", "quote-dice=2"}});
  const ReadResult nothing = quote();
  EXPECT_EQ(nothing.error, 0);
  EXPECT_TRUE(nothing.bytes.empty());
  EXPECT_GT(quote(1000).bytes.size(), 100'000u);
}

TEST_F(MountTest, TimesOut) {
  mount({.faults = {"slow=400"}, .quote_timeout = std::chrono::milliseconds(100)});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(quote().error, ETIMEDOUT);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(100));
  EXPECT_EQ(read_all(entry_ / "outblob").error, EBUSY);
  // Others are not held up by it.
  EXPECT_EQ(read_all(measurement("mrowner")).bytes.size(), 48u);
}

TEST_F(MountTest, IsInterruptedByASignal) {
  mount({.faults = {"slow=20000"}});
  ASSERT_EQ(write_once(entry_ / "inblob", Bytes(64)), 0);
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = [](int) {};
  ASSERT_EQ(sigaction(SIGALRM, &action, &before), 0);
  const Descriptor outblob(entry_ / "outblob", O_RDONLY);
  ualarm(100'000, 0);
  uint8_t byte = 0;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(error_of(read(outblob.get(), &byte, 1)), EINTR);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  sigaction(SIGALRM, &before, nullptr);
}

TEST_F(MountTest, GoesAwayWithASignal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    mount();
    const fs::path root = mounted_->root();
    EXPECT_FALSE(fs::is_empty(root));
    kill(mounted_->server(), signal);
    siginfo_t info{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(mounted_->server()), &info, WEXITED | WNOWAIT), 0);
    EXPECT_EQ(info.si_code, CLD_EXITED);
    EXPECT_EQ(info.si_status, 0);
    EXPECT_TRUE(fs::is_empty(root));
    mounted_.reset();
  }
}

}  // namespace
}  // namespace quoin::simulator
