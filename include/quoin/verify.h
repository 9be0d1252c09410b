// Is this quote genuine, and what is the platform's TCB status? Intel's verification algorithm
// (Intel TDX DCAP Quote Verification Library), rule by rule. Whether you want what the quote says
// is another question: quoin/policy.h.

#ifndef QUOIN_VERIFY_H_
#define QUOIN_VERIFY_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/collateral.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "quoin/time.h"

namespace quoin {

// One rule, and how it went.
struct Check {
  std::string_view id;  // stable: programs may branch on it
  bool passed = false;
  std::string seen;       // what the evidence says
  std::string wanted;     // what the rule asks for
  std::string_view rule;  // where the rule is written
  std::string advice;     // what to do; empty where it passed
};

// A root certificate that the caller trusts.
class TrustRoot {
 public:
  // Intel SGX Root CA, from the certificate that this library carries.
  static const TrustRoot& intel();

  // A self-signed certificate, in PEM or DER. Fails with malformed or unsupported, or refused when
  // it did not sign itself.
  static Result<TrustRoot> parse(ByteView pem_or_der);

  ByteView certificate() const { return certificate_; }  // DER
  const std::string& common_name() const { return common_name_; }

  // Whether this is the root of a simulator, which proves nothing to anybody.
  bool is_simulator() const;

 private:
  TrustRoot() = default;

  Bytes certificate_;
  std::string common_name_;
};

// The common name that every simulator's root has.
inline constexpr std::string_view kSimulatorRootCommonName = "Quoin Simulator Root CA, NOT INTEL";

// The platform that a quote comes from, as its PCK certificate names it.
struct PlatformIdentity {
  ByteArray<16> ppid{};
  ByteArray<6> fmspc{};
  ByteArray<2> pce_id{};
  std::optional<ByteArray<16>> platform_instance_id;
};

// The SVNs of the platform that made a quote.
struct PlatformTcb {
  ByteArray<16> sgx_tcb_components{};  // from the PCK certificate
  uint16_t pce_svn = 0;                // from the PCK certificate
  uint16_t qe_isv_svn = 0;             // from the QE report
  // Of a TD: the module that launched it, and the one that runs now where the quote says.
  std::optional<ByteArray<16>> tee_tcb_svn;
  std::optional<ByteArray<16>> tee_tcb_svn2;
};

// An SVN of the platform that is lower than the newest TCB level of status UpToDate asks for.
struct TcbShortfall {
  enum class Part : uint8_t {
    sgx_component,
    pce,
    tdx_component,
    tdx_module,
    current_tdx_module,
    qe
  };

  Part part = Part::sgx_component;
  // Which: a component from 1 to 16, or a TDX module's major version; 0 where there is one only.
  uint8_t number = 0;
  uint16_t seen = 0;
  uint16_t wanted = 0;
  UtcTime since{};  // the date of the level that asks for it
};

// "TDX module TDX_01 has ISVSVN 4, UpToDate needs 6 since 2025-05-14".
std::string to_string(const TcbShortfall& shortfall);

// What the platform's owner does about it.
std::string_view advice_for(const TcbShortfall& shortfall);

// What verification found. Everything is at its refusing value until it has been proven.
struct Verdict {
  // Whether every rule held. Says nothing of whether you want what the quote says.
  bool genuine = false;
  // Whether the chain ends in a simulator's root.
  bool simulated = false;
  // Every rule that could be looked at, in order. The first that did not pass is the reason.
  std::vector<Check> checks;
  // Given whenever it can be determined, also when a rule did not hold.
  std::optional<TcbStatus> tcb_status;
  // The oldest date of the TCB levels that matched.
  std::optional<UtcTime> tcb_date;
  std::vector<std::string> advisory_ids;  // platform, QE, module; each once
  std::optional<PlatformIdentity> platform;
  std::optional<PlatformTcb> platform_tcb;
  // What keeps the platform from UpToDate, as far as SVNs do. Empty where none is lower, or where
  // there is no level of that status.
  std::vector<TcbShortfall> tcb_shortfalls;
  // The last second at which this verdict holds: the earliest end of anything it rests on.
  std::optional<UtcTime> valid_until;

  // The first check that did not pass; null when all did.
  const Check* reason() const;
};

// Verifies `quote` with `collateral` at the time `now` under `trust_roots`. Never fails: what
// cannot be looked at does not pass. Thread-safe.
Verdict verify_quote(const Quote& quote, const Collateral& collateral, UtcTime now,
                     std::span<const TrustRoot> trust_roots);

}  // namespace quoin

#endif  // QUOIN_VERIFY_H_
