#include "src/channel/channel_key.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <array>
#include <string>
#include <string_view>

#include "src/base/hex.h"

namespace quoin::channel {
namespace {

// Made with openssl ecparam, pkcs8 and ec; they protect nothing. The same key three times.
constexpr std::string_view kPkcs8 =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrocTNlgSTOp9iSsX\n"
    "R88BefBEmlPIhMt1uqWuHVyKJ92hRANCAATVrOiSP5Pv0wSzk+SFXlxA7iEjVeyr\n"
    "eQqqE1OOvnLgPe9YJQ7RA0c/xjXLQKYhOBmzIa4Lw++wXgsd15tS6Lwv\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view kSec1 =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIK6HEzZYEkzqfYkrF0fPAXnwRJpTyITLdbqlrh1ciifdoAoGCCqGSM49\n"
    "AwEHoUQDQgAE1azokj+T79MEs5PkhV5cQO4hI1Xsq3kKqhNTjr5y4D3vWCUO0QNH\n"
    "P8Y1y0CmITgZsyGuC8PvsF4LHdebUui8Lw==\n"
    "-----END EC PRIVATE KEY-----\n";
constexpr std::string_view kEncrypted =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhErIBBojcbBQICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEHxpwbgvVCk3ytOsVMeAe0AEgZBD\n"
    "3u6jYNHtJe98wSSBnx9C1AA0foRRbsDEWrthv8ednHLCeFuEpVEKJMdy3dZEv6Zk\n"
    "kuZHsmyupto5ji9UPTPVLuoefqUs+cb+DXxGVl47FUK9GZo4Bb5WiuDGSnf5k3dM\n"
    "wvYmK77V0h3iwUxj+6Yo9ZZtRJ2c2L48yKfpbhNgF/TJ8FnWR3nYUV/graYITyk=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";
constexpr std::string_view kP384 =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBRIiFK3OSfsx8ZjnPY\n"
    "HY30r6EAVZV2EK/AVIffpembJew2I9C+xGON/ddbFQZiOB2hZANiAASVxOSYMKaS\n"
    "HndE1ySJ0NGDJfe0MSfFo0JCTIVJvRaKk8z94GU5GpnskSQAEpOG/n7yc8wf0VI0\n"
    "rIZRYPodQ04b5GL7rJEn2MI+J1K0K36KnYIjdflh7fsgUdH3xbNZ7h4=\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view kPublic =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1azokj+T79MEs5PkhV5cQO4hI1Xs\n"
    "q3kKqhNTjr5y4D3vWCUO0QNHP8Y1y0CmITgZsyGuC8PvsF4LHdebUui8Lw==\n"
    "-----END PUBLIC KEY-----\n";
// openssl pkey -pubout -outform DER | sha256sum
constexpr std::string_view kDigest =
    "3ddb567ca0c23b0dace1c4b0e0ba38764dd2f21ee8d9d87a689171fae963034e";

TEST(ChannelKey, EachIsFresh) {
  const auto one = ChannelKey::generate();
  const auto other = ChannelKey::generate();
  ASSERT_TRUE(one.ok());
  ASSERT_TRUE(other.ok());
  EXPECT_NE(one->sha256(), other->sha256());
  const ChannelKey copy = *one;
  EXPECT_EQ(copy.sha256(), one->sha256());
}

TEST(ChannelKey, ReadsPem) {
  for (const std::string_view pem : {kPkcs8, kSec1}) {
    const auto key = ChannelKey::parse(as_bytes(pem));
    ASSERT_TRUE(key.ok()) << key.error().what;
    EXPECT_EQ(to_hex(key->sha256()), kDigest);
  }
}

TEST(ChannelKey, RefusesWhatIsNoSuchKey) {
  EXPECT_EQ(ChannelKey::parse(as_bytes(kP384)).error().code, ErrorCode::unsupported);
  for (const std::string_view pem :
       {kEncrypted, kPublic, std::string_view(), kPkcs8.substr(0, 90)}) {
    const auto key = ChannelKey::parse(as_bytes(pem));
    ASSERT_FALSE(key.ok());
    EXPECT_EQ(key.error().code, ErrorCode::malformed);
  }
}

TEST(ChannelKey, LeavesNothingInOpenSslsErrorQueue) {
  EXPECT_FALSE(ChannelKey::parse(as_bytes("no key")).ok());
  EXPECT_EQ(ERR_peek_error(), 0);
}

}  // namespace
}  // namespace quoin::channel
