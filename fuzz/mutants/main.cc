// Writes mutants of a simulated platform's evidence, and what Quoin says of each, for another
// verifier to judge: testdata/oracle/oracle.py reads it. The same seed gives the same mutants.

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/mutants/mutations.h"
#include "quoin/collateral.h"
#include "quoin/quote.h"
#include "quoin/verifier.h"
#include "quoin/verify.h"
#include "src/base/base64.h"
#include "src/base/hex.h"
#include "src/simulator/platform.h"
#include "src/simulator/signing_key.h"

namespace quoin::mutants {
namespace {

using simulator::BundleParts;
using simulator::Platform;
using simulator::QuoteBody;
using simulator::QuoteParts;
using simulator::Seed;
using simulator::SigningKey;

constexpr size_t kQuotesPerPlatform = 4;
// Few, so that the Verifier forgets.
constexpr size_t kRememberedPlatforms = 16;
// Far more than any record takes.
constexpr size_t kBufferSize = size_t{1} << 20;

// The names of what was changed, with commas between them.
class Changes {
 public:
  void add(std::string_view name) {
    if (!names_.empty()) names_ += ',';
    names_ += name;
  }
  std::string or_dash() const { return names_.empty() ? "-" : names_; }

 private:
  std::string names_;
};

template <typename T>
void apply_one(std::span<const Mutation<T>> mutations, T& subject, Random& random,
               Changes& changes) {
  const Mutation<T>& mutation = random.pick(mutations);
  mutation.apply(subject, random);
  changes.add(mutation.name);
}

// How many faults: none most often, so that the line between accepted and refused is near.
size_t fault_count(Random& random) {
  const size_t draw = random.below(100);
  if (draw < 65) return 0;
  if (draw < 90) return 1;
  return draw < 97 ? 2 : 3;
}

// The times at which something of the evidence begins or ends to hold.
struct Dates {
  std::vector<UtcTime> begins;
  std::vector<UtcTime> ends;
};

Dates dates_of(Subject& subject) {
  const auto& settings = subject.settings;
  Dates dates;
  for (const auto* certificate : {&settings.pki.root, &settings.pki.platform_ca, &settings.pki.pck,
                                  &settings.pki.tcb_signing}) {
    dates.begins.push_back(certificate->not_before);
    dates.ends.push_back(certificate->not_after);
  }
  for (const auto* crl : {&settings.root_ca_crl, &settings.pck_crl}) {
    dates.begins.push_back(crl->this_update);
    if (crl->next_update) dates.ends.push_back(*crl->next_update);
  }
  dates.begins.push_back(subject.tcb_info().issue_date);
  dates.ends.push_back(subject.tcb_info().next_update);
  dates.begins.push_back(subject.qe_identity().issue_date);
  dates.ends.push_back(subject.qe_identity().next_update);
  std::ranges::sort(dates.begins, std::ranges::greater());
  std::ranges::sort(dates.ends);
  return dates;
}

// Most often the first end or the last beginning, to the second or one beside it.
UtcTime time_near(const Dates& dates, Random& random) {
  const auto& some = random.percent(50) ? dates.begins : dates.ends;
  const UtcTime date = random.percent(75) ? some.front() : random.pick(some);
  return date + std::chrono::seconds(random.below(3)) - std::chrono::seconds(1);
}

QuoteBody body_of(const Subject& subject, uint16_t version, Random& random) {
  if (!subject.tdx) return EnclaveReport{};
  TdReport15Ex report;
  report.tee_tcb_svn = subject.settings.tee_tcb_info.tee_tcb_svn;
  report.tee_tcb_svn2 = subject.settings.tee_tcb_info.tee_tcb_svn2;
  report.mr_signer_seam = subject.settings.tee_tcb_info.mr_signer_seam;
  report.seam_attributes = subject.settings.tee_tcb_info.attributes;
  const size_t type = version == 4 ? 0 : random.below(4);
  if (type == 0) return static_cast<const TdReport10&>(report);
  if (type == 1) return report;
  return static_cast<const TdReport15&>(report);
}

// What Quoin says, as the record "mutant" has it.
std::string answer(const Verdict& verdict) {
  std::string out = verdict.genuine ? "1 1 " : "1 0 ";
  out += verdict.tcb_status ? to_string(*verdict.tcb_status) : "-";
  out += ' ';
  out += verdict.tcb_date ? std::to_string(verdict.tcb_date->time_since_epoch().count()) : "-";
  out += ' ';
  if (verdict.advisory_ids.empty()) out += '-';
  for (const std::string& id : verdict.advisory_ids) {
    if (&id != &verdict.advisory_ids.front()) out += ',';
    out += to_hex(as_bytes(id));
  }
  out += ' ';
  out += verdict.reason() == nullptr ? "-" : verdict.reason()->id;
  return out;
}

// The answer where quote or collateral cannot be read.
constexpr std::string_view kUnreadable = "0 0 - - - unreadable";

// Whether a Verifier, which remembers, says what verify_quote() says. Of the checks it lists those
// that did not pass.
bool same(const Verdict& remembering, const Verdict& fresh) {
  std::vector<std::string_view> failed;
  for (const Check& check : fresh.checks) {
    if (!check.passed) failed.push_back(check.id);
  }
  return remembering.genuine == fresh.genuine && remembering.simulated == fresh.simulated &&
         remembering.tcb_status == fresh.tcb_status && remembering.tcb_date == fresh.tcb_date &&
         remembering.advisory_ids == fresh.advisory_ids &&
         remembering.valid_until == fresh.valid_until &&
         remembering.platform.has_value() == fresh.platform.has_value() &&
         remembering.tcb_shortfalls.size() == fresh.tcb_shortfalls.size() &&
         std::ranges::equal(remembering.checks, failed, {}, &Check::id);
}

class Campaign {
 public:
  Campaign(uint64_t seed, uint64_t count) : random_(seed), count_(count) {
    const Platform platform(Seed(), kNow);
    print("root", to_base64(platform.root_certificate()));
    roots_.push_back(TrustRoot::parse(platform.root_certificate()).value());
    verifier_.emplace(roots_, kRememberedPlatforms);

    simulator::PlatformSettings other = platform.settings();
    other.pki.root.serial = {7};
    other_chain_ = Platform(Seed(), std::move(other)).collateral().tcb_info_issuer_chain;
  }

