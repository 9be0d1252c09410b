#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "fuzz/mutants/mutations.h"
#include "src/base/base64.h"
#include "src/base/hex.h"

namespace quoin::mutants {
namespace {

using simulator::BundleParts;
using B = BundleParts;
using R = Random;

// Replaces one occurrence, whichever it is.
void replace_one(std::string& text, std::string_view from, std::string_view to, Random& random) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += from.size()) ++count;
  if (count == 0) return;
  size_t at = text.find(from);
  for (size_t i = random.below(count); i > 0; --i) at = text.find(from, at + from.size());
  text.replace(at, from.size(), to);
}

// Behind a "{", "[" or ",", or somewhere else for want of one.
size_t position_in(const std::string& text, Random& random) {
  const size_t from = random.below(text.size() + 1);
  const size_t at = text.find_first_of("{[,", from);
  return at == std::string::npos ? from : at + 1;
}

// What stands for a number, and is read in various ways by various readers.
constexpr std::array<std::string_view, 14> kNumbers = {
    "0",  "255", "256", "65535", "65536", "4294967295", "4294967296",
    "-1", "1.0", "1e0", "01",    "null",  "\"1\"",      "true"};
constexpr std::array<std::string_view, 6> kNumberMembers = {
    "\"svn\":",     "\"pcesvn\":",    "\"isvsvn\":",
    "\"tcbType\":", "\"isvprodid\":", "\"tcbEvaluationDataNumber\":"};
constexpr std::array<std::string_view, 9> kDates = {
    "2025-02-28T23:59:59Z",      "2025-02-30T00:00:00Z", "2024-02-29T00:00:00Z",
    "2025-01-01T24:00:00Z",      "2025-01-01T00:00:60Z", "2025-01-01T00:00:00.5Z",
    "2025-01-01T00:00:00+00:00", "2025-01-01t00:00:00z", "2025-1-1T00:00:00Z"};

// The value that begins at `at` and ends before a comma or bracket.
void set_value(std::string& text, size_t at, std::string_view value) {
  const size_t end = text.find_first_of(",]}", at);
  if (end != std::string::npos) text.replace(at, end - at, value);
}

void set_number(std::string& text, Random& random) {
  const std::string_view member = random.pick(kNumberMembers);
  const size_t at = text.find(member, random.below(text.size() + 1));
  if (at != std::string::npos) set_value(text, at + member.size(), random.pick(kNumbers));
}

void set_date(std::string& text, Random& random) {
  constexpr std::array<std::string_view, 3> kMembers = {"\"tcbDate\":\"", "\"issueDate\":\"",
                                                        "\"nextUpdate\":\""};
  const std::string_view member = random.pick(kMembers);
  const size_t at = text.find(member);
  if (at == std::string::npos) return;
  const size_t begin = at + member.size();
  const size_t end = text.find('"', begin);
  if (end != std::string::npos) text.replace(begin, end - begin, random.pick(kDates));
}

