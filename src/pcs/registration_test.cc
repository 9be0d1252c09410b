#include "src/pcs/registration.h"

#include <gtest/gtest.h>

namespace quoin::pcs {
namespace {

TEST(RegistrationRequest, IsAllThereOrNothing) {
  Bytes variable = {7,    0,    0,    0,    3,    0,    17,   0,    0,
                    0,    0x17, 0x8e, 0x87, 0x4b, 0x49, 0xe4, 0x4a, 0xa5,
                    0x99, 0xbb, 0x30, 0x57, 0x17, 0x09, 0x25, 0xb4, 42};
  ASSERT_TRUE(parse_registration_request(variable).ok());
  EXPECT_EQ(parse_registration_request(variable)->size(), 17u);
  for (size_t size = 0; size < variable.size(); ++size) {
    EXPECT_FALSE(parse_registration_request(ByteView(variable).first(size)).ok()) << size;
  }
  Bytes longer = variable;
  longer.push_back(0);
  EXPECT_EQ(parse_registration_request(longer).error().code, ErrorCode::trailing_bytes);
  for (const uint8_t version : {uint8_t{0}, uint8_t{4}}) {
    variable[4] = version;
    EXPECT_EQ(parse_registration_request(variable).error().code, ErrorCode::unsupported);
  }
  variable[4] = 3;
  variable[10] ^= 1;
  EXPECT_EQ(parse_registration_request(variable).error().code, ErrorCode::unsupported);
}

TEST(RegistrationAddress, IsIntelsOrThatOfTheServer) {
  constexpr std::string_view kIntel =
      "https://api.trustedservices.intel.com/sgx/registration/v1/platform";
  EXPECT_EQ(registration_address({}).value(), kIntel);
  EXPECT_EQ(registration_address("https://api.trustedservices.intel.com/").value(), kIntel);
  EXPECT_EQ(registration_address("http://[::1]:80").value(),
            "http://[::1]:80/sgx/registration/v1/platform");
  EXPECT_EQ(registration_address("intel.com").error().code, ErrorCode::invalid_argument);
}

TEST(RegistrationAddress, IsOfThisMachineWhereAnybodyCouldRead) {
  for (const char* server : {"https://192.0.2.1", "http://127.0.0.1:1", "http://[::1]"}) {
    EXPECT_TRUE(check_registration_address(server).ok()) << server;
  }
  for (const char* server : {"http://192.0.2.1", "http://127.0.0.1.example", "ftp://127.0.0.1"}) {
    EXPECT_EQ(check_registration_address(server).error().code, ErrorCode::invalid_argument)
        << server;
    EXPECT_EQ(register_platform({}, server, std::chrono::seconds(1)).error().code,
              ErrorCode::invalid_argument)
        << server;
  }
}

}  // namespace
}  // namespace quoin::pcs
