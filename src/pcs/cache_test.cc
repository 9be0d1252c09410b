#include "src/pcs/cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>

#include "quoin/collateral.h"
#include "src/base/testing_files.h"
#include "src/pcs/bundle.h"
#include "src/pcs/simulated_service_testing.h"

namespace quoin::pcs {
namespace {

namespace fs = std::filesystem;
using simulator::kIssued;
using simulator::kNow;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

const CacheRules kStale = {.stale_on_error = true};

class Cache : public testing::Test {
 protected:
  Cache() {
    std::string name = (fs::temp_directory_path() / "quoin-cache-XXXXXX").string();
    top_ = mkdtemp(name.data());
  }
  ~Cache() override { fs::remove_all(top_); }

  std::string directory() const { return (top_ / "a" / "b").string(); }
  CollateralCache cache() const { return CollateralCache(directory()); }

  Result<FetchedCollateral> fetch(UtcTime now, const CacheRules& rules = {},
                                  const CollateralRequest& request = kTestRequest) {
    PcsClient client(service_, Service::parse(kTestHost).value());
    return fetch_cached(cache(), client, request, now, rules, waiting());
  }
  net::Waiting waiting() {
    return {.sleep = [this](std::chrono::milliseconds) { ++slept_; },
            .random = [] { return uint32_t{0}; }};
  }
  // How often the service was asked for a whole bundle.
  size_t fetches() const { return service_.asked.size() / 4; }

  // The one bundle in the cache.
  fs::path file() const {
    fs::path found;
    for (const auto& entry : fs::directory_iterator(directory())) {
      if (entry.path().extension() == ".json") found = entry.path();
    }
    return found;
  }
  void overwrite(std::string_view contents) const {
    std::ofstream(file(), std::ios::binary) << contents;
  }

