#include "quoin/verifier.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <utility>

#include "src/crypto/sha2.h"
#include "src/verify/digest_cache.h"
#include "src/verify/judge.h"
#include "src/verify/quoted_platform.h"

namespace quoin {
namespace {

// Intel has two CAs for PCK certificates, and renews them every few years.
constexpr size_t kMaxSharedCertificates = 64;

}  // namespace

struct PreparedCollateral::State {
  explicit State(Collateral all)
      : collateral(std::move(all)), signatures(look_at_signatures(collateral.parts())) {}

  Collateral collateral;
  CollateralSignatures signatures;
};

PreparedCollateral::PreparedCollateral(Collateral collateral)
    : state_(std::make_shared<const State>(std::move(collateral))) {}

const Collateral& PreparedCollateral::collateral() const { return state_->collateral; }

struct Verifier::State {
  State(std::vector<TrustRoot> roots, size_t max_platforms)
      : trust_roots(std::move(roots)), platforms(max_platforms) {}

  std::vector<TrustRoot> trust_roots;
  DigestCache<QuotedPlatform> platforms;
  DigestCache<x509::Chain> shared_certificates{kMaxSharedCertificates};
};

Verifier::Verifier(std::vector<TrustRoot> trust_roots, size_t max_platforms)
    : state_(std::make_unique<State>(std::move(trust_roots), max_platforms)) {}

Verifier::~Verifier() = default;

Verdict Verifier::verify(const Quote& quote, const PreparedCollateral& collateral, UtcTime now) {
  const Question question = {quote, collateral.state_->collateral.parts(),
                             collateral.state_->signatures, now, state_->trust_roots};
  const Sha256Digest key = platform_key(quote);
  if (const auto known = state_->platforms.find(key)) {
    return judge(question, *known, Detail::refusals);
  }
  const Sha256Digest shared_key = sha256(as_bytes(shared_certificates(quote)));
  Result<QuotedPlatform> read = read_quoted_platform(quote, collateral.state_->signatures,
                                                     state_->shared_certificates.find(shared_key));
  if (!read.ok()) return refuse_certification_data(read.error(), Detail::refusals);
  auto platform = std::make_shared<const QuotedPlatform>(std::move(read).value());
  Verdict verdict = judge(question, *platform, Detail::refusals);
  // Whoever can fill the memory of others must have genuine platforms to do it with.
  if (verdict.genuine) {
    state_->shared_certificates.insert(shared_key, platform->others);
    state_->platforms.insert(key, std::move(platform));
  }
  return verdict;
}

std::optional<Verdict> Verifier::refuse_without_collateral(const Quote& quote, UtcTime now) {
  std::shared_ptr<const QuotedPlatform> platform = state_->platforms.find(platform_key(quote));
  if (!platform) {
    const Sha256Digest shared_key = sha256(as_bytes(shared_certificates(quote)));
    Result<QuotedPlatform> read =
        read_quoted_platform(quote, {}, state_->shared_certificates.find(shared_key));
    if (!read.ok()) return refuse_certification_data(read.error(), Detail::refusals);
    platform = std::make_shared<const QuotedPlatform>(std::move(read).value());
  }
  Verdict verdict = judge_without_collateral(quote, *platform, now, state_->trust_roots);
  if (verdict.reason() == nullptr) return std::nullopt;
  return verdict;
}

void Verifier::verify_batch(std::span<const VerificationJob> jobs, UtcTime now,
                            std::span<Verdict> verdicts, unsigned threads) {
  std::ranges::fill(verdicts, Verdict());
  if (jobs.size() != verdicts.size()) return;

  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < jobs.size(); i = next++) {
      verdicts[i] = verify(*jobs[i].quote, *jobs[i].collateral, now);
    }
  };
  std::vector<std::jthread> helpers;
  const size_t wanted = std::min<size_t>(std::max(threads, 1u), jobs.size());
  try {
    while (helpers.size() + 1 < wanted) helpers.emplace_back(work);
  } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch)
    // The system gives no more threads: those that there are do the work.
  }
  work();
}

size_t Verifier::platform_count() const { return state_->platforms.size(); }

}  // namespace quoin
