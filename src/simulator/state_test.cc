#include "src/simulator/state.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "src/base/hex.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"
#include "src/x509/pem.h"

namespace quoin::simulator {
namespace {

namespace fs = std::filesystem;

// A directory of the test's own, which goes away with it.
class StateTest : public testing::Test {
 protected:
  StateTest() {
    std::string name = (fs::temp_directory_path() / "quoin-state-XXXXXX").string();
    base_ = mkdtemp(name.data());
    state_ = base_ / "share" / "simulator";
  }
  ~StateTest() override { fs::remove_all(base_); }

  Result<Seed> init() const { return init_state(state_.string(), false); }
  Result<Seed> load() const { return load_state(state_.string(), false); }

  static void write(const fs::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }
  static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static mode_t mode(const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(lstat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }

  fs::path base_;
  fs::path state_;
};

std::string hex(const Seed& seed) { return to_hex(seed.view()); }

TEST_F(StateTest, RefusesToStartOnARealTd) {
  EXPECT_EQ(refuse_on_real_td(true).error().code, ErrorCode::refused);
  EXPECT_TRUE(refuse_on_real_td(false).ok());
  EXPECT_EQ(init_state(state_.string(), true).error().code, ErrorCode::refused);
  EXPECT_FALSE(fs::exists(state_));
  ASSERT_TRUE(init().ok());
  EXPECT_EQ(load_state(state_.string(), true).error().code, ErrorCode::refused);
}

TEST_F(StateTest, HasNothingToLoadBeforeInit) {
  EXPECT_EQ(load().error().code, ErrorCode::not_found);
  fs::create_directories(state_);
  fs::permissions(state_, fs::perms::owner_all);
  EXPECT_EQ(load().error().code, ErrorCode::not_found);
}

TEST_F(StateTest, KeepsWhatInitMade) {
  const mode_t old_umask = umask(0);
  const Result<Seed> seed = init();
  umask(old_umask);
  ASSERT_TRUE(seed.ok()) << seed.error().what;
  EXPECT_FALSE(all_zero(seed->view()));
  EXPECT_EQ(hex(*load()), hex(*seed));
  EXPECT_EQ(hex(*init()), hex(*seed));

  EXPECT_EQ(mode(state_), 0700u);
  EXPECT_EQ(mode(state_ / "seed"), 0600u);
  EXPECT_EQ(mode(state_ / "root.pem"), 0644u);
  EXPECT_EQ(std::distance(fs::directory_iterator(state_), {}), 2);

  const Platform platform(init().value(), kIssued);
  EXPECT_EQ(read(state_ / "root.pem"), x509::to_pem(platform.root_certificate(), "CERTIFICATE"));
}

TEST_F(StateTest, LetsOthersReadTheRootWhateverTheUmask) {
  const mode_t old_umask = umask(077);
  const bool made = init().ok();
  umask(old_umask);
  ASSERT_TRUE(made);
  EXPECT_EQ(mode(state_ / "seed"), 0600u);
  EXPECT_EQ(mode(state_ / "root.pem"), 0644u);
}

TEST_F(StateTest, WritesTheRootAgainWhenItIsNotTheSeeds) {
  ASSERT_TRUE(init().ok());
  const std::string pem = read(state_ / "root.pem");
  write(state_ / "root.pem", "another");
  ASSERT_TRUE(init().ok());
  EXPECT_EQ(read(state_ / "root.pem"), pem);
  fs::remove(state_ / "root.pem");
  fs::create_symlink(base_ / "elsewhere", state_ / "root.pem");
  ASSERT_TRUE(init().ok());
  EXPECT_EQ(read(state_ / "root.pem"), pem);
  EXPECT_FALSE(fs::exists(base_ / "elsewhere"));
}

TEST_F(StateTest, RefusesASeedThatOthersCanRead) {
  ASSERT_TRUE(init().ok());
  for (const fs::perms extra : {fs::perms::group_read, fs::perms::group_write,
                                fs::perms::others_read, fs::perms::others_write}) {
    fs::permissions(state_ / "seed", fs::perms::owner_read | extra);
    EXPECT_EQ(load().error().code, ErrorCode::refused);
    EXPECT_EQ(init().error().code, ErrorCode::refused);
  }
  fs::permissions(state_ / "seed", fs::perms::owner_read);
  EXPECT_TRUE(load().ok());
}

TEST_F(StateTest, RefusesADirectoryThatOthersCanEnter) {
  ASSERT_TRUE(init().ok());
  fs::permissions(state_, fs::perms::owner_all | fs::perms::group_read);
  EXPECT_EQ(load().error().code, ErrorCode::refused);
  EXPECT_EQ(init().error().code, ErrorCode::refused);
}

TEST_F(StateTest, RefusesSymbolicLinks) {
  ASSERT_TRUE(init().ok());
  fs::rename(state_ / "seed", base_ / "seed");
  fs::create_symlink(base_ / "seed", state_ / "seed");
  EXPECT_EQ(load().error().code, ErrorCode::refused);
  EXPECT_EQ(init().error().code, ErrorCode::refused);
  fs::remove(state_ / "seed");
  fs::rename(base_ / "seed", state_ / "seed");
  ASSERT_TRUE(load().ok());

  fs::rename(state_, base_ / "real");
  fs::create_directory_symlink(base_ / "real", state_);
  EXPECT_EQ(load().error().code, ErrorCode::refused);
  EXPECT_EQ(init().error().code, ErrorCode::refused);
}

TEST_F(StateTest, RefusesWhatIsNoSeed) {
  ASSERT_TRUE(init().ok());
  for (const size_t size : {0u, 31u, 33u}) {
    write(state_ / "seed", std::string(size, 'x'));
    EXPECT_EQ(load().error().code, ErrorCode::malformed) << size;
  }
  fs::remove(state_ / "seed");
  ASSERT_EQ(mkfifo((state_ / "seed").c_str(), 0600), 0);
  EXPECT_EQ(load().error().code, ErrorCode::refused);
}

TEST_F(StateTest, RefusesWhatBelongsToAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_TRUE(init().ok());
  ASSERT_EQ(chown((state_ / "seed").c_str(), 65534, 65534), 0);
  EXPECT_EQ(load().error().code, ErrorCode::refused);
  ASSERT_EQ(chown((state_ / "seed").c_str(), 0, 0), 0);
  ASSERT_EQ(chown(state_.c_str(), 65534, 65534), 0);
  EXPECT_EQ(load().error().code, ErrorCode::refused);
}

TEST_F(StateTest, GivesOneSeedToAllWhoInitialiseAtOnce) {
  for (int round = 0; round < 20; ++round) {
    fs::remove_all(state_);
    std::vector<std::string> seeds(8);
    {
      std::vector<std::jthread> threads;
      for (std::string& seed : seeds) {
        threads.emplace_back([this, &seed] {
          const Result<Seed> made = init();
          seed = made.ok() ? hex(*made) : made.error().what;
        });
      }
    }
    for (const std::string& seed : seeds) EXPECT_EQ(seed, hex(*load()));
    EXPECT_EQ(std::distance(fs::directory_iterator(state_), {}), 2);
  }
}

}  // namespace
}  // namespace quoin::simulator