  fs::path top_;
  SimulatedService service_;
  size_t slept_ = 0;
};

TEST_F(Cache, AsksOnceAndKeepsOthersOut) {
  const auto first = fetch(kNow);
  ASSERT_TRUE(first.ok()) << first.error().what;
  EXPECT_FALSE(first->from_cache);
  EXPECT_TRUE(first->remarks.empty());
  const auto second = fetch(kNow + hours(1));
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(second->from_cache);
  EXPECT_EQ(second->bundle, first->bundle);
  EXPECT_EQ(second->fetched_at, kNow);
  EXPECT_EQ(fetches(), 1u);
  struct stat status{};
  ASSERT_EQ(stat(directory().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, mode_t{0700});
  ASSERT_EQ(stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, mode_t{0600});
}

TEST_F(Cache, IsFreshForADayAndNoSecondLonger) {
  ASSERT_TRUE(fetch(kNow).ok());
  EXPECT_TRUE(fetch(kNow + hours(24))->from_cache);
  EXPECT_FALSE(fetch(kNow + hours(24) + seconds(1))->from_cache);
  EXPECT_EQ(fetches(), 2u);
}

TEST_F(Cache, IsFreshUntilNextUpdateAndNoSecondLonger) {
  const UtcTime end = kIssued + days(30);
  const CacheRules rules = {.max_age = days(365)};
  ASSERT_TRUE(fetch(kNow, rules).ok());
  EXPECT_TRUE(fetch(end, rules)->from_cache);
  EXPECT_FALSE(fetch(end + seconds(1), rules)->from_cache);
}

TEST_F(Cache, DoesNotBelieveTheFuture) {
  ASSERT_TRUE(fetch(kNow).ok());
  EXPECT_FALSE(fetch(kNow - seconds(1))->from_cache);
}

TEST_F(Cache, OlderCollateralThatHoldsIsNotUsedUnlessTheRulesAllowIt) {
  ASSERT_TRUE(fetch(kNow).ok());
  service_.unreachable = true;
  EXPECT_TRUE(fetch(kNow + hours(24)).ok()) << "it is fresh";
  PcsClient client(service_, Service::parse(kTestHost).value());
  const auto nobody = client.fetch(kTestRequest, kNow);
  for (const auto& [later, age] :
       {std::pair(hours(24) + seconds(1), ", 24 hours ago,"),
        std::pair(seconds(days(7)), ", 168 hours ago,"), std::pair(seconds(-1), "Z and holds")}) {
    const auto old = fetch(kNow + later);
    ASSERT_FALSE(old.ok());
    EXPECT_EQ(old.error().code, nobody.error().code);
    EXPECT_TRUE(old.error().what.starts_with(nobody.error().what)) << old.error().what;
    EXPECT_NE(old.error().what.find(age), std::string::npos) << old.error().what;
    EXPECT_NE(old.error().what.find("holds until"), std::string::npos) << old.error().what;
    EXPECT_NE(old.error().hint.find("stale_collateral_on_error = true under [tcb]"),
              std::string::npos)
        << old.error().hint;
  }
  const auto named = fetch(kNow + days(7), {.stale_setting = "--that"});
  EXPECT_TRUE(named.error().hint.ends_with("--that allows that")) << named.error().hint;
}

TEST_F(Cache, OlderCollateralThatHoldsIsUsedWhereTheRulesAllowItAndSaysSo) {
  ASSERT_TRUE(fetch(kNow).ok());
  EXPECT_FALSE(fetch(kNow + days(7), kStale)->from_cache) << "somebody answers";
  service_.unreachable = true;
  const auto old = fetch(kNow + days(14), kStale);
  ASSERT_TRUE(old.ok());
  EXPECT_TRUE(old->from_cache);
  ASSERT_EQ(old->remarks.size(), 1u);
  EXPECT_NE(old->remarks[0].find("cannot connect"), std::string::npos);
  EXPECT_NE(old->remarks[0].find("holds until"), std::string::npos);
}

TEST_F(Cache, NothingIsUsedBeyondNextUpdate) {
  ASSERT_TRUE(fetch(kNow).ok());
  service_.unreachable = true;
  ASSERT_TRUE(fetch(kIssued + days(30), kStale).ok());
  for (const CacheRules& rules : {CacheRules(), kStale}) {
    const auto late = fetch(kIssued + days(30) + seconds(1), rules);
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code, ErrorCode::io);
    EXPECT_EQ(late.error().what.find("holds until"), std::string::npos) << late.error().what;
  }
}

TEST_F(Cache, WhatDoesNotServeIsFetchedAnewOnce) {
  ASSERT_TRUE(fetch(kNow).ok());
  int asked = 0;
  const CacheRules nothing_serves = {.serves = [&](const Collateral&) {
    ++asked;
    return false;
  }};
  const auto anew = fetch(kNow + hours(1), nothing_serves);
  ASSERT_TRUE(anew.ok());
  EXPECT_FALSE(anew->from_cache);
  ASSERT_EQ(anew->remarks.size(), 1u);
  EXPECT_NE(anew->remarks[0].find("fetching it anew"), std::string::npos);
  EXPECT_EQ(fetches(), 2u) << "what was fetched is not asked about";
  EXPECT_EQ(asked, 2) << "and again once nobody else fetches it";
  const auto soon = fetch(kNow + hours(1) + seconds(59), nothing_serves);
  EXPECT_TRUE(soon->from_cache) << "some quotes nothing mends";
  EXPECT_EQ(fetches(), 2u);
  EXPECT_FALSE(fetch(kNow + hours(1) + seconds(60), nothing_serves)->from_cache);
  EXPECT_EQ(fetches(), 3u);
  const auto kept = fetch(kNow + hours(2), {.serves = [](const Collateral&) { return true; }});
  EXPECT_TRUE(kept->from_cache);
  EXPECT_EQ(kept->fetched_at, kNow + hours(1) + seconds(60));
  EXPECT_EQ(fetches(), 3u);
}

// The verdict about it says more than that nobody answers.
TEST_F(Cache, WhatDoesNotServeIsGivenWhereNobodyAnswers) {
  ASSERT_TRUE(fetch(kNow).ok());
  service_.unreachable = true;
  const auto found = fetch(kNow + hours(1), {.serves = [](const Collateral&) { return false; }});
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found->from_cache);
  ASSERT_EQ(found->remarks.size(), 2u);
  EXPECT_NE(found->remarks[1].find("cannot connect"), std::string::npos);
}

TEST_F(Cache, TellsRequestsAndSourcesApart) {
  ASSERT_TRUE(fetch(kNow).ok());
  for (CollateralRequest request :
       {CollateralRequest{.fmspc = simulator::kFmspc, .ca = PckCa::processor},
        CollateralRequest{.fmspc = simulator::kFmspc, .tee_type = TeeType::sgx},
        CollateralRequest{.fmspc = simulator::kFmspc, .update = Update::early}}) {
    EXPECT_FALSE(fetch(kNow, {}, request)->from_cache);
    EXPECT_TRUE(fetch(kNow, {}, request)->from_cache);
  }
  EXPECT_FALSE(cache().load({.request = kTestRequest, .source = "https://other"}).ok());
  EXPECT_TRUE(cache().load({.request = kTestRequest, .source = std::string(kTestHost)}).ok());
}

TEST_F(Cache, HostileContentsAreFetchedAnew) {
  ASSERT_TRUE(fetch(kNow).ok());
  const Bytes good = testing_files::read(file());
  std::string other_source(as_text(good));
  other_source.replace(other_source.find("pccs.test"), 9, "evil.test");
  std::string other_platform(as_text(good));
  for (size_t at = 0; (at = other_platform.find("51554f494e00", at)) != std::string::npos;) {
    other_platform.replace(at, 12, "00806f050000");
  }
  for (const std::string& contents :
       {std::string(), std::string("{}"), std::string("null"), std::string(100, '['),
        std::string(as_text(good)).substr(0, good.size() / 2), std::string(size_t{9} << 20, ' '),
        other_source, other_platform}) {
    overwrite(contents);
    const auto fetched = fetch(kNow);
    ASSERT_TRUE(fetched.ok());
    EXPECT_FALSE(fetched->from_cache) << contents.substr(0, 20);
    EXPECT_TRUE(fetch(kNow)->from_cache);
  }
}

TEST_F(Cache, FilesThatOthersCanChangeAreFetchedAnew) {
  ASSERT_TRUE(fetch(kNow).ok());
  ASSERT_EQ(chmod(file().c_str(), 0622), 0);
  EXPECT_FALSE(fetch(kNow)->from_cache);
  const fs::path name = file();
  fs::rename(name, top_ / "elsewhere");
  fs::create_symlink(top_ / "elsewhere", name);
  EXPECT_FALSE(fetch(kNow)->from_cache);
  // It was replaced, not written through.
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(name)));
  fs::remove(name);
  ASSERT_EQ(mkfifo(name.c_str(), 0600), 0);
  EXPECT_FALSE(fetch(kNow)->from_cache);
}

