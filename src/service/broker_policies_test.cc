#include "src/service/broker_policies.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <string>

#include "src/simulator/directory_testing.h"

namespace quoin::broker {
namespace {

namespace fs = std::filesystem;

TEST(BrokerPolicies, AreFilesThatOthersCannotChange) {
  const simulator::TestDirectory directory;
  const std::string hex96(96, 'a');
  const std::string good = "version = 1\n[[measurements]]\nname = \"a\"\nmr_td = \"" + hex96 +
                           "\"\nrtmr0 = \"" + hex96 + "\"\nrtmr1 = \"" + hex96 + "\"\nrtmr2 = \"" +
                           hex96 + "\"\n";
  const fs::path file = directory.path() / "app.toml";
  const std::string path = directory.path().string();
  EXPECT_EQ(load_policies(path).error().code, ErrorCode::not_found);
  EXPECT_EQ(load_policies(path + "/nowhere").error().code, ErrorCode::not_found);
  simulator::write_test_file(file, good + "[platforms]\nallow_file = \"ours.txt\"\n");
  EXPECT_EQ(load_policies(path).error().code, ErrorCode::not_found);
  simulator::write_test_file(directory.path() / "ours.txt", "fmspc 00906ed50000\n");
  simulator::write_test_file(directory.path() / ".app.toml.swp", "not a policy");
  const auto loaded = load_policies(path);
  ASSERT_TRUE(loaded.ok()) << loaded.error().what;
  ASSERT_EQ(loaded->size(), 1);
  EXPECT_EQ(loaded->front().id, "app");
  EXPECT_EQ(loaded->front().policy.allowed_platforms->fmspcs.size(), 1);

  struct Case {
    const char* what;
    ErrorCode code;
    std::function<void()> change;
    std::function<void()> undo;
  };
  const fs::path bad_name = directory.path() / "-app.toml";
  const Case cases[] = {
      {"file for the group", ErrorCode::refused, [&] { chmod(file.c_str(), 0664); },
       [&] { chmod(file.c_str(), 0644); }},
      {"list for all", ErrorCode::refused,
       [&] { chmod((directory.path() / "ours.txt").c_str(), 0646); },
       [&] { chmod((directory.path() / "ours.txt").c_str(), 0644); }},
      {"directory for all", ErrorCode::refused, [&] { chmod(path.c_str(), 0777); },
       [&] { chmod(path.c_str(), 0700); }},
      {"a name that is none", ErrorCode::refused,
       [&] { simulator::write_test_file(bad_name, good); }, [&] { fs::remove(bad_name); }},
      {"an SGX policy", ErrorCode::refused,
       [&] {
         simulator::write_test_file(file,
                                    "version = 1\n[[measurements]]\nname = \"a\"\n"
                                    "mr_enclave = \"" +
                                        std::string(64, 'a') + "\"\n");
       },
       [&] { simulator::write_test_file(file, good); }},
      {"no measurements", ErrorCode::refused,
       [&] { simulator::write_test_file(file, "version = 1\n"); },
       [&] { simulator::write_test_file(file, good); }},
      {"no TOML", ErrorCode::malformed, [&] { simulator::write_test_file(file, "version = "); },
       [&] { simulator::write_test_file(file, good); }},
  };
  for (const Case& test : cases) {
    test.change();
    const auto refused = load_policies(path);
    ASSERT_FALSE(refused.ok()) << test.what;
    EXPECT_EQ(refused.error().code, test.code) << test.what << ": " << refused.error().what;
    test.undo();
    EXPECT_TRUE(load_policies(path).ok()) << test.what;
  }
}

}  // namespace
}  // namespace quoin::broker
