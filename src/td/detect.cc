#include "src/td/detect.h"

#include <cpuid.h>
#include <sys/stat.h>

#include <array>
#include <cstring>
#include <string_view>

namespace quoin::td {
namespace {

constexpr unsigned kTdxLeaf = 0x21;
constexpr std::string_view kTdxIdentity = "IntelTDX    ";

bool cpuid_says_tdx() {
  std::array<unsigned, 4> leaf{};
  if (__get_cpuid_count(kTdxLeaf, 0, &leaf[0], &leaf[1], &leaf[2], &leaf[3]) == 0) return false;
  // The identity stands in EBX, EDX, ECX, in this order.
  const std::array<unsigned, 3> words = {leaf[1], leaf[3], leaf[2]};
  std::array<char, 12> identity{};
  std::memcpy(identity.data(), words.data(), identity.size());
  return std::string_view(identity.data(), identity.size()) == kTdxIdentity;
}

bool device_exists() {
  struct stat status{};
  return stat("/dev/tdx_guest", &status) == 0;
}

}  // namespace

Evidence detect() { return {.cpuid = cpuid_says_tdx(), .device = device_exists()}; }

}  // namespace quoin::td
