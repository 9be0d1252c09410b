#include "src/td/detect.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace quoin::td {
namespace {

TEST(Detect, DeviceEvidenceAgreesWithTheFileSystem) {
  EXPECT_EQ(detect().device, access("/dev/tdx_guest", F_OK) == 0);
}

TEST(Detect, AnyProbeIsEvidence) {
  EXPECT_FALSE(Evidence{}.any());
  EXPECT_TRUE((Evidence{.cpuid = true, .device = false}.any()));
  EXPECT_TRUE((Evidence{.cpuid = false, .device = true}.any()));
}

}  // namespace
}  // namespace quoin::td
