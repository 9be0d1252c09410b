#include "src/crypto/sha2.h"

#include <gtest/gtest.h>

#include <string>

#include "src/base/hex.h"

namespace quoin {
namespace {

struct Vector {
  std::string_view message;
  std::string_view sha256;
  std::string_view sha384;
  std::string_view sha512;
};

// NIST, "Examples with Intermediate Values": FIPS 180-4 for no bytes, one block and two blocks.
constexpr Vector kVectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
     "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b"
     "9"
     "5b",
     "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877ee"
     "c"
     "2f63b931bd47417a81a538327af927da3e"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c82"
     "5"
     "a7",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fee"
     "b"
     "bd454d4423643ce80e2a9ac94fa54ca49f"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
     "3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6b0455a8520bc4e6f5fe95b1fe3c84"
     "5"
     "2b",
     "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c33596fd15c13b1b07f9aa1d3bea57789"
     "c"
     "a031ad85c7a71dd70354ec631238ca3445"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnop"
     "qrs"
     "mnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
     "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746"
     "0"
     "39",
     "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b54"
     "3"
     "3ac7d329eeb6dd26545e96e55b874be909"},
};

TEST(Sha2Test, DigestsKnownMessages) {
  for (const auto& [message, want256, want384, want512] : kVectors) {
    EXPECT_EQ(to_hex(sha256(as_bytes(message))), want256);
    EXPECT_EQ(to_hex(sha384(as_bytes(message))), want384);
    EXPECT_EQ(to_hex(sha512(as_bytes(message))), want512);
  }
}

TEST(Sha2Test, PartsAreOneMessage) {
  const ByteView abc = as_bytes("abc");
  for (size_t split = 0; split <= abc.size(); ++split) {
    const ByteView front = abc.first(split);
    const ByteView back = abc.subspan(split);
    EXPECT_EQ(sha256({front, back}), sha256(abc));
    EXPECT_EQ(sha384({front, {}, back}), sha384(abc));
    EXPECT_EQ(sha512({front, back, {}}), sha512(abc));
  }
  EXPECT_EQ(to_hex(sha256({})), kVectors[0].sha256);
  EXPECT_NE(sha256({abc, abc}), sha256(abc));
}

TEST(Sha2Test, PiecesAreOneMessage) {
  // FIPS 180-2, appendix B.3: a million times the letter a.
  const std::string thousand(1000, 'a');
  Sha256 hash;
  for (size_t i = 0; i < 1000; ++i) hash.update(as_bytes(thousand));
  EXPECT_EQ(to_hex(hash.finish()),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha2Test, StartsAgainAfterFinish) {
  Sha256 hash;
  hash.update(as_bytes("xyz"));
  static_cast<void>(hash.finish());
  EXPECT_EQ(to_hex(hash.finish()), kVectors[0].sha256);
  hash.update(as_bytes("a"));
  Sha256 moved = std::move(hash);
  moved.update(as_bytes("bc"));
  EXPECT_EQ(to_hex(moved.finish()), kVectors[1].sha256);
}

}  // namespace
}  // namespace quoin
