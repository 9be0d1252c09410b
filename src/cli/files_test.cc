#include "src/cli/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace quoin::cli {
namespace {

class FilesTest : public testing::Test {
 protected:
  FilesTest() : directory_(testing::TempDir() + "quoin_files_test." + std::to_string(getpid())) {
    std::filesystem::create_directory(directory_);
  }
  ~FilesTest() override { std::filesystem::remove_all(directory_); }

  std::string path(std::string_view name) const { return directory_ + "/" + std::string(name); }

 private:
  std::string directory_;
};

TEST_F(FilesTest, ReadsNoMoreThanIsAllowed) {
  const Bytes contents(100'000, 7);
  ASSERT_TRUE(write_file(path("file"), contents).ok());
  Inputs inputs(-1);
  const Result<Bytes> too_large = inputs.read(path("file"), contents.size() - 1);
  ASSERT_FALSE(too_large.ok());
  EXPECT_EQ(too_large.error().code, ErrorCode::too_large);
  EXPECT_EQ(*inputs.read(path("file"), contents.size()), contents);
}

TEST_F(FilesTest, SaysWhyItCannotRead) {
  Inputs inputs(-1);
  EXPECT_EQ(inputs.read(path("nowhere")).error().code, ErrorCode::not_found);
  EXPECT_EQ(inputs.read(path(".")).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(inputs.read("-").error().code, ErrorCode::io);
  EXPECT_EQ(inputs.read("-").error().code, ErrorCode::invalid_argument);
}

TEST_F(FilesTest, WritesAllOrNothing) {
  const mode_t before = umask(0077);
  ASSERT_TRUE(write_file(path("file"), as_bytes("old")).ok());
  umask(before);
  struct stat status{};
  ASSERT_EQ(stat(path("file").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0644U);
  ASSERT_TRUE(write_file(path("file"), as_bytes("new")).ok());
  EXPECT_EQ(as_text(*Inputs(-1).read(path("file"))), "new");

  // A link is not followed, a directory not replaced.
  std::filesystem::create_symlink(path("file"), path("link"));
  EXPECT_FALSE(write_file(path("link"), as_bytes("x")).ok());
  EXPECT_FALSE(write_file(path("."), as_bytes("x")).ok());
  EXPECT_FALSE(write_file(path("no/where"), as_bytes("x")).ok());
  EXPECT_FALSE(write_file("", as_bytes("x")).ok());
  EXPECT_EQ(as_text(*Inputs(-1).read(path("file"))), "new");
  size_t entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(path("."))) {
    ++entries;
  }
  EXPECT_EQ(entries, 2U);
}

TEST_F(FilesTest, WritesWhereThePathLedAtFirst) {
  std::filesystem::create_directory(path("sub"));
  std::filesystem::create_directory(path("elsewhere"));
  const Result<OutputFile> file = OutputFile::open(path("sub/file"));
  ASSERT_TRUE(file.ok());
  std::filesystem::rename(path("sub"), path("moved"));
  std::filesystem::create_directory_symlink("elsewhere", path("sub"));
  ASSERT_TRUE(file->write(as_bytes("text")).ok());
  EXPECT_FALSE(std::filesystem::exists(path("elsewhere/file")));
  EXPECT_EQ(as_text(*Inputs(-1).read(path("moved/file"))), "text");
  // What came to be there meanwhile is not replaced either.
  std::filesystem::remove(path("moved/file"));
  std::filesystem::create_symlink("x", path("moved/file"));
  EXPECT_FALSE(file->write(as_bytes("text")).ok());
}

}  // namespace
}  // namespace quoin::cli
