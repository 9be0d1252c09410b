#include "src/wasm/file_broker.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstring>
#include <filesystem>
#include <stop_token>
#include <thread>

#include "src/base/reader.h"
#include "src/wasm/guest/protocol.h"
#include "src/wasm/guest/wasi.h"
#include "src/wasm/test_support.h"

namespace quoin {
namespace {

namespace fs = std::filesystem;

// Preopens: 0 is writable ("/w"), 1 is read-only ("/r"). Beside them lies what nobody may see.
class FileBrokerTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(tree_.file("w"));
    fs::create_directory(tree_.file("r"));
    tree_.write("secret", "secret");
    tree_.write("w/file", "text");
    tree_.write("r/file", "text");
    auto broker = FileBroker::open(
        std::vector<Preopen>{{"/w", tree_.file("w"), false}, {"/r", tree_.file("r"), true}});
    ASSERT_TRUE(broker.ok()) << broker.error().what;
    broker_ = std::move(broker).value();
  }

  static Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(20); }

  Answer ask(const FileRequest& request) {
    auto answer = broker_.handle(request, soon());
    EXPECT_TRUE(answer.ok()) << answer.error().what;
    return answer.ok() ? *answer : Answer{.error = 0xffff, .payload = {}};
  }

  uint16_t open_error(uint32_t directory, const std::string& path, int flags) {
    return ask(OpenRequest{{directory, path}, static_cast<uint8_t>(flags)}).error;
  }

  // Opens what must open, and returns its id.
  uint32_t open(uint32_t directory, const std::string& path, int flags) {
    const Answer answer = ask(OpenRequest{{directory, path}, static_cast<uint8_t>(flags)});
    EXPECT_EQ(answer.error, 0) << path;
    descriptor_ = answer.fd;
    Reader reader(answer.payload, "answer");
    auto id = reader.u32le();
    return id.ok() ? *id : 0;
  }

  RunRecord finish() {
    RunRecord record;
    auto result = broker_.finish(record, soon());
    EXPECT_TRUE(result.ok()) << result.error().what;
    return record;
  }

  static std::vector<std::string> names(const std::vector<FileDigest>& files) {
    std::vector<std::string> result;
    for (const FileDigest& file : files) result.push_back(file.guest_path);
    return result;
  }

  TestDirectory tree_;
  FileBroker broker_;
  int descriptor_ = -1;
};

constexpr int kRead = QUOIN_OPEN_READ | QUOIN_OPEN_FOLLOW;
constexpr int kWrite = QUOIN_OPEN_WRITE | QUOIN_OPEN_FOLLOW;
constexpr int kCreate = kWrite | QUOIN_OPEN_CREATE;

TEST_F(FileBrokerTest, NoPathLeadsOutside) {
  fs::create_directory(tree_.file("w/sub"));
  fs::create_symlink("../secret", tree_.file("w/up"));
  fs::create_symlink(tree_.file("secret"), tree_.file("w/absolute"));
  fs::create_symlink("..", tree_.file("w/parent"));
  fs::create_symlink("/proc/self/root/etc/passwd", tree_.file("w/magic"));
  for (const char* path :
       {"../secret", "sub/../../secret", "/etc/passwd", "up", "absolute", "parent/secret", "magic",
        "/", "..", "./../secret", "sub/../up", "//etc/passwd"}) {
    EXPECT_EQ(open_error(0, path, kRead), WASI_NOTCAPABLE) << path;
    EXPECT_EQ(ask(PathStatRequest{{0, path}, true}).error, WASI_NOTCAPABLE) << path;
    EXPECT_NE(ask(UnlinkRequest{{0, path + std::string("/x")}}).error, 0) << path;
  }
  for (const char* path : {"../made", "/tmp/made", "parent/made", "sub/../../made"}) {
    EXPECT_EQ(open_error(0, path, kCreate), WASI_NOTCAPABLE) << path;
    EXPECT_EQ(ask(MakeDirectoryRequest{{0, path}}).error, WASI_NOTCAPABLE) << path;
    EXPECT_EQ(ask(SymlinkRequest{"x", {0, path}}).error, WASI_NOTCAPABLE) << path;
    EXPECT_EQ(ask(RenameRequest{{0, "file"}, {0, path}}).error, WASI_NOTCAPABLE) << path;
    EXPECT_EQ(ask(LinkRequest{{0, "file"}, false, {0, path}}).error, WASI_NOTCAPABLE) << path;
    EXPECT_EQ(ask(RenameRequest{{0, path}, {0, "x"}}).error, WASI_NOTCAPABLE) << path;
    EXPECT_EQ(ask(ReadLinkRequest{{0, path}}).error, WASI_NOTCAPABLE) << path;
  }
  EXPECT_FALSE(fs::exists(tree_.file("made")));
}

