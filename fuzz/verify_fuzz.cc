// All of verification. The input is a script: which honest evidence to start from, what time it is,
// and what an attacker changes. Whatever that is, a quote is genuine only when every statement in
// it and in its collateral was made by the trusted simulator, and a Verifier that has seen honest
// evidence before agrees with verify_quote().

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/require.h"
#include "quoin/verifier.h"
#include "quoin/verify.h"
#include "src/collateral/parts.h"
#include "src/simulator/platform.h"
#include "src/x509/chain.h"

namespace {

using namespace quoin;
using fuzz::require;

constexpr UtcTime kIssued{std::chrono::seconds(1'750'000'000)};
constexpr UtcTime kNow = kIssued + std::chrono::days(1);

// A bundle as an attacker sees it: texts and bytes to be exchanged and changed.
using Parts = std::array<Bytes, 9>;

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

Bytes bytes_of(const P256Signature& signature) { return {signature.begin(), signature.end()}; }

Parts parts_of(const simulator::BundleParts& bundle) {
  return {bytes_of(bundle.pck_crl_issuer_chain),
          bundle.root_ca_crl,
          bundle.pck_crl,
          bytes_of(bundle.tcb_info_issuer_chain),
          bytes_of(bundle.tcb_info),
          bytes_of(bundle.tcb_info_signature),
          bytes_of(bundle.qe_identity_issuer_chain),
          bytes_of(bundle.qe_identity),
          bytes_of(bundle.qe_identity_signature)};
}

P256Signature signature_of(const Bytes& bytes) {
  P256Signature signature{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), signature.size()), signature.begin());
  return signature;
}

Bytes bundle_of(const Parts& parts) {
  const auto text = [&](size_t i) { return std::string(as_text(parts[i])); };
  return simulator::write_bundle({text(0), parts[1], parts[2], text(3), text(4),
                                  signature_of(parts[5]), text(6), text(7),
                                  signature_of(parts[8])});
}

// Everything honest that there is, made once, and what of it the trusted root vouches for.
struct World {
  std::vector<Bytes> quotes;
  std::vector<Parts> bundles;
  std::vector<PreparedCollateral> collateral;  // of the bundles
  std::vector<TrustRoot> trust_roots;
  // Every statement that was signed under the trusted root.
  std::set<Bytes> said;
  // CRLs that revoke the platform.
  std::set<Bytes> revoking;
};

void learn(std::set<Bytes>& said, ByteView statement) {
  said.emplace(statement.begin(), statement.end());
}

bool knows(const std::set<Bytes>& said, ByteView statement) {
  return said.contains(Bytes(statement.begin(), statement.end()));
}

bool knows_all(const std::set<Bytes>& said, const x509::Chain& chain) {
  return std::ranges::all_of(chain.certificates(), [&](const x509::Certificate& certificate) {
    return knows(said, certificate.tbs);
  });
}

void learn_chain(std::set<Bytes>& said, const x509::Chain& chain) {
  for (const x509::Certificate& certificate : chain.certificates()) learn(said, certificate.tbs);
}

void add_quote(World& world, Bytes bytes, bool is_trusted) {
  const Quote quote = parse_quote(bytes).value();
  if (is_trusted) {
    learn(world.said, quote.signed_bytes);
    learn(world.said, quote.qe_report_bytes);
    learn(world.said, quote.attestation_key);
    learn_chain(world.said, x509::Chain::parse_pem(as_text(quote.certification_data)).value());
  }
  world.quotes.push_back(std::move(bytes));
}

void add_bundle(World& world, const simulator::BundleParts& bundle, bool is_trusted) {
  const PreparedCollateral collateral(Collateral::parse(simulator::write_bundle(bundle)).value());
  const Collateral::Parts& parts = collateral.collateral().parts();
  if (is_trusted) {
    learn(world.said, parts.tcb_info_signed.signed_bytes);
    learn(world.said, parts.qe_identity_signed.signed_bytes);
    learn(world.said, parts.root_ca_crl.crl.tbs);
    learn(world.said, parts.pck_crl.crl.tbs);
    learn_chain(world.said, parts.pck_crl_issuer_chain);
    learn_chain(world.said, parts.tcb_info_signed.issuer_chain);
    learn_chain(world.said, parts.qe_identity_signed.issuer_chain);
  }
  if (!parts.pck_crl.crl.revoked.empty()) learn(world.revoking, parts.pck_crl.crl.tbs);
  world.bundles.push_back(parts_of(bundle));
  world.collateral.push_back(collateral);
}

simulator::Seed seed(uint8_t number) {
  simulator::Seed made;
  made.mutable_view()[0] = number;
  return made;
}

void add_platform(World& world, uint8_t number, bool is_trusted) {
  using simulator::Platform;
  const Platform platform(seed(number), kIssued);
  const Bytes report = platform.td_report(simulator::default_td_state(), {});
  const TdReportStruct td = parse_td_report(report).value();
  add_quote(world, platform.quote(report).value(), is_trusted);
  for (const BodyType type : {BodyType::td_report_15, BodyType::td_report_15_ex}) {
    const auto parts = platform.quote_parts(simulator::td_quote_body(td, type).value(), 5);
    add_quote(world, write_quote(seed(number), parts), is_trusted);
  }
  add_bundle(world, platform.collateral(TeeType::tdx), is_trusted);

  const Platform single(seed(number),
                        default_settings(seed(number), kIssued, simulator::PckCa::processor));
  const auto enclave = single.quote_parts(simulator::default_enclave_report({}), 3);
  add_quote(world, write_quote(seed(number), enclave), is_trusted);
  add_bundle(world, single.collateral(TeeType::sgx), is_trusted);

  const Platform before(seed(number), kIssued - std::chrono::days(20));
  add_bundle(world, before.collateral(TeeType::tdx), is_trusted);

  simulator::PlatformSettings settings = simulator::default_settings(seed(number), kIssued);
  const Bytes pck = platform.certificates().pck;
  const ByteView serial = x509::parse_certificate(pck).value().serial;
  settings.pck_crl.revoked = {{.serial = Bytes(serial.begin(), serial.end()), .date = kIssued}};
  add_bundle(world, Platform(seed(number), settings).collateral(TeeType::tdx), is_trusted);
}

// What the trusted simulator's service says of platforms at each status, with quoting enclave and
// module up to date and not, and of one that has fallen behind.
void add_statuses(World& world) {
  using simulator::PlatformSettings;
  const auto add = [&](const PlatformSettings& settings) {
    const simulator::Platform platform(seed(1), settings);
    add_bundle(world, platform.collateral(TeeType::tdx), true);
  };
  for (const TcbStatus status :
       {TcbStatus::sw_hardening_needed, TcbStatus::configuration_needed,
        TcbStatus::configuration_and_sw_hardening_needed, TcbStatus::out_of_date,
        TcbStatus::out_of_date_configuration_needed, TcbStatus::revoked}) {
    PlatformSettings settings = simulator::default_settings(seed(1), kIssued);
    settings.tdx_tcb_info.tcb_levels.front().status = status;
    settings.tdx_tcb_info.tcb_levels.front().advisory_ids = {"INTEL-SA-00001"};
    add(settings);
    settings.td_qe_identity.tcb_levels.front().isv_svn += 1;
    add(settings);
    for (TdxModuleIdentity& identity : *settings.tdx_tcb_info.tdx_module_identities) {
      identity.tcb_levels.front().isv_svn += 1;
    }
    add(settings);
  }
  PlatformSettings settings = simulator::default_settings(seed(1), kIssued);
  TcbLevel& newest = settings.tdx_tcb_info.tcb_levels.front();
  newest.pce_svn += 1;
  newest.sgx_tcb_components.front() += 1;
  newest.tdx_tcb_components.back() += 1;
  add(settings);
}

// A TD that was launched by an older module than the one that runs now.
void add_relaunch(World& world) {
  simulator::PlatformSettings settings = simulator::default_settings(seed(1), kIssued);
  settings.tee_tcb_info.tee_tcb_svn[0] -= 1;
  const simulator::Platform platform(seed(1), settings);
  const Bytes report = platform.td_report(simulator::default_td_state(), {});
  add_quote(world, platform.quote(report).value(), true);
}

World make_world() {
  World world;
  add_platform(world, 1, true);
  add_platform(world, 2, false);
  add_statuses(world);
  add_relaunch(world);
  const simulator::Platform trusted(seed(1), kIssued);
  world.trust_roots = {TrustRoot::intel(), TrustRoot::parse(trusted.root_certificate()).value()};
  return world;
}

const World& world() {
  static const World made = make_world();
  return made;
}

// The input, read from its front. Zeros stand behind its end.
class Script {
 public:
  explicit Script(ByteView bytes) : bytes_(bytes) {}