  void run() {
    while (number_ < count_) run_platform();
  }

 private:
  static void print(std::string_view kind, std::string_view text) {
    std::fwrite(kind.data(), 1, kind.size(), stdout);
    std::fputc(' ', stdout);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
  }

  void run_platform() {
    const auto ca = random_.percent(85) ? simulator::PckCa::platform : simulator::PckCa::processor;
    Subject subject = {.settings = default_settings(seed_, kNow - std::chrono::days(1), ca),
                       .tdx = random_.percent(75)};
    Changes changes;
    for (size_t i = random_.below(7); i > 0; --i) apply_one(shapes(), subject, random_, changes);
    for (size_t i = fault_count(random_); i > 0; --i) {
      apply_one(random_.percent(50) ? collateral_faults() : pki_faults(), subject, random_,
                changes);
    }

    const Platform platform(Seed(), subject.settings);
    const Bytes bundle = write_collateral(platform, subject, changes);
    print("collateral", to_base64(bundle));
    std::optional<PreparedCollateral> collateral;
    if (auto parsed = Collateral::parse(bundle); parsed.ok()) {
      collateral.emplace(std::move(parsed).value());
    }
    const Dates dates = dates_of(subject);
    for (size_t i = 0; i < kQuotesPerPlatform && number_ < count_; ++i) {
      run_quote(platform, subject, collateral, dates, changes);
    }
  }

