// Is this a TD? Evidence, never trust: only a quote that somebody else verified is proof.

#ifndef QUOIN_SRC_TD_DETECT_H_
#define QUOIN_SRC_TD_DETECT_H_

namespace quoin::td {

// Which probes speak for a TD.
struct Evidence {
  // CPUID leaf 0x21 says "IntelTDX    " (Intel TDX Module specification, "CPUID leaf 0x21"). A
  // host that is no TD platform can return it too.
  bool cpuid = false;
  // /dev/tdx_guest is there: the kernel's driver found a TD.
  bool device = false;

  bool any() const { return cpuid || device; }
};

// Looks at the processor and at /dev. Thread-safe.
Evidence detect();

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_DETECT_H_