  bool is_over() const { return bytes_.empty(); }

  uint8_t byte() {
    if (bytes_.empty()) return 0;
    const uint8_t value = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return value;
  }

  // A number below `bound`, which must not be zero.
  size_t below(size_t bound) {
    const size_t high = bound > 256 ? byte() : 0;
    return (high << 8 | byte()) % bound;
  }

 private:
  ByteView bytes_;
};

// Changes one thing in `bytes`; `donor` is honest and of the same kind.
void change(Script& script, Bytes& bytes, const Bytes& donor) {
  const uint8_t operation = script.byte();
  const size_t at = script.below(bytes.size() + 1);
  const size_t length = std::min<size_t>(script.byte() + size_t{1}, bytes.size() - at);
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  switch (operation % 6) {
    case 0:
      if (at < bytes.size()) bytes[at] ^= script.byte();
      break;
    case 1:
      bytes.erase(begin, begin + static_cast<std::ptrdiff_t>(length));
      break;
    case 2:
      bytes.insert(begin, script.byte());
      break;
    case 3:
      bytes = donor;
      break;
    case 4:  // a part of the donor in the same place
      for (size_t i = at; i < at + length && i < donor.size(); ++i) bytes[i] = donor[i];
      break;
    default:  // everything behind that place
      bytes.resize(at);
      if (at < donor.size()) {
        bytes.insert(bytes.end(), donor.begin() + static_cast<std::ptrdiff_t>(at), donor.end());
      }
      break;
  }
}

// Both say the same; a Verifier lists only what did not pass.
void require_same(const Verdict& full, const Verdict& brief) {
  require(full.genuine == brief.genuine && full.simulated == brief.simulated);
  require(full.tcb_status == brief.tcb_status && full.tcb_date == brief.tcb_date);
  require(full.advisory_ids == brief.advisory_ids && full.valid_until == brief.valid_until);
  require(full.platform.has_value() == brief.platform.has_value());
  require(full.tcb_shortfalls.size() == brief.tcb_shortfalls.size());
  size_t refusals = 0;
  for (const Check& check : full.checks) {
    if (check.passed) continue;
    require(refusals < brief.checks.size());
    const Check& same = brief.checks[refusals++];
    require(check.id == same.id && check.seen == same.seen && check.wanted == same.wanted);
  }
  require(refusals == brief.checks.size());
  for (size_t i = 0; i < full.tcb_shortfalls.size(); ++i) {
    const TcbShortfall& shortfall = full.tcb_shortfalls[i];
    require(shortfall.seen < shortfall.wanted);
    require(to_string(shortfall) == to_string(brief.tcb_shortfalls[i]));
    require(!advice_for(shortfall).empty());
  }
  require(full.genuine == (refusals == 0));
}

// What a genuine verdict rests on was all said under the trusted root, and holds now. The chain
// beside the PCK CRL is not among it: the CRL is held against the quote's own CA and root.
void require_honest(const Verdict& verdict, const Quote& quote, const Collateral& collateral,
                    UtcTime now) {
  const std::set<Bytes>& said = world().said;
  require(verdict.simulated && verdict.tcb_status);
  require(verdict.tcb_status != TcbStatus::not_supported);
  require(verdict.tcb_status != TcbStatus::unrecognized);
  require(verdict.valid_until && now <= *verdict.valid_until);
  require(now >= collateral.tcb_info().issue_date && now <= collateral.tcb_info().next_update);
  require(now >= collateral.qe_identity().issue_date);
  require(now <= collateral.qe_identity().next_update);
  require(knows(said, quote.signed_bytes) && knows(said, quote.qe_report_bytes));
  require(knows(said, quote.attestation_key));
  const auto chain = x509::Chain::parse_pem(as_text(quote.certification_data));
  require(chain.ok() && knows_all(said, *chain));
  const Collateral::Parts& parts = collateral.parts();
  require(knows(said, parts.tcb_info_signed.signed_bytes));
  require(knows(said, parts.qe_identity_signed.signed_bytes));
  require(knows(said, parts.root_ca_crl.crl.tbs) && knows(said, parts.pck_crl.crl.tbs));
  require(!knows(world().revoking, parts.pck_crl.crl.tbs));
  require(knows_all(said, parts.tcb_info_signed.issuer_chain));
  require(knows_all(said, parts.qe_identity_signed.issuer_chain));
}

// Honest evidence is genuine: else nothing here would say anything.
bool check_world() {
  const World& all = world();
  const Quote quote = parse_quote(all.quotes[0]).value();
  require(verify_quote(quote, all.collateral[0].collateral(), kNow, all.trust_roots).genuine);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool checked = check_world();
  static_cast<void>(checked);
  const World& all = world();
  Script script({data, size});
  const size_t quote_index = script.below(all.quotes.size());
  const size_t bundle_index = script.below(all.bundles.size());
  const auto hours = static_cast<int>(script.below(4096)) - 2048;
  const UtcTime now = kNow + std::chrono::hours(hours);

  Bytes quote_bytes = all.quotes[quote_index];
  Parts parts = all.bundles[bundle_index];
  bool is_bundle_changed = false;
  constexpr int kMaxChanges = 8;
  for (int i = 0; i < kMaxChanges && !script.is_over(); ++i) {
    const uint8_t what = script.byte() % 16;
    if (what >= parts.size()) {
      change(script, quote_bytes, all.quotes[script.below(all.quotes.size())]);
    } else {
      change(script, parts[what], all.bundles[script.below(all.bundles.size())][what]);
      is_bundle_changed = true;
    }
  }

  const auto quote = parse_quote(quote_bytes);
  if (!quote.ok()) return 0;
  PreparedCollateral collateral = all.collateral[bundle_index];
  if (is_bundle_changed) {
    auto parsed = Collateral::parse(bundle_of(parts));
    if (!parsed.ok()) return 0;
    collateral = PreparedCollateral(std::move(parsed).value());
  }

  const Verdict verdict = verify_quote(*quote, collateral.collateral(), now, all.trust_roots);
  if (verdict.genuine) require_honest(verdict, *quote, collateral.collateral(), now);

  // A Verifier that knows the platform from honest evidence, if that was genuine.
  Verifier verifier(all.trust_roots);
  const Quote honest = parse_quote(all.quotes[quote_index]).value();
  static_cast<void>(verifier.verify(honest, all.collateral[bundle_index], kNow));
  require_same(verdict, verifier.verify(*quote, collateral, now));
  // From memory, where only what is genuine gets.
  if (verdict.genuine) require_same(verdict, verifier.verify(*quote, collateral, now));
  return 0;
}