  Bytes write_collateral(const Platform& platform, const Subject& subject, Changes& changes) {
    const bool same_kind = !random_.percent(3);
    if (!same_kind) changes.add("other_kind");
    BundleParts parts = platform.collateral(subject.tdx == same_kind ? TeeType::tdx : TeeType::sgx);
    if (random_.percent(8)) {
      const bool tcb_info = random_.percent(60);
      std::string& text = tcb_info ? parts.tcb_info : parts.qe_identity;
      apply_one(text_mutations(), text, random_, changes);
      (tcb_info ? parts.tcb_info_signature : parts.qe_identity_signature) =
          SigningKey::derive(seed_, simulator::kTcbSigningKey).sign(as_bytes(text));
    }
    if (random_.percent(1)) {
      parts.tcb_info_issuer_chain = other_chain_;
      changes.add("other_root");
    }
    if (random_.percent(7)) apply_one(bundle_mutations(), parts, random_, changes);
    Bytes bundle = write_bundle(parts);
    if (random_.percent(5)) apply_one(bundle_file_mutations(), bundle, random_, changes);
    return bundle;
  }

  void run_quote(const Platform& platform, const Subject& subject,
                 const std::optional<PreparedCollateral>& collateral, const Dates& dates,
                 Changes changes) {
    const auto version =
        static_cast<uint16_t>(subject.tdx ? 4 + random_.below(2) : 3 + random_.below(3));
    QuoteParts parts = platform.quote_parts(body_of(subject, version, random_), version);
    for (size_t i = random_.below(4); i > 0; --i) {
      apply_one(quote_shapes(), parts, random_, changes);
    }
    if (random_.percent(15)) apply_one(quote_faults(), parts, random_, changes);
    const Bytes quote = simulator::write_quote(seed_, parts);
    run_times(quote, collateral, dates, changes, 1 + random_.below(3));
    for (size_t i = random_.below(3); i > 0; --i) {
      Bytes changed = quote;
      Changes more = changes;
      apply_one(quote_file_mutations(), changed, random_, more);
      run_times(changed, collateral, dates, more, 1);
    }
  }

  void run_times(const Bytes& quote_bytes, const std::optional<PreparedCollateral>& collateral,
                 const Dates& dates, const Changes& changes, size_t times) {
    print("quote", to_base64(quote_bytes));
    const auto quote = parse_quote(quote_bytes);
    for (size_t i = 0; i < times && number_ < count_; ++i) {
      const UtcTime now = i == 0 && random_.percent(70) ? kNow : time_near(dates, random_);
      std::string record = std::to_string(number_++);
      record += ' ';
      record += std::to_string(now.time_since_epoch().count());
      record += ' ';
      const std::string changed = changes.or_dash();
      if (!quote.ok() || !collateral) {
        print("mutant", record.append(kUnreadable) + ' ' + changed);
        continue;
      }
      print("mutant", record + answer(look(*quote, *collateral, now)) + ' ' + changed);
    }
  }

  // The Verifier's verdict; every fourth time that of verify_quote(), which costs more and must be
  // the same.
  Verdict look(const Quote& quote, const PreparedCollateral& collateral, UtcTime now) {
    Verdict remembering = verifier_->verify(quote, collateral, now);
    if (number_ % 4 != 0) return remembering;
    Verdict fresh = verify_quote(quote, collateral.collateral(), now, roots_);
    if (!same(remembering, fresh)) print("differs", "verify_quote() and the Verifier");
    return fresh;
  }

  const Seed seed_;
  Random random_;
  std::vector<TrustRoot> roots_;
  std::optional<Verifier> verifier_;
  // Of TCB info, under another root with the same name and key, which nobody trusts.
  std::string other_chain_;
  uint64_t count_;
  uint64_t number_ = 0;
};

bool read_number(const char* text, uint64_t& out) {
  const char* end = text + std::strlen(text);
  const auto [stopped, error] = std::from_chars(text, end, out);
  return error == std::errc() && stopped == end;
}

}  // namespace
}  // namespace quoin::mutants

int main(int argc, char** argv) {
  uint64_t seed = 0;
  uint64_t count = 0;
  if (argc != 3 || !quoin::mutants::read_number(argv[1], seed) ||
      !quoin::mutants::read_number(argv[2], count)) {
    std::fputs("usage: quoin_mutants SEED COUNT\n", stderr);
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOFBF, quoin::mutants::kBufferSize);
  quoin::mutants::Campaign(seed, count).run();
  return std::fflush(stdout) == 0 ? 0 : 1;
}
