// What the tests of this room share: a machine whose reports and quotes are real in every byte, a
// TD whose registers are in a file, and a directory that goes away.

#ifndef QUOIN_SRC_TD_SAMPLES_TESTING_H_
#define QUOIN_SRC_TD_SAMPLES_TESTING_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/base/testing_files.h"
#include "src/crypto/sha2.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"
#include "src/td/td.h"

namespace quoin::td {

// The machine under the tests' TDs.
class TestMachine {
 public:
  Bytes report(const ByteArray<64>& report_data) const {
    return platform_.td_report(simulator::default_td_state(), report_data);
  }
  Bytes quote_of(ByteView report) const { return platform_.quote(report).value(); }
  Bytes quote(const ByteArray<64>& report_data) const { return quote_of(report(report_data)); }
  Bytes quote(const ByteArray<64>& report_data, const ByteArray<48>& rtmr3) const {
    simulator::TdState state = simulator::default_td_state();
    state.rtmr3 = rtmr3;
    return quote_of(platform_.td_report(state, report_data));
  }

 private:
  simulator::Platform platform_{simulator::test_seed(1), simulator::kIssued};
};

inline ByteArray<64> sample_report_data(uint8_t first = 1) {
  ByteArray<64> data = simulator::test_report_data();
  data[0] = first;
  return data;
}

constexpr std::chrono::milliseconds soon() { return std::chrono::milliseconds(20); }
constexpr std::chrono::milliseconds long_enough() { return std::chrono::seconds(20); }

// A directory of its own for each test.
class WithDirectory : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "quoin-td-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  static void put(const std::string& path, ByteView contents) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << as_text(contents);
  }
  static void put(const std::string& path, std::string_view contents) {
    put(path, as_bytes(contents));
  }

  std::string directory_;
};

// A TD whose RTMR3 is a file, so that it outlives the process that extends it. It does nothing to
// keep two that extend it apart: that is for the log.
class FileTd final : public Td {
 public:
  explicit FileTd(std::string path, std::string boot = "boot-1")
      : path_(std::move(path)), boot_(std::move(boot)) {}

  Result<Bytes> report(const ByteArray<64>&) override { return none(); }
  Result<Bytes> quote(const ByteArray<64>& report_data) override {
    return TestMachine().quote(report_data, read_rtmr(kRuntimeRtmr).value());
  }
  Result<Bytes> quote_report(ByteView) override { return none(); }
  Result<ByteArray<48>> read_rtmr(unsigned) override {
    if (reads_left_ == 0) return none();
    --reads_left_;
    ByteArray<48> value{};
    const Bytes bytes = testing_files::read(path_);
    if (bytes.size() == value.size()) std::ranges::copy(bytes, value.begin());
    return value;
  }
  Result<void> extend_rtmr(unsigned index, const ByteArray<48>& digest) override {
    ++extensions_;
    if (fails_) return none();
    if (does_nothing_) return {};
    const ByteArray<48> value = read_rtmr(index).value();
    const ByteArray<48> after = sha384({value, digest});
    const int file = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const bool written = pwrite(file, after.data(), after.size(), 0) == ssize_t{after.size()};
    close(file);
    if (!written || fails_afterwards_) return none();
    return {};
  }
  Result<std::string> boot_id() override { return boot_; }
  bool simulated() const override { return true; }

  void reboot(std::string boot) {
    boot_ = std::move(boot);
    std::filesystem::remove(path_);
  }
  void fail() { fails_ = true; }
  void work() { fails_ = fails_afterwards_ = does_nothing_ = false; }
  void fail_afterwards() { fails_afterwards_ = true; }
  void do_nothing() { does_nothing_ = true; }
  void read_only(int times) { reads_left_ = times; }
  void read_again() { reads_left_ = -1; }
  int extensions() const { return extensions_; }

 private:
  static Error none() { return {ErrorCode::io, "the test says no"}; }

  std::string path_;
  std::string boot_;
  bool fails_ = false;
  bool fails_afterwards_ = false;
  bool does_nothing_ = false;
  int reads_left_ = -1;
  int extensions_ = 0;
};

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_SAMPLES_TESTING_H_
