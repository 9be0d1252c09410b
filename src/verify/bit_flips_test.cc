// Every single flipped bit of evidence is refused, but for the ranges that are listed here by name;
// and in these, every one is accepted: nothing signs or reads them.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "quoin/verifier.h"
#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/base/testing_files.h"
#include "src/verify/evidence_testing.h"
#include "src/x509/certificate.h"
#include "src/x509/pem.h"

namespace quoin {
namespace {

using simulator::BundleParts;

// Builds without optimisation (those with sanitizers, and for coverage) flip one bit of each byte.
#ifdef NDEBUG
constexpr bool kEveryBit = true;
#else
constexpr bool kEveryBit = false;
#endif

constexpr unsigned kThreads = 2;

// Bits that nobody minds: those of `mask` in the bytes from `begin` to before `end`.
struct Allowed {
  std::string name;
  size_t begin = 0;
  size_t end = 0;
  uint8_t mask = 0xff;
};

// Something that a verdict rests on.
struct Object {
  std::string name;
  Bytes bytes;
  // Whether it is still parsed and genuine with these bytes in its place. Called by several threads
  // at once.
  std::function<bool(ByteView)> accepts;
  std::vector<Allowed> allowed = {};
  // Only the bytes before it are flipped; 0: all.
  size_t end = 0;
  bool every_bit = kEveryBit;
};

bool is_flipped(const Object& object, size_t bit) {
  return object.every_bit || bit % 8 == bit / 8 % 8;
}

// The flips that are accepted, as bit numbers: bit n is bit n % 8 of byte n / 8.
std::vector<size_t> accepted_flips(const Object& object) {
  const size_t bits = 8 * (object.end == 0 ? object.bytes.size() : object.end);
  std::vector<std::vector<size_t>> accepted(kThreads);
  {
    std::vector<std::jthread> threads;
    for (unsigned thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        Bytes bytes = object.bytes;
        for (size_t bit = thread; bit < bits; bit += kThreads) {
          if (!is_flipped(object, bit)) continue;
          const auto mask = static_cast<uint8_t>(1u << bit % 8);
          bytes[bit / 8] ^= mask;
          if (object.accepts(bytes)) accepted[thread].push_back(bit);
          bytes[bit / 8] ^= mask;
        }
      });
    }
  }
  std::vector<size_t> all;
  for (const auto& part : accepted) all.insert(all.end(), part.begin(), part.end());
  std::ranges::sort(all);
  return all;
}

std::vector<size_t> allowed_flips(const Object& object) {
  std::vector<size_t> bits;
  for (const Allowed& range : object.allowed) {
    EXPECT_LT(range.begin, range.end) << range.name;
    EXPECT_LE(range.end, object.bytes.size()) << range.name;
    for (size_t bit = 8 * range.begin; bit < 8 * range.end; ++bit) {
      if ((range.mask >> bit % 8 & 1) != 0 && is_flipped(object, bit)) bits.push_back(bit);
    }
  }
  std::ranges::sort(bits);
  return bits;
}

void expect_exactly_the_allowed_flips(const Object& object) {
  SCOPED_TRACE(object.name);
  ASSERT_TRUE(object.accepts(object.bytes)) << "as it is";
  const std::vector<size_t> accepted = accepted_flips(object);
  const std::vector<size_t> allowed = allowed_flips(object);
  const auto describe = [&](const std::vector<size_t>& bits) {
    std::string text;
    for (const size_t bit : std::span(bits).first(std::min<size_t>(bits.size(), 20))) {
      text += " " + std::to_string(bit / 8) + "." + std::to_string(bit % 8);
    }
    return text;
  };
  std::vector<size_t> wrong;
  std::ranges::set_difference(accepted, allowed, std::back_inserter(wrong));
  EXPECT_TRUE(wrong.empty()) << wrong.size() << " accepted and not in the list:" << describe(wrong);
  wrong.clear();
  std::ranges::set_difference(allowed, accepted, std::back_inserter(wrong));
  EXPECT_TRUE(wrong.empty()) << wrong.size() << " in the list and refused:" << describe(wrong);
}

// What may be flipped in a whole quote.
std::vector<Allowed> allowed_in(const Quote& quote, size_t size) {
  const size_t end = size - quote.trailing.size();
  std::vector<Allowed> allowed;
  if (quote.certification_data.back() == 0) {
    allowed.push_back({"NUL behind the certificates, which may be a blank", end - 1, end, 0x20});
  }
  if (end < size) allowed.push_back({"bytes behind the quote", end, size});
  return allowed;
}