constexpr Mutation<std::string> kTextMutations[] = {
    {"text.blank",
     [](std::string& t, R& r) { t.insert(position_in(t, r), r.percent(50) ? " " : "\n"); }},
    {"text.blank.outside",
     [](std::string& t, R& r) { t.insert(r.percent(50) ? 0 : t.size(), " "); }},
    {"text.unknown_member", [](std::string& t, R& r) { replace_one(t, "{", "{\"x\":[{}],", r); }},
    {"text.same_member",
     [](std::string& t, R& r) { replace_one(t, "\"version\":", "\"version\":3,\"version\":", r); }},
    {"text.same_status",
     [](std::string& t, R& r) {
       replace_one(t, "\"tcbStatus\":", "\"tcbStatus\":\"OutOfDate\",\"tcbStatus\":", r);
     }},
    {"text.same_unknown",
     [](std::string& t, R& r) { replace_one(t, "{", "{\"x\":1,\"x\":1,", r); }},
    {"text.number", [](std::string& t, R& r) { set_number(t, r); }},
    {"text.date", [](std::string& t, R& r) { set_date(t, r); }},
    {"text.escape",
     [](std::string& t, R& r) { replace_one(t, "\"UpToDate", "\"Up\\u0054oDate", r); }},
    {"text.escaped_name",
     [](std::string& t, R& r) { replace_one(t, "\"fmspc\"", "\"fm\\u0073pc\"", r); }},
    {"text.case", [](std::string& t, R& r) { replace_one(t, "UpToDate", "uptodate", r); }},
    {"text.hex_case", [](std::string& t, R& r) { replace_one(t, "51554f", "51554F", r); }},
    {"text.advisories",
     [](std::string& t, R& r) {
       replace_one(t, "\"QUOIN-SIMULATOR-0001\"", r.percent(50) ? "" : "7", r);
     }},
    {"text.component", [](std::string& t, R& r) { replace_one(t, "{\"svn\":0},", "", r); }},
    {"text.deep",
     [](std::string& t, R& r) {
       const size_t depth = 26 + r.below(10);
       t.insert(1, "\"x\":" + std::string(depth, '[') + std::string(depth, ']') + ",");
     }},
    {"text.truncated", [](std::string& t, R& r) { t.resize(r.below(t.size() + 1)); }},
    {"text.byte",
     [](std::string& t, R& r) {
       if (!t.empty()) r.pick(t) = static_cast<char>(r.below(127));
     }},
};

// DER in PEM as a text of the bundle would be.
std::string& chain_of(BundleParts& parts, Random& random) {
  switch (random.below(3)) {
    case 0:
      return parts.pck_crl_issuer_chain;
    case 1:
      return parts.tcb_info_issuer_chain;
    default:
      return parts.qe_identity_issuer_chain;
  }
}

Bytes& crl_of(BundleParts& parts, Random& random) {
  return random.percent(50) ? parts.root_ca_crl : parts.pck_crl;
}

P256Signature& signature_of(BundleParts& parts, Random& random) {
  return random.percent(50) ? parts.tcb_info_signature : parts.qe_identity_signature;
}

void flip_text(std::string& text, Random& random) {
  if (text.empty()) return;
  char& character = random.pick(text);
  character = static_cast<char>(static_cast<uint8_t>(character) ^ (1U << random.below(7)));
}

constexpr Mutation<B> kBundleMutations[] = {
    {"crl.bit", [](B& b, R& r) { flip(crl_of(b, r), r); }},
    {"crl.byte_more", [](B& b, R& r) { crl_of(b, r).push_back(r.byte()); }},
    {"crl.truncated", [](B& b, R& r) { crl_of(b, r).pop_back(); }},
    {"crls.swapped", [](B& b, R&) { std::swap(b.root_ca_crl, b.pck_crl); }},
    {"chain.character", [](B& b, R& r) { flip_text(chain_of(b, r), r); }},
    {"chain.blank", [](B& b, R& r) { chain_of(b, r) += r.percent(50) ? "\r\n" : "\t \n"; }},
    {"chain.empty", [](B& b, R& r) { chain_of(b, r).clear(); }},
    {"chains.swapped",
     [](B& b, R&) { std::swap(b.pck_crl_issuer_chain, b.tcb_info_issuer_chain); }},
    {"signature.bit", [](B& b, R& r) { flip(signature_of(b, r), r); }},
    {"signature.negated",
     [](B& b, R& r) { negate(std::span(signature_of(b, r)).subspan(32, 32)); }},
    {"signatures.swapped",
     [](B& b, R&) { std::swap(b.tcb_info_signature, b.qe_identity_signature); }},
    {"tcb_info.character", [](B& b, R& r) { flip_text(b.tcb_info, r); }},
    {"qe_identity.character", [](B& b, R& r) { flip_text(b.qe_identity, r); }},
    {"texts.swapped", [](B& b, R&) { std::swap(b.tcb_info, b.qe_identity); }},
};

// The bundle as text, changed.
template <typename Change>
void edit(Bytes& bundle, Change change) {
  std::string text(bundle.begin(), bundle.end());
  change(text);
  bundle.assign(text.begin(), text.end());
}

