// What the benchmarks verify.

#ifndef QUOIN_BENCH_EVIDENCE_H_
#define QUOIN_BENCH_EVIDENCE_H_

#include <string>
#include <vector>

#include "quoin/verify.h"

namespace quoin::bench {

// One quote and its collateral, as they come from files.
struct Evidence {
  std::string name;
  Bytes quote;
  Bytes bundle;
  UtcTime now{};
  std::vector<TrustRoot> trust_roots;
};

// A real TDX quote with Intel's collateral of which Intel's own library says UpToDate, where the
// real vectors are there (QUOIN_VECTORS); else a simulated platform's. Ends the process where it
// does not verify.
Evidence load_evidence();

// Quotes of many simulated platforms, each with a PCK certificate, an attestation key and a QE
// report of its own, under one root and with one collateral.
struct Fleet {
  std::vector<Bytes> quotes;
  Bytes bundle;
  UtcTime now{};
  std::vector<TrustRoot> trust_roots;
};

// Takes about a millisecond a platform and core.
Fleet make_fleet(size_t platforms);

}  // namespace quoin::bench

#endif  // QUOIN_BENCH_EVIDENCE_H_
