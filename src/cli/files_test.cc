#include "src/cli/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <string>
#include <utility>

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

TEST_F(FilesTest, ReadsSecretsAsWell) {
  const Bytes contents(100'000, 7);
  ASSERT_TRUE(write_file(path("file"), contents).ok());
  Inputs inputs(-1);
  EXPECT_EQ(inputs.read_secret(path("file"), contents.size() - 1).error().code,
            ErrorCode::too_large);
  const Result<SecretBytes> read = inputs.read_secret(path("file"), contents.size());
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(equal(read->view(), contents));
  EXPECT_EQ(inputs.read_secret(path("none"), 1).error().code, ErrorCode::not_found);
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

TEST_F(FilesTest, APendingFileIsNobodysUntilItIsWhole) {
  const mode_t before = umask(0);
  ASSERT_TRUE(write_file(path("file"), as_bytes("old")).ok());
  const OutputFile file = OutputFile::open(path("file")).value();
  {
    PendingFile pending = file.begin(0640).value();
    ASSERT_TRUE(pending.write(as_bytes("never seen")).ok());
    EXPECT_EQ(as_text(*Inputs(-1).read(path("file"))), "old");
    for (const auto& entry : std::filesystem::directory_iterator(path("."))) {
      if (entry.path().filename() == "file") continue;
      EXPECT_EQ(entry.status().permissions(),
                std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
  }
  EXPECT_EQ(as_text(*Inputs(-1).read(path("file"))), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path(".")), {}), 1);

  PendingFile first = file.begin(0640).value();
  PendingFile pending = std::move(first);
  ASSERT_TRUE(pending.write(as_bytes("ne")).ok());
  ASSERT_TRUE(pending.write(as_bytes("w")).ok());
  ASSERT_TRUE(pending.commit().ok());
  umask(before);
  EXPECT_EQ(as_text(*Inputs(-1).read(path("file"))), "new");
  struct stat status{};
  ASSERT_EQ(stat(path("file").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path(".")), {}), 1);
}

TEST_F(FilesTest, StreamsFromFiles) {
  ASSERT_TRUE(write_file(path("file"), as_bytes("0123456789")).ok());
  InputStream opened = InputStream::open(path("file"), -1).value();
  const InputStream stream = std::move(opened);
  EXPECT_EQ(stream.size(), 10U);
  Bytes buffer(7);
  EXPECT_EQ(*stream.read(buffer), 7U);
  EXPECT_EQ(as_text(buffer), "0123456");
  EXPECT_EQ(*stream.read(buffer), 3U);
  EXPECT_EQ(as_text(ByteView(buffer).first(3)), "789");
  EXPECT_EQ(*stream.read(buffer), 0U);

  EXPECT_EQ(InputStream::open(path("nowhere"), -1).error().code, ErrorCode::invalid_argument);
  const InputStream directory = InputStream::open(path("."), -1).value();
  EXPECT_EQ(directory.read(buffer).error().code, ErrorCode::invalid_argument);
  EXPECT_FALSE(directory.size().has_value());
  const InputStream closed = InputStream::open("-", -1).value();
  EXPECT_EQ(closed.read(buffer).error().code, ErrorCode::io);
}

}  // namespace
}  // namespace quoin::cli
