#include "src/simulator/pcs_responses.h"

#include <algorithm>
#include <array>

#include "src/base/hex.h"
#include "src/simulator/bundle_writer.h"
#include "src/simulator/crl_writer.h"
#include "src/simulator/json_writer.h"
#include "src/simulator/pki.h"
#include "src/simulator/settings.h"
#include "src/x509/pem.h"

namespace quoin::simulator {
namespace {

constexpr std::string_view kSgxApi = "/sgx/certification/";
constexpr std::string_view kTdxApi = "/tdx/certification/";
constexpr std::string_view kTcbInfoChain = "TCB-Info-Issuer-Chain";
constexpr std::string_view kOldTcbInfoChain = "SGX-TCB-Info-Issuer-Chain";
constexpr std::string_view kQeIdentityChain = "SGX-Enclave-Identity-Issuer-Chain";
constexpr std::string_view kPckCrlChain = "SGX-PCK-CRL-Issuer-Chain";
constexpr std::string_view kChainSuffix = "-Issuer-Chain";

Bytes to_bytes(std::string_view text) { return Bytes(text.begin(), text.end()); }

PcsReply bare_status(unsigned status) { return {.status = status, .headers = {}, .body = {}}; }

// Percent-encoding of everything that RFC 3986 does not leave as it is.
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kUnreserved = "-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       kUnreserved.contains(c);
    if (plain) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<uint8_t>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 0xf];
  }
  return encoded;
}

// A request's target, taken apart.
struct Target {
  TeeType tee_type = TeeType::sgx;
  unsigned version = 4;
  std::string_view resource;  // "qe/identity"
  std::string_view query;

  // The value behind that name in the query; empty where there is none.
  std::string_view get(std::string_view name) const;
};

std::string_view Target::get(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return pair.substr(equals + 1);
    }
  }
  return {};
}

std::optional<Target> parse_target(std::string_view text) {
  Target target;
  const size_t question = std::min(text.find('?'), text.size());
  target.query = text.substr(std::min(question + 1, text.size()));
  text = text.substr(0, question);
  if (text.starts_with(kTdxApi)) target.tee_type = TeeType::tdx;
  if (!text.starts_with(kTdxApi) && !text.starts_with(kSgxApi)) return std::nullopt;
  text.remove_prefix(kSgxApi.size());
  if (!text.starts_with("v3/") && !text.starts_with("v4/")) return std::nullopt;
  target.version = text[1] == '3' ? 3 : 4;
  target.resource = text.substr(3);
  // There is no version 3 for TDX.
  if (target.tee_type == TeeType::tdx && target.version == 3) return std::nullopt;
  return target;
}

// Whether "update" says what it may.
bool update_is_known(const Target& target) {
  const std::string_view update = target.get("update");
  return update.empty() || update == "early" || update == "standard";
}

PcsReply signed_reply(std::string_view chain_header, const std::string& chain,
                      std::string_view object_name, const std::string& object,
                      const P256Signature& signature) {
  PcsReply reply;
  reply.headers.emplace_back("Content-Type", "application/json");
  reply.headers.emplace_back(chain_header, percent_encoded(chain));
  reply.body =
      to_bytes(json_object({{object_name, object}, {"signature", json_string(to_hex(signature))}}));
  return reply;
}

PcsReply tcb_info(const Platform& platform, const Target& target) {
  ByteArray<6> fmspc{};
  if (!from_hex(target.get("fmspc"), fmspc).ok() || !update_is_known(target)) {
    return bare_status(400);
  }
  if (fmspc != kFmspc) return bare_status(404);
  const BundleParts parts = platform.collateral(target.tee_type);
  return signed_reply(target.version == 3 ? kOldTcbInfoChain : kTcbInfoChain,
                      parts.tcb_info_issuer_chain, "tcbInfo", parts.tcb_info,
                      parts.tcb_info_signature);
}

