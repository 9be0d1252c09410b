// Is this a TD? Evidence, never trust: only a quote that somebody else verified is proof.

#ifndef QUOIN_SRC_TD_DETECT_H_
#define QUOIN_SRC_TD_DETECT_H_

#include <cstdint>
#include <string>

#include "src/td/linux_paths.h"

namespace quoin::td {

// What a probe says.
enum class Answer : uint8_t {
  no,
  yes,
  unknown,  // it could not be asked: no permission, say
};

// One thing that was looked at.
struct Probe {
  Answer answer = Answer::unknown;
  std::string seen = {};  // what was seen there, for people
};

// What each probe saw, from the weakest to the strongest. A host that is no TD platform can fake
// the processor's answer, and whoever owns the kernel everything else.
struct Evidence {
  // CPUID leaf 0x21 says "IntelTDX    " (Intel TDX Module specification, "CPUID leaf 0x21").
  Probe cpuid = {};
  // The flag tdx_guest in /proc/cpuinfo: the kernel believes it.
  Probe cpu_flag = {};
  // /dev/tdx_guest is there: the kernel's driver found a TD.
  Probe device = {};
  // configfs-tsm is there. Which provider answers is for tsm_provider() to say (src/td/tsm.h).
  Probe tsm = {};
  // The measurement registers are files: RTMRs can be extended.
  Probe measurements = {};

  // Whether the processor or the driver speaks for a TD: enough to keep a simulator away, and not
  // enough for anything else.
  bool any() const { return cpuid.answer == Answer::yes || device.answer == Answer::yes; }
};

// Looks at the processor and at the kernel's files, and changes nothing. Thread-safe.
Evidence detect(const LinuxPaths& paths = {});

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_DETECT_H_