TEST_F(FileBrokerTest, APathThatIsNone) {
  EXPECT_EQ(open_error(0, "", kRead), WASI_NOENT);
  EXPECT_EQ(open_error(0, std::string("file\0x", 6), kRead), WASI_ILSEQ);
  EXPECT_EQ(ask(UnlinkRequest{{0, std::string("file\0x", 6)}}).error, WASI_ILSEQ);
  EXPECT_EQ(open_error(7, "file", kRead), WASI_BADF);
  EXPECT_EQ(ask(UnlinkRequest{{0, ".."}}).error, WASI_INVAL);
  EXPECT_EQ(ask(RemoveDirectoryRequest{{0, "."}}).error, WASI_INVAL);
  EXPECT_EQ(ask(UnlinkRequest{{0, "file/"}}).error, WASI_NOTDIR);
  EXPECT_EQ(open_error(0, "nothing", kRead), WASI_NOENT);
}

TEST_F(FileBrokerTest, NothingChangesInAReadOnlyDirectory) {
  for (const int flags :
       {kWrite, kCreate, kRead | QUOIN_OPEN_TRUNCATE, kRead | QUOIN_OPEN_CREATE}) {
    EXPECT_EQ(open_error(1, "file", flags), WASI_ROFS) << flags;
  }
  EXPECT_EQ(ask(MakeDirectoryRequest{{1, "d"}}).error, WASI_ROFS);
  EXPECT_EQ(ask(RemoveDirectoryRequest{{1, "d"}}).error, WASI_ROFS);
  EXPECT_EQ(ask(UnlinkRequest{{1, "file"}}).error, WASI_ROFS);
  EXPECT_EQ(ask(SymlinkRequest{"x", {1, "l"}}).error, WASI_ROFS);
  EXPECT_EQ(ask(PathSetTimesRequest{{1, "file"}, true, {}}).error, WASI_ROFS);
  EXPECT_EQ(ask(SetTimesRequest{open(1, "file", kRead), {}}).error, WASI_ROFS);
  // Neither may a file leave it, to be written to under another name.
  EXPECT_EQ(ask(LinkRequest{{1, "file"}, false, {0, "stolen"}}).error, WASI_ROFS);
  EXPECT_EQ(ask(RenameRequest{{1, "file"}, {0, "stolen"}}).error, WASI_ROFS);
  EXPECT_EQ(ask(RenameRequest{{0, "file"}, {1, "stolen"}}).error, WASI_ROFS);
  EXPECT_EQ(fcntl(descriptor_, F_GETFL) & O_ACCMODE, O_RDONLY);
}

TEST_F(FileBrokerTest, OpensOnlyFilesAndDirectories) {
  ASSERT_EQ(mkfifo(tree_.file("w/fifo").c_str(), 0600), 0);
  EXPECT_EQ(open_error(0, "fifo", kRead), WASI_NOTCAPABLE);
  EXPECT_NE(open_error(0, "fifo", kWrite), 0);
  if (mknod(tree_.file("w/null").c_str(), S_IFCHR | 0666, makedev(1, 3)) == 0) {
    EXPECT_NE(open_error(0, "null", kRead), 0);
    EXPECT_NE(open_error(0, "null", kWrite), 0);
  }
  EXPECT_EQ(open_error(0, "file", kRead | QUOIN_OPEN_DIRECTORY), WASI_NOTDIR);
  fs::create_symlink("file", tree_.file("w/link"));
  EXPECT_EQ(open_error(0, "link", QUOIN_OPEN_READ), WASI_LOOP);
  EXPECT_EQ(open_error(0, "link", kRead), 0);
  EXPECT_EQ(ask(SymlinkRequest{"/etc/passwd", {0, "out"}}).error, WASI_NOTCAPABLE);
}

TEST_F(FileBrokerTest, TheNumberOfOpenFilesIsBounded) {
  uint16_t error = 0;
  for (int i = 0; i < 2 * QUOIN_MAX_FDS && error == 0; ++i) error = open_error(0, "file", kRead);
  EXPECT_EQ(error, WASI_NFILE);
}

TEST_F(FileBrokerTest, AGuestMayCloseItsDirectories) {
  const uint32_t id = open(0, "new", kCreate);
  EXPECT_EQ(ask(CloseRequest{0}).error, 0);
  EXPECT_EQ(open_error(0, "file", kRead), WASI_BADF);
  EXPECT_EQ(ask(CloseRequest{id}).error, 0);
  EXPECT_EQ(ask(CloseRequest{id}).error, WASI_BADF);
  EXPECT_THAT(names(finish().outputs), testing::ElementsAre("/w/new"));
}