PcsReply qe_identity(const Platform& platform, const Target& target) {
  if (!update_is_known(target)) return bare_status(400);
  const BundleParts parts = platform.collateral(target.tee_type);
  return signed_reply(kQeIdentityChain, parts.qe_identity_issuer_chain, "enclaveIdentity",
                      parts.qe_identity, parts.qe_identity_signature);
}

PcsReply crl_reply(ByteView crl, std::string_view encoding) {
  PcsReply reply;
  if (encoding == "der") {
    reply.headers.emplace_back("Content-Type", "application/pkix-crl");
    reply.body.assign(crl.begin(), crl.end());
  } else if (encoding == "pem") {
    reply.headers.emplace_back("Content-Type", "application/x-pem-file");
    reply.body = to_bytes(x509::to_pem(crl, "X509 CRL"));
  } else if (encoding.empty()) {
    reply.body = to_bytes(to_hex(crl));
  } else {
    return bare_status(400);
  }
  return reply;
}

PcsReply pck_crl(const Platform& platform, const Target& target) {
  const std::string_view ca = target.get("ca");
  if (ca != "processor" && ca != "platform") return bare_status(400);
  const PckCa wanted = ca == "platform" ? PckCa::platform : PckCa::processor;
  // The CRL of either CA, whichever issued this platform's PCK certificate; the platform's own may
  // have settings of its own.
  const PlatformSettings& own = platform.settings();
  const bool is_own =
      own.pki.pck.issuer.common_name ==
      (wanted == PckCa::platform ? own.pki.platform_ca : own.pki.processor_ca).subject.common_name;
  const UtcTime issued = own.pck_crl.this_update;
  const PlatformSettings settings =
      is_own ? own : default_settings(platform.seed(), issued, wanted);
  PcsReply reply = crl_reply(write_crl(platform.seed(), settings.pck_crl), target.get("encoding"));
  if (reply.status != 200) return reply;
  const std::string chain = pem_chain(platform.certificates(), settings.pck_crl_issuer_chain);
  reply.headers.emplace_back(kPckCrlChain, percent_encoded(chain));
  return reply;
}

constexpr std::array kFaults = {
    NamedPcsFault{"none", PcsFault::none},
    NamedPcsFault{"error", PcsFault::error},
    NamedPcsFault{"busy-twice", PcsFault::busy_twice},
    NamedPcsFault{"too-many", PcsFault::too_many},
    NamedPcsFault{"forbidden", PcsFault::forbidden},
    NamedPcsFault{"unknown", PcsFault::unknown},
    NamedPcsFault{"redirect", PcsFault::redirect},
    NamedPcsFault{"slow", PcsFault::slow},
    NamedPcsFault{"cut-off", PcsFault::cut_off},
    NamedPcsFault{"oversize", PcsFault::oversize},
    NamedPcsFault{"oversize-headers", PcsFault::oversize_headers},
    NamedPcsFault{"empty", PcsFault::empty},
    NamedPcsFault{"html", PcsFault::html},
    NamedPcsFault{"no-chain", PcsFault::no_chain},
    NamedPcsFault{"two-chains", PcsFault::two_chains},
    NamedPcsFault{"bad-escape", PcsFault::bad_escape},
    NamedPcsFault{"not-a-chain", PcsFault::not_a_chain},
    NamedPcsFault{"other-platform", PcsFault::other_platform},
    NamedPcsFault{"altered", PcsFault::altered},
    NamedPcsFault{"new-bios", PcsFault::new_bios},
    NamedPcsFault{"new-module", PcsFault::new_module},
    NamedPcsFault{"new-qe", PcsFault::new_qe},
};

PcsReply status_with(unsigned status, std::string_view header, std::string_view value) {
  PcsReply reply = bare_status(status);
  reply.headers.emplace_back(header, value);
  return reply;
}

// Changes the chain in the reply's headers, where there is one.
PcsReply with_chain(PcsReply reply, PcsFault fault) {
  const auto chain = std::ranges::find_if(
      reply.headers, [](const auto& header) { return header.first.ends_with(kChainSuffix); });
  if (chain == reply.headers.end()) return reply;
  switch (fault) {
    case PcsFault::no_chain:
      reply.headers.erase(chain);
      break;
    case PcsFault::bad_escape:
      chain->second = "%2";
      break;
    case PcsFault::not_a_chain:
      chain->second = "chain";
      break;
    default:
      reply.headers.push_back(std::pair(*chain));
  }
  return reply;
}

