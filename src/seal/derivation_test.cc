#include "src/seal/derivation.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

#include "src/base/hex.h"
#include "src/seal/samples_testing.h"

namespace quoin {
namespace {

using seal_samples::changes;
using seal_samples::context;
using seal_samples::root;

std::string key_of(const RootSecret& from, KeyPurpose purpose, const KeyContext& with,
                   size_t size = 32) {
  Bytes key(size);
  EXPECT_TRUE(derive(from, purpose, with, {}, key).ok());
  return to_hex(key);
}

TEST(DeriveKeyTest, IsTheSameEachTime) {
  Bytes first(32);
  Bytes second(32, 0xa5);
  ASSERT_TRUE(derive_key(root(), KeyPurpose::guest, context(), first).ok());
  ASSERT_TRUE(derive_key(root(), KeyPurpose::guest, context(), second).ok());
  EXPECT_EQ(first, second);
  EXPECT_FALSE(all_zero(first));
}

TEST(DeriveKeyTest, EveryFieldGivesAnotherKey) {
  std::set<std::string> keys = {key_of(root(), KeyPurpose::guest, context())};
  for (const auto& change : changes()) {
    RootSecret other = root();
    KeyContext with = context();
    change.apply(other, with);
    EXPECT_TRUE(keys.insert(key_of(other, KeyPurpose::guest, with)).second) << change.what;
  }
  for (const KeyPurpose purpose : {KeyPurpose::application, kSealingPurpose}) {
    EXPECT_TRUE(keys.insert(key_of(root(), purpose, context())).second);
  }
  // A shorter key is not the front of a longer one.
  for (const std::string& key : std::set(keys)) {
    EXPECT_NE(key_of(root(), KeyPurpose::guest, context(), 31), key.substr(0, 62));
  }
  Bytes salted(32);
  ASSERT_TRUE(derive(root(), KeyPurpose::guest, context(), Bytes(1, 1), salted).ok());
  EXPECT_TRUE(keys.insert(to_hex(salted)).second);
}

// What moves from one field to the next is another derivation.
TEST(DeriveKeyTest, FieldsDoNotRunTogether) {
  RootSecret first = root();
  first.policy_id = "policya";
  RootSecret second = root();
  second.policy_id = "policy";
  EXPECT_NE(derivation_info(first, KeyPurpose::guest, {.module = {}, .label = "b"}, 32),
            derivation_info(second, KeyPurpose::guest, {.module = {}, .label = "ab"}, 32));
  // A label that is a digest is no module.
  const ByteArray<32> digest{};
  const std::string text(32, '\0');
  EXPECT_NE(derivation_info(first, KeyPurpose::guest, {.module = digest, .label = "b"}, 32),
            derivation_info(first, KeyPurpose::guest, {.module = {}, .label = text + "b"}, 32));
}

TEST(DeriveKeyTest, RefusesSizesThatAreNone) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{15}, size_t{8161}, size_t{100'000}}) {
    Bytes key(size, 0xa5);
    const Result<void> result = derive_key(root(), KeyPurpose::guest, context(), key);
    ASSERT_FALSE(result.ok()) << size;
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(all_zero(key));
  }
  for (const size_t size : {size_t{16}, size_t{8160}}) {
    Bytes key(size);
    EXPECT_TRUE(derive_key(root(), KeyPurpose::guest, context(), key).ok()) << size;
  }
}

TEST(DeriveKeyTest, RefusesPurposesThatAreNotTheirs) {
  const KeyContext with = context();
  const KeyContext without = {.module = {}, .label = "label"};
  const struct {
    KeyPurpose purpose;
    const KeyContext& context;
    bool wanted;
  } cases[] = {
      {KeyPurpose::guest, with, true},          {KeyPurpose::guest, without, false},
      {KeyPurpose::application, without, true}, {KeyPurpose::application, with, false},
      {kSealingPurpose, with, false},           {kSealingPurpose, without, false},
      {KeyPurpose{0}, without, false},          {KeyPurpose{4}, without, false},
  };
  for (const auto& [purpose, given, wanted] : cases) {
    Bytes key(32, 0xa5);
    EXPECT_EQ(derive_key(root(), purpose, given, key).ok(), wanted);
    EXPECT_EQ(all_zero(key), !wanted);
  }
}

TEST(DeriveKeyTest, RefusesRootsAndLabelsThatAreNone) {
  using Spoil = void (*)(RootSecret&, KeyContext&);
  const Spoil spoils[] = {
      [](RootSecret& r, KeyContext&) { r.secret = Secret<32>(); },
      [](RootSecret& r, KeyContext&) { const RootSecret gone = std::move(r); },
      [](RootSecret& r, KeyContext&) { r.source_identity.clear(); },
      [](RootSecret& r, KeyContext&) { r.source_identity.resize(257); },
      [](RootSecret& r, KeyContext&) { r.policy_id.clear(); },
      [](RootSecret& r, KeyContext&) { r.policy_id = std::string(129, 'a'); },
      [](RootSecret& r, KeyContext&) { r.policy_id = "a/b"; },
      [](RootSecret&, KeyContext& c) { c.label.clear(); },
      [](RootSecret&, KeyContext& c) { c.label = std::string(257, 'a'); },
  };
  for (const Spoil spoil : spoils) {
    RootSecret from = root();
    KeyContext with = context();
    spoil(from, with);
    Bytes key(32, 0xa5);
    const Result<void> result = derive_key(from, KeyPurpose::guest, with, key);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(all_zero(key));
    EXPECT_FALSE(seal(from, with, {}, seal_samples::salt()).ok());
    const Bytes sealed = seal(root(), context(), {}, seal_samples::salt()).value();
    EXPECT_FALSE(unseal(from, with, sealed).ok());
  }
  RootSecret largest = root();
  largest.source_identity.resize(256);
  largest.policy_id = std::string(128, 'a');
  const KeyContext with = {.module = context().module, .label = std::string(256, 'a')};
  Bytes key(32);
  EXPECT_TRUE(derive_key(largest, KeyPurpose::guest, with, key).ok());
  EXPECT_TRUE(seal(largest, with, {}, seal_samples::salt()).ok());
}

TEST(PolicyIdTest, SaysWhatAPolicyCanBeCalled) {
  for (const std::string_view id : {"a", "7", "default", "release-1.4_b", "A.B"}) {
    EXPECT_TRUE(is_policy_id(id)) << id;
  }
  for (const std::string_view id :
       {"", ".", "..", "-a", "_a", "a/b", "a b", "a\n", "\xc3\xa4", "a:"}) {
    EXPECT_FALSE(is_policy_id(id)) << id;
  }
  EXPECT_FALSE(is_policy_id(std::string_view("a\0", 2)));
}

TEST(KeySourceTest, HasAStableName) {
  const Error error = no_key_source("why", "what to do");
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_EQ(error.what, "NO_KEY_SOURCE: why");
  EXPECT_EQ(error.hint, "what to do");
  EXPECT_EQ(to_string(RootSource::simulator), "simulator");
  EXPECT_EQ(to_string(RootSource::broker), "broker");
  EXPECT_EQ(to_string(RootSource::kernel), "kernel");
}

}  // namespace
}  // namespace quoin
