#include "src/td/detect.h"

#include <cpuid.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "src/os/io.h"

namespace quoin::td {
namespace {

constexpr unsigned kTdxLeaf = 0x21;
constexpr std::string_view kTdxIdentity = "IntelTDX    ";
constexpr std::string_view kTdxFlag = "tdx_guest";
// Some hundred processors with some hundred flags each.
constexpr size_t kMaxCpuInfoBytes = size_t{8} << 20;

Probe look_at_cpuid() {
  std::array<unsigned, 4> leaf{};
  if (__get_cpuid_count(kTdxLeaf, 0, &leaf[0], &leaf[1], &leaf[2], &leaf[3]) == 0) {
    return {Answer::no, "the processor has no CPUID leaf 0x21"};
  }
  // The identity stands in EBX, EDX, ECX, in this order.
  const std::array<unsigned, 3> words = {leaf[1], leaf[3], leaf[2]};
  std::array<char, kTdxIdentity.size()> identity{};
  std::memcpy(identity.data(), words.data(), identity.size());
  if (std::string_view(identity.data(), identity.size()) == kTdxIdentity) {
    return {Answer::yes, "CPUID leaf 0x21 says IntelTDX"};
  }
  return {Answer::no, "CPUID leaf 0x21 does not say IntelTDX"};
}

// Whether a line "flags : a b c" has that flag.
bool has_flag(std::string_view line, std::string_view flag) {
  if (!line.starts_with("flags")) return false;
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  std::string_view rest = line.substr(colon + 1);
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    if (rest.substr(0, end) == flag) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

Probe look_at_cpuinfo(const std::string& path) {
  const Result<Bytes> file = read_file(path, kMaxCpuInfoBytes);
  if (!file.ok()) return {Answer::unknown, file.error().what};
  std::string_view rest = as_text(*file);
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (has_flag(rest.substr(0, end), kTdxFlag)) {
      return {Answer::yes, path + " has the flag " + std::string(kTdxFlag)};
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {Answer::no, path + " does not have the flag " + std::string(kTdxFlag)};
}

Probe look_for(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) == 0) return {Answer::yes, path + " is there"};
  if (errno == ENOENT || errno == ENOTDIR) return {Answer::no, path + " is not there"};
  return {Answer::unknown, path + ": " + std::strerror(errno)};
}

}  // namespace

Evidence detect(const LinuxPaths& paths) {
  return {.cpuid = look_at_cpuid(),
          .cpu_flag = look_at_cpuinfo(paths.cpuinfo),
          .device = look_for(paths.guest_device),
          .tsm = look_for(paths.tsm_report),
          .measurements = look_for(paths.measurements)};
}

}  // namespace quoin::td
