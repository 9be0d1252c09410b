#include "src/verify/platform_cache.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "src/verify/evidence_testing.h"

namespace quoin {
namespace {

std::shared_ptr<const QuotedPlatform> some_platform() {
  return std::make_shared<const QuotedPlatform>(QuotedPlatform{
      .certificates = {},
      .sgx_extension = Error{},
      .pck_chain_signatures = {},
      .qe_report_by_pck = false,
      .attestation_key = std::nullopt,
  });
}

// Digests whose last byte is the same share a part of the cache.
Sha256Digest key_of(uint8_t first, uint8_t last = 0) {
  Sha256Digest key{};
  key.front() = first;
  key.back() = last;
  return key;
}

TEST(PlatformCache, FindsWhatWasPutIn) {
  PlatformCache cache(100);
  const auto platform = some_platform();
  EXPECT_EQ(cache.find(key_of(1)), nullptr);
  cache.insert(key_of(1), platform);
  EXPECT_EQ(cache.find(key_of(1)), platform);
  EXPECT_EQ(cache.find(key_of(2)), nullptr);
  EXPECT_EQ(cache.find(key_of(1, 1)), nullptr);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(PlatformCache, WhatIsThereStays) {
  PlatformCache cache(100);
  const auto platform = some_platform();
  cache.insert(key_of(1), platform);
  cache.insert(key_of(1), some_platform());
  EXPECT_EQ(cache.find(key_of(1)), platform);
  EXPECT_EQ(cache.size(), 1u);
}

// Whoever has many platforms cannot fill the memory.
TEST(PlatformCache, KeepsNoMoreThanItMay) {
  constexpr struct {
    size_t capacity;
    size_t most;
  } kCases[] = {{0, 0}, {1, 16}, {16, 16}, {17, 32}, {32, 32}};
  for (const auto& test : kCases) {
    PlatformCache cache(test.capacity);
    for (unsigned first = 0; first < 16; ++first) {
      for (unsigned last = 0; last < 256; ++last) {
        cache.insert(key_of(static_cast<uint8_t>(first), static_cast<uint8_t>(last)),
                     some_platform());
      }
    }
    EXPECT_EQ(cache.size(), test.most) << test.capacity;
  }
}

TEST(PlatformCache, WhatWasNotAskedForLongestMakesRoom) {
  PlatformCache cache(32);  // two in each part
  cache.insert(key_of(1), some_platform());
  cache.insert(key_of(2), some_platform());
  EXPECT_NE(cache.find(key_of(1)), nullptr);
  cache.insert(key_of(3), some_platform());
  EXPECT_EQ(cache.find(key_of(2)), nullptr);
  EXPECT_NE(cache.find(key_of(1)), nullptr);
  EXPECT_NE(cache.find(key_of(3)), nullptr);
  EXPECT_EQ(cache.size(), 2u);
}

// What is remembered under a key was read from exactly this.
TEST(PlatformKey, CoversEverythingThatIsReadOfAPlatform) {
  const Bytes bytes = quote_of({});
  const Quote honest = parse_quote(bytes).value();
  const auto key_after = [&](const std::function<void(Quote&)>& change) {
    Quote quote = honest;
    change(quote);
    return platform_key(quote);
  };
  const ByteView pem = honest.certification_data;
  const ByteView auth = honest.qe_authentication_data;
  ASSERT_GE(auth.size(), 1u);
  Bytes both(auth.begin(), auth.end());
  both.insert(both.end(), pem.begin(), pem.end());
  const ByteView joined(both);

  const std::set<Sha256Digest> keys = {
      platform_key(honest),
      key_after([](Quote& q) { q.attestation_key[0] ^= 1; }),
      key_after([](Quote& q) { q.qe_report_signature[63] ^= 1; }),
      key_after([&](Quote& q) { q.qe_report_bytes = joined.first(384); }),
      key_after([&](Quote& q) { q.qe_authentication_data = auth.first(auth.size() - 1); }),
      key_after([&](Quote& q) { q.certification_data = pem.first(pem.size() - 1); }),
      key_after([](Quote& q) { q.certification_data_type = CertificationDataType::pck_leaf; }),
      key_after([](Quote& q) { q.header.version = 5; }),
      // The same bytes, divided elsewhere.
      key_after([&](Quote& q) {
        q.qe_authentication_data = joined.first(auth.size() - 1);
        q.certification_data = joined.subspan(auth.size() - 1);
      }),
      key_after([&](Quote& q) {
        q.qe_authentication_data = joined.first(auth.size() + 256);
        q.certification_data = joined.subspan(auth.size() + 256);
      }),
  };
  EXPECT_EQ(keys.size(), 10u);
}

TEST(PlatformKey, IsTheSameForEveryTdOfAPlatform) {
  const Bytes one_bytes = quote_of({});
  Evidence other;
  other.td_report.mr_td.fill(7);
  const Bytes other_bytes = quote_of(other);
  const Quote one = parse_quote(one_bytes).value();
  const Quote another = parse_quote(other_bytes).value();
  ASSERT_NE(one.signature, another.signature);
  EXPECT_EQ(platform_key(one), platform_key(another));
}

}  // namespace
}  // namespace quoin
