#include "src/os/io.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "src/os/unique_fd.h"

namespace quoin {
namespace {

using std::chrono::milliseconds;

class Io : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "quoin-os-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return directory_ / name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }

  std::filesystem::path directory_;
};

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    out = UniqueFd(ends[0]);
    in = UniqueFd(ends[1]);
  }
  UniqueFd out;
  UniqueFd in;
};

TEST_F(Io, AMissingFileIsNotFound) {
  const Result<Bytes> read = read_file(path("none"), 10);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::not_found);
}

TEST_F(Io, FilesAreReadUpToTheLimitAndNotPastIt) {
  write("five", "12345");
  const Result<Bytes> fits = read_file(path("five"), 5);
  ASSERT_TRUE(fits.ok());
  EXPECT_EQ(as_text(*fits), "12345");
  const Result<Bytes> too_long = read_file(path("five"), 4);
  ASSERT_FALSE(too_long.ok());
  EXPECT_EQ(too_long.error().code, ErrorCode::too_large);
}

TEST_F(Io, AFileOverAChunkIsReadWhole) {
  const std::string text(100'000, 'x');
  write("long", text);
  const Result<Bytes> read = read_file(path("long"), text.size());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(as_text(*read), text);
}

TEST_F(Io, AnEndlessFileEnds) {
  const Result<Bytes> read = read_file("/dev/zero", 1000);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::too_large);
}

TEST_F(Io, AFifoWithoutAWriterIsEmptyAndNobodyWaits) {
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  const Result<Bytes> read = read_file(path("fifo"), 10);
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->empty());
}

TEST_F(Io, WhatCannotBeWrittenIsAnError) {
  const UniqueFd file(open("/dev/full", O_WRONLY | O_CLOEXEC));
  const Result<void> written = write_all(file.get(), as_bytes("x"), "full");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::io);
}

TEST_F(Io, WaitingEndsAtTheDeadline) {
  const Pipe silent;
  const auto begun = std::chrono::steady_clock::now();
  const Result<void> waited =
      wait_for(silent.out.get(), POLLIN, deadline_after(milliseconds(30)), "pipe");
  ASSERT_FALSE(waited.ok());
  EXPECT_EQ(waited.error().code, ErrorCode::timed_out);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(30));
}

TEST_F(Io, WaitingEndsWithWhatComesOrWithTheEnd) {
  Pipe pipe;
  const Deadline deadline = deadline_after(std::chrono::seconds(10));
  ASSERT_TRUE(write_all(pipe.in.get(), as_bytes("x"), "pipe").ok());
  EXPECT_TRUE(wait_for(pipe.out.get(), POLLIN, deadline, "pipe").ok());
  std::array<char, 1> byte{};
  ASSERT_EQ(read(pipe.out.get(), byte.data(), 1), 1);
  pipe.in.reset();
  EXPECT_TRUE(wait_for(pipe.out.get(), POLLIN, deadline, "pipe").ok());
}

TEST_F(Io, PausesEndAtTheDeadline) {
  EXPECT_TRUE(pause_for(milliseconds(1), deadline_after(std::chrono::seconds(10))));
  EXPECT_FALSE(pause_for(std::chrono::seconds(10), deadline_after(milliseconds(1))));
}

TEST(Deadline, WhatHasPassedHasNothingLeft) {
  const Deadline passed = deadline_after(milliseconds(0));
  EXPECT_TRUE(has_passed(passed));
  EXPECT_EQ(remaining(passed), milliseconds(0));
  EXPECT_EQ(poll_timeout(passed), 0);
}

TEST(Deadline, TheFarthestDoesNotOverflow) {
  const Deadline far = deadline_after(milliseconds::max());
  EXPECT_FALSE(has_passed(far));
  EXPECT_EQ(poll_timeout(far), 24 * 60 * 60 * 1000);
}

}  // namespace
}  // namespace quoin