TEST_F(FileBrokerTest, RecordsInputsAndOutputs) {
  fs::create_directory(tree_.file("w/sub"));
  fs::create_symlink("sub/../file", tree_.file("w/link"));
  open(0, "link", kRead);
  open(1, "./file", kRead);
  open(0, "written", kCreate);
  ASSERT_EQ(write(descriptor_, "abc", 3), 3);
  open(0, "sub/moved", kCreate);
  open(0, "removed", kCreate);
  EXPECT_EQ(ask(UnlinkRequest{{0, "removed"}}).error, 0);
  EXPECT_EQ(ask(RenameRequest{{0, "sub"}, {0, "renamed/"}}).error, 0);
  EXPECT_EQ(ask(LinkRequest{{0, "written"}, false, {0, "second"}}).error, 0);
  const RunRecord record = finish();
  EXPECT_THAT(names(record.inputs), testing::ElementsAre("/r/file", "/w/file"));
  EXPECT_EQ(record.inputs[0].sha256, sha256(as_bytes("text")));
  EXPECT_THAT(names(record.outputs),
              testing::ElementsAre("/w/renamed/moved", "/w/second", "/w/written"));
  EXPECT_EQ(record.outputs[2].sha256, sha256(as_bytes("abc")));
  EXPECT_EQ(record.outputs[2].size, 3U);
}

TEST_F(FileBrokerTest, WhatTheRunWroteIsNoInput) {
  const uint32_t id = open(0, "new", kCreate);
  ASSERT_EQ(write(descriptor_, "abc", 3), 3);
  ask(CloseRequest{id});
  open(0, "new", kRead);
  EXPECT_TRUE(finish().inputs.empty());
}

TEST_F(FileBrokerTest, AnInputThatSomebodyChangesSpoilsTheRecord) {
  const uint32_t id = open(1, "file", kRead);
  tree_.write("r/file", "other");
  const auto answer = broker_.handle(CloseRequest{id}, soon());
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::refused);
}

TEST_F(FileBrokerTest, AnInputThatSomebodyChangesBetweenTwoReadings) {
  ask(CloseRequest{open(1, "file", kRead)});
  tree_.write("r/file", "other");
  const auto answer = broker_.handle(OpenRequest{{1, "file"}, kRead}, soon());
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::refused);
}

TEST_F(FileBrokerTest, AFileReadUnderTheNameOfAnotherIsNotForgotten) {
  tree_.write("w/other", "other text");
  ask(CloseRequest{open(0, "file", kRead)});
  EXPECT_EQ(ask(RenameRequest{{0, "other"}, {0, "file"}}).error, 0);
  const auto answer = broker_.handle(OpenRequest{{0, "file"}, kRead}, soon());
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::refused);
}

TEST_F(FileBrokerTest, AProgramMayReplaceWhatItReads) {
  ask(CloseRequest{open(0, "file", kRead)});
  ask(CloseRequest{open(0, "new", kCreate)});
  tree_.write("w/new", "by the program");
  EXPECT_EQ(ask(RenameRequest{{0, "new"}, {0, "file"}}).error, 0);
  ask(CloseRequest{open(0, "file", kRead)});
  const RunRecord record = finish();
  EXPECT_THAT(names(record.inputs), testing::ElementsAre("/w/file"));
  EXPECT_EQ(record.inputs[0].sha256, sha256(as_bytes("text")));
  EXPECT_THAT(names(record.outputs), testing::ElementsAre("/w/file"));
}

TEST_F(FileBrokerTest, ANameThatNoReceiptCanSpell) {
  tree_.write("w/bad\xff", "text");
  fs::create_symlink("bad\xff", tree_.file("w/link"));
  fs::create_directory(tree_.file("w/dir\xff"));
  fs::create_symlink("dir\xff", tree_.file("w/dir"));
  EXPECT_EQ(open_error(0, "bad\xff", kRead), WASI_ILSEQ);
  EXPECT_EQ(open_error(0, "link", kRead), WASI_NOENT);
  EXPECT_EQ(ask(RenameRequest{{0, "file"}, {0, "f\xff"}}).error, WASI_ILSEQ);
  EXPECT_EQ(ask(LinkRequest{{0, "file"}, false, {0, "f\xff"}}).error, WASI_ILSEQ);
  EXPECT_EQ(ask(MakeDirectoryRequest{{0, "d\xff"}}).error, WASI_ILSEQ);
  // Made or emptied before its name is known: then no record of it can be made.
  for (const OpenRequest& request : {OpenRequest{{0, "dir/new"}, kCreate},
                                     OpenRequest{{0, "link"}, kWrite | QUOIN_OPEN_TRUNCATE}}) {
    const auto answer = broker_.handle(request, soon());
    ASSERT_FALSE(answer.ok()) << request.place.path;
    EXPECT_EQ(answer.error().code, ErrorCode::refused);
  }
}

