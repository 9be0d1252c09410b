#include "src/service/broker_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "src/base/hex.h"
#include "src/simulator/directory_testing.h"

namespace quoin::broker {
namespace {

namespace fs = std::filesystem;
using simulator::read_test_file;
using simulator::TestDirectory;
using simulator::write_test_file;

// A state directory as `quoin broker init` makes it.
class Keys : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(make_state(state(), StateKind::simulated).ok()); }

  std::string state() const { return (directory_.path() / "state").string(); }
  fs::path file(std::string_view name) const { return directory_.path() / "state" / name; }

  TestDirectory directory_;
};

TEST_F(Keys, WhatOthersCouldReadOrChangeIsNotTaken) {
  struct Case {
    const char* what;
    ErrorCode code;
    std::function<void()> change;
  };
  const fs::path root = file(kRootKeyName);
  const fs::path channel = file(kChannelKeyName);
  const Case cases[] = {
      {"root key for the group", ErrorCode::refused, [&] { chmod(root.c_str(), 0640); }},
      {"root key for all", ErrorCode::refused, [&] { chmod(root.c_str(), 0604); }},
      {"root key to be written by all", ErrorCode::refused, [&] { chmod(root.c_str(), 0602); }},
      {"channel key for all", ErrorCode::refused, [&] { chmod(channel.c_str(), 0644); }},
      {"directory for all", ErrorCode::refused, [&] { chmod(state().c_str(), 0755); }},
      {"root key elsewhere", ErrorCode::io,
       [&] {
         fs::rename(root, directory_.path() / "elsewhere");
         fs::create_symlink(directory_.path() / "elsewhere", root);
       }},
      {"root key a directory", ErrorCode::refused,
       [&] {
         fs::remove(root);
         fs::create_directory(root);
       }},
      {"root key gone", ErrorCode::not_found, [&] { fs::remove(root); }},
      {"channel key gone", ErrorCode::not_found, [&] { fs::remove(channel); }},
  };
  for (const Case& test : cases) {
    fs::remove_all(state());
    ASSERT_TRUE(make_state(state(), StateKind::production).ok());
    ASSERT_TRUE(load_keys(state()).ok());
    test.change();
    const Result<BrokerKeys> loaded = load_keys(state());
    ASSERT_FALSE(loaded.ok()) << test.what;
    EXPECT_EQ(loaded.error().code, test.code) << test.what << ": " << loaded.error().what;
  }
}

TEST_F(Keys, AStateDirectoryThatIsALinkIsNotTaken) {
  const fs::path link = directory_.path() / "link";
  fs::create_symlink(state(), link);
  EXPECT_FALSE(load_keys(link.string()).ok());
}

TEST_F(Keys, TheDatabaseIsLookedAtToo) {
  EXPECT_TRUE(check_database_file(state()).ok());
  chmod(file(kDatabaseName).c_str(), 0644);
  EXPECT_EQ(check_database_file(state()).error().code, ErrorCode::refused);
  fs::remove(file(kDatabaseName));
  const Result<void> gone = check_database_file(state());
  EXPECT_EQ(gone.error().code, ErrorCode::not_found);
  EXPECT_NE(gone.error().hint.find("lost database"), std::string::npos);
}

TEST_F(Keys, ARootKeyThatWasChangedIsNone) {
  const std::string good = read_test_file(file(kRootKeyName));
  ASSERT_EQ(good.size(), RootKey::kFileBytes);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(RootKey::parse(as_bytes(changed)).ok()) << i;
  }
  EXPECT_EQ(RootKey::parse(as_bytes(good.substr(1))).error().code, ErrorCode::truncated);
  EXPECT_EQ(RootKey::parse(as_bytes(good + "x")).error().code, ErrorCode::trailing_bytes);
  write_test_file(file(kRootKeyName), good.substr(0, 20));
  EXPECT_EQ(load_keys(state()).error().code, ErrorCode::truncated);
}

TEST_F(Keys, WhatIsThereIsNeverReplaced) {
  const std::string before = read_test_file(file(kRootKeyName));
  EXPECT_EQ(make_state(state(), StateKind::production).error().code, ErrorCode::refused);
  EXPECT_EQ(recover_state(state()).error().code, ErrorCode::refused);
  EXPECT_EQ(read_test_file(file(kRootKeyName)), before);
  // Nothing is left beside it either.
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_.path()), {}), 1);
}

TEST_F(Keys, AreTheirUsersAlone) {
  for (const std::string_view name : {kRootKeyName, kChannelKeyName, kDatabaseName}) {
    EXPECT_EQ(fs::status(file(name)).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  }
  EXPECT_EQ(fs::status(state()).permissions(), fs::perms::owner_all);
  // An empty directory can be made a state directory.
  fs::create_directory(directory_.path() / "empty");
  EXPECT_TRUE(make_state((directory_.path() / "empty/").string(), StateKind::production).ok());
}

TEST_F(Keys, TheDatabaseCanBeMadeAnewForTheSameKeys) {
  const BrokerKeys before = std::move(load_keys(state())).value();
  fs::remove(file(kDatabaseName));
  EXPECT_EQ(recover_state(state()).value(), before.channel.sha256());
  EXPECT_TRUE(check_database_file(state()).ok());
  EXPECT_EQ(load_keys(state())->root.id().value(), before.root.id().value());
}

TEST(RootKey, RootsAreOfOneKeyKindPolicyAndEpoch) {
  const RootKey one = RootKey::generate(StateKind::production);
  const RootKey other = RootKey::generate(StateKind::production);
  const auto hex = [](const RootKey& key, std::string_view policy, uint64_t epoch) {
    return to_hex(key.policy_root(policy, epoch)->view());
  };
  const std::string root = hex(one, "app", 1);
  EXPECT_EQ(root, hex(one, "app", 1));
  EXPECT_NE(root, hex(other, "app", 1));
  EXPECT_NE(root, hex(one, "App", 1));
  EXPECT_NE(root, hex(one, "app2", 1));
  EXPECT_NE(root, hex(one, "app", 2));
  EXPECT_NE(to_hex(one.id().value()), root.substr(0, 32));
  EXPECT_NE(one.id().value(), other.id().value());
}

// Computed with Python's hmac from docs/formats.md, "A broker's roots".
TEST(RootKey, GivesTheRootsOfTheDocument) {
  const std::string kKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
  struct Case {
    StateKind kind;
    std::string file;
    const char* root;
    const char* id;
  };
  const Case cases[] = {
      {StateKind::production, "51554f494e42524b0101" + kKey + "04349fde0e9ad546",
       "0d301a23ddc2f7cee65a3f90957a43a311662f4f6b45df4c91704500af43a7c3",
       "02e769d61c44635aadb3eaa6d8198df9"},
      {StateKind::simulated, "51554f494e42524b0102" + kKey + "78985204fc0eca55",
       "5d880e2617ab5c36374567678af13c3448c9f5f0a1890f497a2ad9e915427baa",
       "8d440342147e73fd6f5efd40b884ea9f"},
  };
  for (const Case& test : cases) {
    const Result<RootKey> key = RootKey::parse(from_hex(test.file).value());
    ASSERT_TRUE(key.ok()) << key.error().what;
    EXPECT_EQ(key->kind(), test.kind);
    EXPECT_EQ(to_hex(key->file().view()), test.file);
    EXPECT_EQ(to_hex(key->policy_root("app", 3)->view()), test.root);
    EXPECT_EQ(to_hex(key->id().value()), test.id);
  }
}

}  // namespace
}  // namespace quoin::broker
