#include <algorithm>
#include <array>
#include <string>

#include "fuzz/mutants/mutations.h"
#include "src/crypto/sha2.h"
#include "src/simulator/signing_key.h"

namespace quoin::mutants {
namespace {

using simulator::QuoteParts;
using simulator::Seed;
using simulator::SigningKey;
using P = QuoteParts;
using R = Random;

constexpr uint16_t kVersions[] = {0, 1, 2, 3, 4, 5, 6};
constexpr uint32_t kSizes[] = {0, 1, 383, 384, 584, 648, 885, 0x7fffffff, 0x80000000, 0xffffffff};

TdReport10* td_report(QuoteParts& parts) {
  if (auto* report = std::get_if<TdReport15Ex>(&parts.body)) return report;
  if (auto* report = std::get_if<TdReport15>(&parts.body)) return report;
  return std::get_if<TdReport10>(&parts.body);
}

TdReport15Extra* td_report_15(QuoteParts& parts) {
  if (auto* report = std::get_if<TdReport15Ex>(&parts.body)) return report;
  return std::get_if<TdReport15>(&parts.body);
}

// The first components are those that levels differ in.
void change_svn(ByteArray<16>& svn, Random& random) {
  nudge(svn[random.below(random.percent(80) ? 3 : svn.size())], random);
}

void replace_all(Bytes& bytes, std::string_view from, std::string_view to) {
  std::string text(bytes.begin(), bytes.end());
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  bytes.assign(text.begin(), text.end());
}

void append(Bytes& bytes, std::string_view text) {
  bytes.insert(bytes.end(), text.begin(), text.end());
}

constexpr Mutation<P> kShapes[] = {
    {"svn",
     [](P& p, R& r) {
       if (auto* report = td_report(p)) change_svn(report->tee_tcb_svn, r);
     }},
    {"svn2",
     [](P& p, R& r) {
       if (auto* report = td_report_15(p)) change_svn(report->tee_tcb_svn2, r);
     }},
    {"svn.module.lower",
     [](P& p, R& r) {
       if (auto* report = td_report(p))
         report->tee_tcb_svn[0] = static_cast<uint8_t>(3 + r.below(2));
     }},
    {"svn2.module",
     [](P& p, R& r) {
       if (auto* report = td_report_15(p)) {
         report->tee_tcb_svn2[0] = static_cast<uint8_t>(3 + r.below(4));
       }
     }},
    {"svn.relaunch",
     [](P& p, R& r) {
       if (auto* now = td_report_15(p)) {
         td_report(p)->tee_tcb_svn[0] = 3;
         now->tee_tcb_svn2[0] = static_cast<uint8_t>(5 + r.below(2));
       }
     }},
    {"svn.relaunch.platform",
     [](P& p, R& r) {
       if (td_report_15(p) != nullptr)
         td_report(p)->tee_tcb_svn[2] = static_cast<uint8_t>(5 + r.below(2));
     }},
    {"svn.version",
     [](P& p, R& r) {
       constexpr std::array<uint8_t, 5> kMajor = {0, 0, 1, 2, 3};
       if (auto* report = td_report(p)) report->tee_tcb_svn[1] = r.pick(kMajor);
     }},
    {"svn2.version",
     [](P& p, R& r) {
       constexpr std::array<uint8_t, 4> kMajor = {0, 1, 2, 3};
       if (auto* report = td_report_15(p)) report->tee_tcb_svn2[1] = r.pick(kMajor);
     }},
    {"qe.isv_svn", [](P& p, R& r) { nudge(p.qe_report.isv_svn, r); }},
    {"qe.isv_svn.lower",
     [](P& p, R& r) {
       p.qe_report.isv_svn = static_cast<uint16_t>(p.qe_report.isv_svn - 1 - r.below(2));
     }},
    {"auth.size",
     [](P& p, R& r) {
       constexpr std::array<size_t, 5> kAuthSizes = {0, 1, 31, 33, 65535};
       p.qe_authentication_data.resize(r.percent(20) ? r.pick(kAuthSizes) : r.below(100));
     }},
    {"qe.report_data.end",
     [](P& p, R& r) {
       const auto key = SigningKey::derive(Seed(), p.attestation_key).public_key();
       p.bind_attestation_key = false;
       std::ranges::copy(sha256({key, p.qe_authentication_data}), p.qe_report.report_data.begin());
       p.qe_report.report_data[32 + r.below(32)] = 1;
     }},
    {"trailing", [](P& p, R& r) { p.trailing.resize(r.below(80), r.byte()); }},
    {"td.fields",
     [](P& p, R& r) {
       if (auto* report = td_report(p)) {
         flip(report->td_attributes, r);
         flip(report->mr_td, r);
         flip(report->report_data, r);
       }
     }},
    {"header.user_data",
     [](P& p, R& r) {
       flip(p.header.user_data, r);
       p.header.qe_svn = static_cast<uint16_t>(r.next());
       p.header.pce_svn = static_cast<uint16_t>(r.next());
     }},
    {"pem.nul", [](P& p, R&) { p.certification_data.push_back(0); }},
    {"pem.crlf", [](P& p, R&) { replace_all(p.certification_data, "\n", "\r\n"); }},
};

constexpr Mutation<P> kFaults[] = {
    {"version", [](P& p, R& r) { p.header.version = r.pick(kVersions); }},
    {"key_type",
     [](P& p, R& r) { p.header.attestation_key_type = static_cast<uint16_t>(r.below(5)); }},
    {"tee_type",
     [](P& p, R& r) {
       constexpr std::array<uint32_t, 4> kTees = {0, 0x81, 0x80, 0x00810000};
       p.header.tee_type = static_cast<TeeType>(r.pick(kTees));
     }},
    {"vendor", [](P& p, R& r) { flip(p.header.qe_vendor_id, r); }},
    {"body.other_tee",
     [](P& p, R&) {
       if (td_report(p) != nullptr) {
         p.body = EnclaveReport{};
       } else {
         p.body = TdReport10{};
       }
     }},
    {"mr_signer_seam",
     [](P& p, R& r) {
       if (auto* report = td_report(p)) flip(report->mr_signer_seam, r);
     }},
    {"seam_attributes",
     [](P& p, R& r) {
       if (auto* report = td_report(p)) flip(report->seam_attributes, r);
     }},
    {"qe.miscselect", [](P& p, R& r) { p.qe_report.miscselect ^= 1U << r.below(32); }},
    {"qe.attributes", [](P& p, R& r) { flip(p.qe_report.attributes, r); }},
    {"qe.mr_signer", [](P& p, R& r) { flip(p.qe_report.mr_signer, r); }},
    {"qe.isv_prod_id", [](P& p, R& r) { nudge(p.qe_report.isv_prod_id, r); }},
    {"qe.report_data",
     [](P& p, R&) {
       p.bind_attestation_key = false;
       p.qe_report.report_data = {};
     }},
    {"attestation_key", [](P& p, R&) { p.attestation_key = "somebody"; }},
    {"signed_by", [](P& p, R&) { p.signed_by = "somebody"; }},
    {"qe_report.signed_by", [](P& p, R&) { p.qe_report_signed_by = "somebody"; }},
    {"certification_type",
     [](P& p, R& r) {
       p.certification_data_type = static_cast<CertificationDataType>(r.below(8));
     }},
    {"certification_data", [](P& p, R& r) { p.certification_data.resize(r.below(20)); }},
    {"pem.two_nuls",
     [](P& p, R&) { p.certification_data.insert(p.certification_data.end(), 2, 0); }},
    {"pem.text_behind", [](P& p, R&) { append(p.certification_data, "text\n"); }},
    {"pem.text_between",
     [](P& p, R&) {
       replace_all(p.certification_data, "-----\n-----BEGIN", "-----\nx\n-----BEGIN");
     }},
    {"pem.blank_between",
     [](P& p, R&) {
       replace_all(p.certification_data, "-----\n-----BEGIN", "-----\n\n-----BEGIN");
     }},
    {"pem.label", [](P& p, R&) { replace_all(p.certification_data, "CERTIFICATE", "X509 CRL"); }},
    {"pem.no_last_line_break",
     [](P& p, R&) {
       if (!p.certification_data.empty()) p.certification_data.pop_back();
     }},
    {"lie.body_type", [](P& p, R& r) { p.lies.body_type = static_cast<uint16_t>(r.below(7)); }},
    {"lie.body_size", [](P& p, R& r) { p.lies.body_size = r.pick(kSizes); }},
    {"lie.signature_size", [](P& p, R& r) { p.lies.signature_data_size = r.pick(kSizes); }},
    {"lie.outer_type",
     [](P& p, R& r) { p.lies.outer_certification_data_type = static_cast<uint16_t>(r.below(8)); }},
    {"lie.outer_size", [](P& p, R& r) { p.lies.outer_certification_data_size = r.pick(kSizes); }},
    {"lie.auth_size",
     [](P& p, R& r) {
       uint16_t size = static_cast<uint16_t>(p.qe_authentication_data.size());
       nudge(size, r);
       p.lies.qe_authentication_data_size = size;
     }},
    {"lie.certification_size",
     [](P& p, R& r) {
       uint32_t size = static_cast<uint32_t>(p.certification_data.size());
       nudge(size, r);
       p.lies.certification_data_size = r.percent(50) ? size : r.pick(kSizes);
     }},
};

// Where the parts of a quote of version 4 with a TD report 1.0 stand; in others there is something
// else, to be changed as well.
constexpr size_t kSigned = 632;
constexpr size_t kSignature = kSigned + 4;
constexpr size_t kQeReport = kSignature + 134;
constexpr size_t kQeSignature = kQeReport + 384;
constexpr size_t kBehindQeSignature = kQeSignature + 64;

void flip_in(Bytes& quote, size_t begin, size_t end, Random& random) {
  end = std::min(end, quote.size());
  if (begin < end) flip(std::span(quote).subspan(begin, end - begin), random);
}

void negate_at(Bytes& quote, size_t offset) {
  if (quote.size() >= offset + 64) negate(std::span(quote).subspan(offset + 32, 32));
}

constexpr Mutation<Bytes> kFileMutations[] = {
    {"bit", [](Bytes& q, R& r) { flip_in(q, 0, q.size(), r); }},
    {"bit.header", [](Bytes& q, R& r) { flip_in(q, 0, 54, r); }},
    {"bit.signed", [](Bytes& q, R& r) { flip_in(q, 0, kSigned, r); }},
    {"bit.signature", [](Bytes& q, R& r) { flip_in(q, kSigned, kQeReport, r); }},
    {"bit.qe_report", [](Bytes& q, R& r) { flip_in(q, kQeReport, kQeSignature, r); }},
    {"bit.qe_report_data.end",
     [](Bytes& q, R& r) { flip_in(q, kQeReport + 352, kQeSignature, r); }},
    {"bit.qe_signature",
     [](Bytes& q, R& r) { flip_in(q, kQeSignature, kBehindQeSignature + 40, r); }},
    {"bit.certification_data",
     [](Bytes& q, R& r) { flip_in(q, kBehindQeSignature + 34, q.size(), r); }},
    {"byte",
     [](Bytes& q, R& r) {
       if (!q.empty()) r.pick(q) = r.byte();
     }},
    {"truncated", [](Bytes& q, R& r) { q.resize(q.size() - std::min(q.size(), 1 + r.below(9))); }},
    {"truncated.anywhere", [](Bytes& q, R& r) { q.resize(r.below(q.size() + 1)); }},
    {"appended", [](Bytes& q, R& r) { q.resize(q.size() + r.below(70), r.byte()); }},
    {"inserted",
     [](Bytes& q, R& r) {
       q.insert(q.begin() + static_cast<ptrdiff_t>(r.below(q.size() + 1)), r.byte());
     }},
    {"erased",
     [](Bytes& q, R& r) {
       if (!q.empty()) q.erase(q.begin() + static_cast<ptrdiff_t>(r.below(q.size())));
     }},
    {"signature.negated", [](Bytes& q, R&) { negate_at(q, kSignature); }},
    {"qe_signature.negated", [](Bytes& q, R&) { negate_at(q, kQeSignature); }},
    {"signature.zero",
     [](Bytes& q, R& r) {
       const size_t at = r.percent(50) ? kSignature : kQeSignature;
       const size_t half = 32 * r.below(2);
       if (q.size() >= at + 64) std::fill_n(q.begin() + static_cast<ptrdiff_t>(at + half), 32, 0);
     }},
};

}  // namespace

std::span<const Mutation<QuoteParts>> quote_shapes() { return kShapes; }
std::span<const Mutation<QuoteParts>> quote_faults() { return kFaults; }
std::span<const Mutation<Bytes>> quote_file_mutations() { return kFileMutations; }

}  // namespace quoin::mutants