// The signature's member goes into the text, as the PCS answers.
void wrap(std::string& text, std::string_view member, std::string_view name) {
  const std::string signature_name = std::string(member) + "_signature\":\"";
  const size_t at = text.find(signature_name);
  const size_t body = text.find("\"" + std::string(member) + "\":\"");
  if (at == std::string::npos || body == std::string::npos) return;
  const std::string signature = text.substr(at + signature_name.size(), 128);
  text.replace(at, std::string(member).size() + 10, std::string(member) + "_unused");
  const size_t begin = body + member.size() + 4;
  const size_t end = text.find("}\"", begin);
  if (end == std::string::npos) return;
  text.insert(end + 1, ",\\\"signature\\\":\\\"" + signature + "\\\"}");
  text.insert(begin, "{\\\"" + std::string(name) + "\\\":");
}

// The hex digits of the root's CRL, in another encoding of the same bytes.
void as_base64(std::string& text) {
  constexpr std::string_view kName = "\"root_ca_crl\":\"";
  const size_t begin = text.find(kName);
  if (begin == std::string::npos) return;
  const size_t end = text.find('"', begin + kName.size());
  const auto crl = from_hex(text.substr(begin + kName.size(), end - begin - kName.size()));
  if (crl.ok()) text.replace(begin + kName.size(), end - begin - kName.size(), to_base64(*crl));
}

constexpr Mutation<Bytes> kBundleFileMutations[] = {
    {"file.bit", [](Bytes& b, R& r) { flip(b, r); }},
    {"file.truncated", [](Bytes& b, R& r) { b.resize(b.size() - 1 - r.below(3)); }},
    {"file.blank",
     [](Bytes& b, R& r) {
       edit(b, [&r](std::string& t) { t.insert(r.percent(50) ? 0 : t.size(), "\n "); });
     }},
    {"file.unknown_member",
     [](Bytes& b, R&) {
       edit(b, [](std::string& t) { t.insert(1, "\"quote\":\"\",\"x\":{\"y\":1.5},"); });
     }},
    {"file.same_member",
     [](Bytes& b, R&) { edit(b, [](std::string& t) { t.insert(1, "\"pck_crl\":\"\","); }); }},
    {"file.member_renamed",
     [](Bytes& b, R& r) {
       edit(b, [&r](std::string& t) { replace_one(t, "\":\"", "_\":\"", r); });
     }},
    {"file.tcb_info_answer",
     [](Bytes& b, R&) { edit(b, [](std::string& t) { wrap(t, "tcb_info", "tcbInfo"); }); }},
    {"file.qe_identity_answer",
     [](Bytes& b, R&) {
       edit(b, [](std::string& t) { wrap(t, "qe_identity", "enclaveIdentity"); });
     }},
    {"file.same_in_answer",
     [](Bytes& b, R&) {
       edit(b, [](std::string& t) {
         wrap(t, "tcb_info", "tcbInfo");
         const size_t at = t.find("\\\"tcbInfo\\\":");
         if (at != std::string::npos) t.insert(at, "\\\"x\\\":0,\\\"x\\\":0,");
       });
     }},
    {"file.base64", [](Bytes& b, R&) { edit(b, as_base64); }},
};

}  // namespace

std::span<const Mutation<std::string>> text_mutations() { return kTextMutations; }
std::span<const Mutation<BundleParts>> bundle_mutations() { return kBundleMutations; }
std::span<const Mutation<Bytes>> bundle_file_mutations() { return kBundleFileMutations; }

void flip(std::span<uint8_t> bytes, Random& random) {
  const size_t bit = random.below(8 * bytes.size());
  bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ (1U << (bit % 8)));
}

void negate(std::span<uint8_t> s) {
  constexpr ByteArray<32> kOrder = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                    0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
  int borrow = 0;
  for (size_t i = kOrder.size(); i-- > 0;) {
    const int difference = kOrder[i] - s[i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    s[i] = static_cast<uint8_t>(difference & 0xff);
  }
}

UtcTime near_now(Random& random) {
  return kNow + std::chrono::seconds(random.below(40 * 86400)) - std::chrono::days(20);
}

}  // namespace quoin::mutants