TEST_F(Cache, ADirectoryThatOthersCanChangeIsNotUsed) {
  ASSERT_TRUE(fetch(kNow).ok());
  ASSERT_EQ(chmod(directory().c_str(), 0777), 0);
  const auto fetched = fetch(kNow);
  ASSERT_TRUE(fetched.ok());
  EXPECT_FALSE(fetched->from_cache);
  ASSERT_EQ(fetched->remarks.size(), 1u);
  EXPECT_NE(fetched->remarks[0].find("open to other users"), std::string::npos);
  fs::remove_all(directory());
  fs::create_directory(top_ / "target");
  fs::permissions(top_ / "target", fs::perms::owner_all);
  fs::create_directory_symlink(top_ / "target", directory());
  EXPECT_EQ(fetch(kNow)->remarks.size(), 1u);
}

TEST_F(Cache, OneThatCannotBeMadeCostsNoCollateral) {
  std::ofstream(top_ / "a") << "a file";
  const auto fetched = fetch(kNow);
  ASSERT_TRUE(fetched.ok());
  EXPECT_EQ(fetched->remarks.size(), 1u);
}

TEST_F(Cache, WaitsForTheLockWithPatience) {
  const CacheKey key = {.request = kTestRequest, .source = std::string(kTestHost)};
  const auto held = cache().lock(key, waiting());
  ASSERT_TRUE(held.ok()) << held.error().what;
  const auto fetched = fetch(kNow);
  ASSERT_TRUE(fetched.ok());
  EXPECT_FALSE(fetched->from_cache);
  EXPECT_EQ(slept_, 600u);
  ASSERT_EQ(fetched->remarks.size(), 1u);
  EXPECT_NE(fetched->remarks[0].find("another process holds it"), std::string::npos);
}

// Two processes that start together: one asks, the other takes what that one got.
TEST_F(Cache, ProcessesShareIt) {
  const CacheKey key = {.request = kTestRequest, .source = std::string(kTestHost)};
  auto held = std::make_optional(cache().lock(key, waiting()).value());
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    held.reset();  // the copy that fork made; the parent's stays
    PcsClient client(service_, Service::parse(kTestHost).value());
    const auto fetched =
        fetch_cached(cache(), client, kTestRequest, kNow, {},
                     {.sleep = net::system_waiting().sleep, .random = [] { return uint32_t{0}; }});
    _exit(fetched.ok() && fetched->from_cache && service_.asked.empty() ? 0 : 1);
  }
  usleep(300'000);
  PcsClient client(service_, Service::parse(kTestHost).value());
  ASSERT_TRUE(cache().store(key, client.fetch(kTestRequest, kNow).value()).ok());
  held.reset();
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(Cache, NothingElseIsLeftBehind) {
  ASSERT_TRUE(fetch(kNow).ok());
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory())) {
    names.insert(entry.path().filename().string());
  }
  ASSERT_EQ(names.size(), 2u);
  names.erase(file().filename().string());
  ASSERT_EQ(names.size(), 1u);
  EXPECT_EQ(names.begin()->size(), 6u);
  EXPECT_TRUE(names.begin()->starts_with("lock-"));
}

// Keys come out of quotes of strangers, who can make as many as they like.
TEST_F(Cache, ManyKeysLeaveSixteenFilesAtMost) {
  service_.unreachable = true;
  for (uint16_t number = 0; number < 1000; ++number) {
    CollateralRequest request = kTestRequest;
    request.fmspc[4] = static_cast<uint8_t>(number >> 8);
    request.fmspc[5] = static_cast<uint8_t>(number);
    EXPECT_FALSE(fetch(kNow, {}, request).ok());
    // They are locks all the same: nobody else has this one meanwhile.
    const CacheKey key = {.request = request, .source = std::string(kTestHost)};
    const auto held = cache().lock(key, waiting());
    ASSERT_TRUE(held.ok()) << held.error().what;
    if (number % 100 == 0) {
      EXPECT_FALSE(cache().lock(key, waiting()).ok());
    }
  }
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(directory())) {
    EXPECT_TRUE(entry.path().filename().string().starts_with("lock-")) << entry.path();
    EXPECT_EQ(entry.file_size(), 0u);
    ++files;
  }
  // All of them are used: keys seldom meet.
  EXPECT_EQ(files, CollateralCache::kLockFiles);
}

}  // namespace
}  // namespace quoin::pcs