// Digits of hexadecimal text above 9 may be of either case, which is one bit.
std::vector<Allowed> cases_of_hex_digits(std::string_view text) {
  std::vector<Allowed> allowed;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] >= 'a') allowed.push_back({"case of a hexadecimal digit", i, i + 1, 0x20});
  }
  return allowed;
}

Bytes to_bytes(std::string_view text) {
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

// Names and extensions as short as the rules let them be.
void shorten(simulator::PkiSettings& pki) {
  const std::pair<simulator::CertificateSettings*, std::string_view> names[] = {
      {&pki.root, "Root"},
      {&pki.platform_ca, "SGX PCK Platform CA"},
      {&pki.pck, "SGX PCK Certificate"},
      {&pki.tcb_signing, "SGX TCB Signing"},
  };
  for (const auto& [certificate, name] : names) {
    certificate->subject = {.common_name = std::string(name), .organization = ""};
    certificate->issuer = {.common_name = "Root", .organization = ""};
    certificate->crl_distribution_point.clear();
  }
  pki.pck.issuer = pki.platform_ca.subject;
}

class BitFlips : public testing::Test {
 protected:
  // Everything is small, since each bit of it is flipped.
  BitFlips() {
    auto& settings = evidence_.settings;
    shorten(settings.pki);
    settings.root_ca_crl.issuer = settings.pki.root.subject;
    settings.pck_crl.issuer = settings.pki.platform_ca.subject;
    settings.pck_crl.revoked = {{.serial = {0x21}, .date = kNow - kDay}};
    settings.tdx_tcb_info.tcb_levels.resize(1);
    auto& identities = *settings.tdx_tcb_info.tdx_module_identities;
    std::erase_if(identities, [](const auto& identity) { return identity.id != "TDX_01"; });
    identities.front().tcb_levels.resize(1);
    settings.td_qe_identity.tcb_levels.resize(1);
    evidence_.trust = Trust::own_root;
    evidence_.change_quote = [](simulator::QuoteParts& parts) {
      parts.certification_data.push_back(0);
      parts.trailing = {0, 1, 2};
    };
  }

  // Writes quote and collateral down, as they are before anything is flipped.
  void write() {
    quote_bytes_ = quote_of(evidence_);
    bundle_ = bundle_of(evidence_);
    quote_ = parse_quote(quote_bytes_).value();
    verifier_ = std::make_unique<Verifier>(trust_roots_of(evidence_));
    collateral_.emplace(Collateral::parse(simulator::write_bundle(bundle_)).value());
  }

  Object whole_quote(std::string name) const {
    Object object = {
        .name = std::move(name), .bytes = quote_bytes_, .accepts = [this](ByteView bytes) {
          const auto quote = parse_quote(bytes);
          return quote.ok() && verifier_->verify(*quote, *collateral_, kNow).genuine;
        }};
    object.allowed = allowed_in(quote_, quote_bytes_.size());
    return object;
  }

  // The DER of a certificate in the quote, which stands at that place in the chain.
  Object certificate_in_quote(std::string name, size_t place) const {
    const auto chain = x509::parse_pem(as_text(quote_.certification_data), kLabel, 3).value();
    return {std::move(name), chain[place], [=, this](ByteView der) {
              std::string pem;
              for (size_t i = 0; i < chain.size(); ++i)
                pem += x509::to_pem(i == place ? der : chain[i], kLabel);
              Quote quote = quote_;
              quote.certification_data = as_bytes(pem);
              return verifier_->verify(quote, *collateral_, kNow).genuine;
            }};
  }

  // A part of the bundle as bytes, and how such bytes are put in its place.
  Object part(std::string name, Bytes bytes,
              const std::function<void(BundleParts&, ByteView)>& put) const {
    return {std::move(name), std::move(bytes), [=, this](ByteView changed) {
              BundleParts bundle = bundle_;
              put(bundle, changed);
              return accepts_bundle(simulator::write_bundle(bundle));
            }};
  }

  // A text of the bundle.
  Object text(std::string name, std::string BundleParts::* member) const {
    return part(std::move(name), to_bytes(bundle_.*member),
                [=](BundleParts& bundle, ByteView bytes) { bundle.*member = as_text(bytes); });
  }

  // The DER of a certificate in one of the bundle's chains.
  Object certificate(std::string name, std::string BundleParts::* member, size_t place) const {
    const auto chain = x509::parse_pem(bundle_.*member, kLabel, 2).value();
    return part(std::move(name), chain[place], [=](BundleParts& bundle, ByteView der) {
      (bundle.*member).clear();
      for (size_t i = 0; i < chain.size(); ++i) {
        bundle.*member += x509::to_pem(i == place ? der : chain[i], kLabel);
      }
    });
  }

  // The digits of a signature, as they stand in the bundle.
  Object signature(std::string name, const P256Signature& signature) const {
    const Bytes json = simulator::write_bundle(bundle_);
    const std::string digits = to_hex(signature);
    const size_t begin = as_text(json).find(digits);
    Object object = {std::move(name), to_bytes(digits), [=, this](ByteView changed) {
                       Bytes copy = json;
                       std::ranges::copy(changed, copy.begin() + static_cast<ptrdiff_t>(begin));
                       return accepts_bundle(copy);
                     }};
    object.allowed = cases_of_hex_digits(digits);
    return object;
  }

  bool accepts_bundle(ByteView json) const {
    auto collateral = Collateral::parse(json);
    return collateral.ok() &&
           verifier_->verify(quote_, PreparedCollateral(std::move(collateral).value()), kNow)
               .genuine;
  }

  static constexpr std::string_view kLabel = "CERTIFICATE";

  Evidence evidence_;
  // It knows the platform from the first verification on, as it does where flips are to be feared.
  std::unique_ptr<Verifier> verifier_;
  Bytes quote_bytes_;
  Quote quote_;
  BundleParts bundle_;
  std::optional<PreparedCollateral> collateral_;
};

TEST_F(BitFlips, InAQuoteOfVersion4) {
  write();
  expect_exactly_the_allowed_flips(whole_quote("version 4, TD report 1.0"));
}

// The same of a quote that Intel's enclaves made. One bit of each byte: it has thousands.
TEST(RealBitFlips, InAQuoteOfVersion4) {
  const Bytes manifest_bytes = testing_files::read(testing_files::vectors() / "manifest.json");
  if (manifest_bytes.empty()) GTEST_SKIP() << "no real vectors at " << testing_files::vectors();
  const auto manifest = JsonDocument::parse(manifest_bytes, {.max_depth = 16});
  ASSERT_TRUE(manifest.ok()) << manifest.error().what;
  const auto sets = manifest->root().get("sets")->elements().value();
  const auto set = std::ranges::find_if(sets, [](const JsonValue& each) {
    return each.get("intel_qvl")->get("quote")->string().value() == "STATUS_OK" &&
           each.get("quote")->string()->starts_with("quotes/v4-tdx");
  });
  ASSERT_NE(set, sets.end());
  const UtcTime now{std::chrono::seconds(*set->get("now")->unsigned_integer(UINT32_MAX))};
  const Bytes bundle = testing_files::read(testing_files::vectors() / *set->get("set")->string());
  const PreparedCollateral collateral(Collateral::parse(bundle).value());
  const std::string name = *set->get("quote")->string();
  const Bytes bytes = testing_files::read(testing_files::vectors() / name);

  Verifier verifier({TrustRoot::intel()});
  const auto accepts = [&](ByteView changed) {
    const auto quote = parse_quote(changed);
    return quote.ok() && verifier.verify(*quote, collateral, now).genuine;
  };
  expect_exactly_the_allowed_flips({.name = name,
                                    .bytes = bytes,
                                    .accepts = accepts,
                                    .allowed = allowed_in(parse_quote(bytes).value(), bytes.size()),
                                    .every_bit = false});
}

TEST_F(BitFlips, InAQuoteOfVersion3) {
  evidence_.version = 3;
  evidence_.body_type = BodyType::sgx_enclave_report;
  write();
  Object object = whole_quote("version 3, before the certificates");
  object.allowed.clear();
  object.end = quote_bytes_.size() - quote_.trailing.size() - quote_.certification_data.size();
  expect_exactly_the_allowed_flips(object);
  // All bits of such certificates are flipped in version 4.
  Object whole = whole_quote("version 3, all of it");
  whole.every_bit = false;
  expect_exactly_the_allowed_flips(whole);
}

// What version 5 has of its own are descriptor and body, of which every bit is flipped; behind them
// it is as version 4, and one bit of each byte is.
TEST_F(BitFlips, InQuotesOfVersion5) {
  evidence_.version = 5;
  for (const BodyType body_type :
       {BodyType::td_report_10, BodyType::td_report_15, BodyType::td_report_15_ex}) {
    evidence_.body_type = body_type;
    write();
    Object object =
        whole_quote("version 5, body " + std::to_string(static_cast<uint16_t>(body_type)));
    object.allowed.clear();
    object.end = quote_.signed_bytes.size() + sizeof(uint32_t);
    expect_exactly_the_allowed_flips(object);
    Object whole = whole_quote(object.name + ", all of it");
    whole.every_bit = false;
    expect_exactly_the_allowed_flips(whole);
  }
}

TEST_F(BitFlips, InThePlatformsCertificates) {
  write();
  for (const Object& object : {certificate_in_quote("PCK certificate", 0),
                               certificate_in_quote("CA", 1), certificate_in_quote("root", 2)}) {
    expect_exactly_the_allowed_flips(object);
  }
}

TEST_F(BitFlips, InTheSignersCertificates) {
  write();
  for (const Object& object :
       {certificate("TCB info's signer", &BundleParts::tcb_info_issuer_chain, 0),
        certificate("root", &BundleParts::tcb_info_issuer_chain, 1),
        certificate("QE identity's signer", &BundleParts::qe_identity_issuer_chain, 0)}) {
    expect_exactly_the_allowed_flips(object);
  }
  // All bits of such a text are flipped in the quote.
  Object pem =
      text("QE identity's signer and root, in PEM", &BundleParts::qe_identity_issuer_chain);
  pem.every_bit = false;
  expect_exactly_the_allowed_flips(pem);
}

TEST_F(BitFlips, InCrls) {
  write();
  const auto put = [](Bytes BundleParts::* member) {
    return [member](BundleParts& bundle, ByteView bytes) {
      (bundle.*member).assign(bytes.begin(), bytes.end());
    };
  };
  for (const Object& object :
       {part("root's CRL", bundle_.root_ca_crl, put(&BundleParts::root_ca_crl)),
        part("PCK CRL", bundle_.pck_crl, put(&BundleParts::pck_crl))}) {
    expect_exactly_the_allowed_flips(object);
  }
}

TEST_F(BitFlips, InTcbInfoAndQeIdentity) {
  write();
  for (const Object& object :
       {text("TCB info", &BundleParts::tcb_info), text("QE identity", &BundleParts::qe_identity),
        signature("TCB info's signature", bundle_.tcb_info_signature),
        signature("QE identity's signature", bundle_.qe_identity_signature)}) {
    expect_exactly_the_allowed_flips(object);
  }
}

// The chain beside the PCK CRL is for verifiers that do not have the quote's. Ours has, and takes
// CA and root from there: whatever still parses changes nothing.
TEST_F(BitFlips, InTheChainBesideThePckCrlChangeNothing) {
  write();
  const auto is_certificate = [](ByteView der) { return x509::parse_certificate(der).ok(); };
  const auto is_chain = [this](ByteView pem) {
    BundleParts bundle = bundle_;
    bundle.pck_crl_issuer_chain = as_text(pem);
    return Collateral::parse(simulator::write_bundle(bundle)).ok();
  };
  const auto expect_no_change = [](Object object, const std::function<bool(ByteView)>& parses) {
    Object parsed = object;
    parsed.accepts = parses;
    for (const size_t bit : accepted_flips(parsed)) {
      object.allowed.push_back({"what is parsed, and read by nobody", bit / 8, bit / 8 + 1,
                                static_cast<uint8_t>(1u << bit % 8)});
    }
    EXPECT_FALSE(object.allowed.empty()) << object.name;
    expect_exactly_the_allowed_flips(object);
  };
  constexpr auto kChain = &BundleParts::pck_crl_issuer_chain;
  expect_no_change(certificate("CA beside the PCK CRL", kChain, 0), is_certificate);
  expect_no_change(certificate("root beside the PCK CRL", kChain, 1), is_certificate);
  Object pem = text("CA and root beside the PCK CRL, in PEM", kChain);
  pem.every_bit = false;
  expect_no_change(std::move(pem), is_chain);
}

}  // namespace
}  // namespace quoin
