// Many quotes: the same verdicts as verify_quote(), without looking twice at a signature that is
// known to hold.

#ifndef QUOIN_VERIFIER_H_
#define QUOIN_VERIFIER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "quoin/collateral.h"
#include "quoin/quote.h"
#include "quoin/time.h"
#include "quoin/verify.h"

namespace quoin {

// Collateral of which the signatures have been looked at. Whether they are the right ones, and
// still hold, is asked again in every verification. Cheap to copy; immutable use is thread-safe.
class PreparedCollateral {
 public:
  explicit PreparedCollateral(Collateral collateral);

  const Collateral& collateral() const;

 private:
  friend class Verifier;
  struct State;

  std::shared_ptr<const State> state_;
};

// A quote and the collateral to verify it with; both must outlive the call.
struct VerificationJob {
  const Quote* quote = nullptr;
  const PreparedCollateral* collateral = nullptr;
};

// Verifies under fixed trust roots, and remembers platforms: a quote of one that is known, with the
// attestation key that is known, costs one signature verification. Only mathematics is remembered,
// and only of quotes that were genuine; dates, trust, revocation and TCB are looked at every time.
// Thread-safe, and meant to be shared.
class Verifier {
 public:
  // Remembers at most `max_platforms` pairs of a platform and an attestation key, about 4 KiB each;
  // those that were not asked for longest go first.
  static constexpr size_t kDefaultMaxPlatforms = 10'000;
  explicit Verifier(std::vector<TrustRoot> trust_roots,
                    size_t max_platforms = kDefaultMaxPlatforms);
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;
  ~Verifier();

  // The verdict of verify_quote(), but that `checks` has only those that did not pass. Nothing of
  // ours is allocated for a known platform that is genuine, UpToDate and without advisories.
  Verdict verify(const Quote& quote, const PreparedCollateral& collateral, UtcTime now);

  // Refuses what no collateral could mend: certificates that end in no trusted root or are out of
  // date, a QE report that they did not sign, a quote that its key did not sign. Nothing where all
  // of it holds, which is no verdict: verify() has to give it. For whoever fetches collateral for
  // quotes of strangers: one that is not refused here comes from a platform with a genuine key.
  // Remembers nothing.
  std::optional<Verdict> refuse_without_collateral(const Quote& quote, UtcTime now);

  // verdicts[i] is of jobs[i]; both have the same size (else nothing is verified, and every verdict
  // is refused). Uses `threads` threads, the caller's among them; fewer where the system gives
  // fewer.
  void verify_batch(std::span<const VerificationJob> jobs, UtcTime now, std::span<Verdict> verdicts,
                    unsigned threads);

  // How many are remembered.
  size_t platform_count() const;

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace quoin

#endif  // QUOIN_VERIFIER_H_
