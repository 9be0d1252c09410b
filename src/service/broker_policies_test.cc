#include "src/service/broker_policies.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <string>

#include "src/crypto/sha2.h"
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

// Whoever has the digest knows what decided, lists and all.
TEST(BrokerPolicies, TheDigestIsOfAllThatDecides) {
  const simulator::TestDirectory directory;
  const std::string hex96(96, 'a');
  const std::string text = "version = 1\n[[measurements]]\nname = \"a\"\nmr_td = \"" + hex96 +
                           "\"\nrtmr0 = \"" + hex96 + "\"\nrtmr1 = \"" + hex96 + "\"\nrtmr2 = \"" +
                           hex96 + "\"\n";
  const auto digest = [&] { return load_policies(directory.path().string())->front().sha256; };
  const auto write = [&](const char* name, const std::string& contents) {
    simulator::write_test_file(directory.path() / name, contents);
  };
  const auto sha256_of = [](std::string_view contents) { return sha256(as_bytes(contents)); };
  write("app.toml", text);
  EXPECT_EQ(digest(), sha256_of(text));

  const std::string allowing = text + "[platforms]\nallow_file = \"ours\"\n";
  const std::string ours = "fmspc 00906ed50000\n";
  write("app.toml", allowing);
  write("ours", ours);
  EXPECT_EQ(digest(), sha256({sha256_of(allowing), sha256_of(ours)}));

  const std::string both = allowing + "deny_file = \"not\"\n";
  const std::string denied = "fmspc 50806f000000\n";
  write("app.toml", both);
  write("not", denied);
  EXPECT_EQ(digest(), sha256({sha256_of(both), sha256_of(denied), sha256_of(ours)}));
  write("not", "");
  EXPECT_EQ(digest(), sha256({sha256_of(both), sha256_of(""), sha256_of(ours)}));
}

}  // namespace
}  // namespace quoin::broker