PcsReply with_text(PcsReply reply, std::string_view from, std::string_view to) {
  std::string body(as_text(reply.body));
  const size_t at = body.find(from);
  if (at != std::string::npos) body.replace(at, from.size(), to);
  reply.body = to_bytes(body);
  return reply;
}

}  // namespace

PcsReply pcs_reply(const Platform& platform, std::string_view target) {
  const std::optional<Target> parsed = parse_target(target);
  if (!parsed) return bare_status(404);
  if (parsed->resource == "tcb") return tcb_info(platform, *parsed);
  if (parsed->resource == "qe/identity") return qe_identity(platform, *parsed);
  if (parsed->tee_type != TeeType::sgx) return bare_status(404);
  if (parsed->resource == "pckcrl") return pck_crl(platform, *parsed);
  if (parsed->resource == "rootcacrl") return crl_reply(platform.collateral().root_ca_crl, "");
  return bare_status(404);
}

std::span<const NamedPcsFault> pcs_faults() { return kFaults; }

std::optional<PcsFault> parse_pcs_fault(std::string_view name) {
  const auto found = std::ranges::find(kFaults, name, &NamedPcsFault::name);
  if (found == kFaults.end()) return std::nullopt;
  return found->fault;
}

PcsReply with_fault(PcsFault fault, uint64_t number, PcsReply reply) {
  switch (fault) {
    case PcsFault::none:
      return reply;
    case PcsFault::error:
      return bare_status(500);
    case PcsFault::busy_twice:
      return number < 2 ? bare_status(503) : reply;
    case PcsFault::too_many:
      return status_with(429, "Retry-After", "3600");
    case PcsFault::forbidden:
      return bare_status(401);
    case PcsFault::unknown:
      return bare_status(404);
    case PcsFault::redirect:
      return status_with(302, "Location", "https://127.0.0.1:1/");
    case PcsFault::slow:
      reply.delay = std::chrono::seconds(3);
      return reply;
    case PcsFault::cut_off:
      reply.cut_off = true;
      return reply;
    case PcsFault::oversize:
      reply.body.assign(size_t{16} << 20, ' ');
      return reply;
    case PcsFault::oversize_headers:
      reply.headers.emplace_back("Padding", std::string(size_t{80} << 10, 'x'));
      return reply;
    case PcsFault::empty:
      reply.body.clear();
      return reply;
    case PcsFault::html:
      reply.body = to_bytes("<!DOCTYPE html><title>It works</title>");
      return reply;
    case PcsFault::no_chain:
    case PcsFault::two_chains:
    case PcsFault::bad_escape:
    case PcsFault::not_a_chain:
      return with_chain(std::move(reply), fault);
    case PcsFault::other_platform:
      return with_text(std::move(reply), to_hex(kFmspc), "00806f050000");
    case PcsFault::altered:
      return with_text(std::move(reply), "\"pcesvn\":", "\"pcesvn\":1");
    case PcsFault::new_bios:
    case PcsFault::new_module:
    case PcsFault::new_qe:
      return reply;
  }
  return reply;
}

PlatformSettings with_fault(PcsFault fault, PlatformSettings settings) {
  TcbInfo& tcb_info = settings.tdx_tcb_info;
  if (fault == PcsFault::new_bios) ++tcb_info.tcb_levels.front().sgx_tcb_components.front();
  if (fault == PcsFault::new_module) {
    for (TdxModuleIdentity& identity : *tcb_info.tdx_module_identities) {
      ++identity.tcb_levels.front().isv_svn;
    }
  }
  if (fault == PcsFault::new_qe) ++settings.td_qe_identity.tcb_levels.front().isv_svn;
  return settings;
}

}  // namespace quoin::simulator