TEST_F(FileBrokerTest, HashingKeepsTheDeadline) {
  const auto answer =
      broker_.handle(OpenRequest{{1, "file"}, kRead}, std::chrono::steady_clock::now());
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::timed_out);
}

TEST_F(FileBrokerTest, ADirectoryIsReadToItsEndInPieces) {
  for (int i = 0; i < 500; ++i) tree_.write("w/entry-" + std::to_string(i), "");
  uint64_t cookie = 0;
  size_t entries = 0;
  for (;;) {
    const Answer answer = ask(ReadDirectoryRequest{0, cookie, 1'000});
    ASSERT_LE(answer.payload.size(), 1'000U);
    size_t at = 0;
    while (answer.payload.size() - at >= 24) {
      Reader reader(ByteView(answer.payload).subspan(at), "entry");
      const uint64_t next = reader.u64le().value();
      const uint64_t inode = reader.u64le().value();
      const size_t size = reader.u32le().value();
      if (answer.payload.size() - at - 24 < size) break;
      const ByteView name = ByteView(answer.payload).subspan(at + 24, size);
      EXPECT_TRUE(as_text(name) != ".." || inode == 0);
      cookie = next;
      ++entries;
      at += 24 + size;
    }
    if (answer.payload.size() < 1'000) break;
  }
  EXPECT_EQ(entries, 500U + 1 + 2);
  EXPECT_EQ(ask(ReadDirectoryRequest{0, ~uint64_t{0}, 1'000}).error, WASI_INVAL);
}

TEST_F(FileBrokerTest, TimesAreSetAsAsked) {
  const NewTimes times{5'000'000'000, 7'000'000'001, WASI_FSTFLAGS_ATIM | WASI_FSTFLAGS_MTIM};
  EXPECT_EQ(ask(PathSetTimesRequest{{0, "file"}, true, times}).error, 0);
  struct stat about{};
  ASSERT_EQ(stat(tree_.file("w/file").c_str(), &about), 0);
  EXPECT_EQ(about.st_mtim.tv_sec, 7);
  EXPECT_EQ(about.st_mtim.tv_nsec, 1);
  const NewTimes both{0, 0, WASI_FSTFLAGS_ATIM | WASI_FSTFLAGS_ATIM_NOW};
  EXPECT_EQ(ask(PathSetTimesRequest{{0, "file"}, true, both}).error, WASI_INVAL);
}

// Somebody swaps a directory for a symbolic link to the outside, over and over, while the guest
// opens a file through it.
TEST_F(FileBrokerTest, ARaceNeverReachesTheOutside) {
  fs::create_directory(tree_.file("outside"));
  tree_.write("outside/file", "secret");
  fs::create_directory(tree_.file("w/dir"));
  tree_.write("w/dir/file", "public");
  fs::create_symlink("../outside", tree_.file("w/link"));
  const std::string dir = tree_.file("w/dir");
  const std::string link = tree_.file("w/link");
  const std::jthread swapper([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      renameat2(AT_FDCWD, dir.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE);
    }
  });
  struct stat outside{};
  ASSERT_EQ(stat(tree_.file("outside/file").c_str(), &outside), 0);
  int opened = 0;
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Answer seen = ask(PathStatRequest{{0, "dir/file"}, true});
    if (seen.error == 0) {
      Reader reader(ByteView(seen.payload).subspan(8), "inode");
      ASSERT_NE(reader.u64le().value(), outside.st_ino);
    }
    const auto answer = broker_.handle(OpenRequest{{0, "dir/file"}, QUOIN_OPEN_WRITE}, soon());
    ASSERT_TRUE(answer.ok()) << answer.error().what;
    if (answer->error != 0) {
      ++refused;
      continue;
    }
    ++opened;
    struct stat about{};
    ASSERT_EQ(fstat(answer->fd, &about), 0);
    ASSERT_NE(about.st_ino, outside.st_ino);
    Reader reader(answer->payload, "answer");
    ask(CloseRequest{reader.u32le().value()});
  }
  EXPECT_GT(opened, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace quoin
