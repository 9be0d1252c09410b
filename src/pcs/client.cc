#include "src/pcs/client.h"

#include <span>
#include <string_view>
#include <utility>

#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/pcs/bundle.h"
#include "src/pcs/status.h"

namespace quoin::pcs {
namespace {

using net::HttpResponse;

// One of the parts: how it is called, and the headers that its chain may stand in.
struct Part {
  std::string_view name;
  std::span<const std::string_view> chain_headers;
};

// PCS API v4; the second name of TCB info's is that of v3, and of v4 for SGX at first.
constexpr std::string_view kTcbInfoHeaders[] = {"tcb-info-issuer-chain",
                                                "sgx-tcb-info-issuer-chain"};
constexpr std::string_view kQeIdentityHeaders[] = {"sgx-enclave-identity-issuer-chain"};
constexpr std::string_view kPckCrlHeaders[] = {"sgx-pck-crl-issuer-chain"};
constexpr Part kTcbInfo = {.name = "TCB info", .chain_headers = kTcbInfoHeaders};
constexpr Part kQeIdentity = {.name = "QE identity", .chain_headers = kQeIdentityHeaders};
constexpr Part kPckCrl = {.name = "PCK CRL", .chain_headers = kPckCrlHeaders};
constexpr Part kRootCaCrl = {.name = "root CA CRL", .chain_headers = {}};

std::string host_of(const std::string& url) {
  const size_t begin = url.find("://") + 3;
  return url.substr(begin, url.find('/', begin) - begin);
}

Error in_part(const Part& part, const std::string& url, Error error) {
  error.what = std::string(part.name) + " from " + host_of(url) + ": " + error.what;
  if (error.hint.empty()) error.hint = "is this a PCS or PCCS? Its address ends before /sgx/";
  return error;
}

Result<HttpResponse> get(net::HttpGetter& http, const Part& part, const std::string& url) {
  Result<HttpResponse> response = http.get(url);
  if (!response.ok()) return in_part(part, url, response.error());
  if (response->status != 200) return in_part(part, url, answer_error(*response));
  if (response->body.empty()) return in_part(part, url, malformed("an empty answer"));
  return response;
}

// The chain stands in a header, percent-encoded.
Result<std::string> read_chain(const Part& part, const std::string& url,
                               const HttpResponse& response) {
  for (const std::string_view name : part.chain_headers) {
    const std::string* value = response.header(name);
    if (value == nullptr) continue;
    auto chain = net::percent_decoded(*value);
    if (!chain.ok()) return in_part(part, url, chain.error());
    return chain;
  }
  return in_part(part, url,
                 malformed("no header " + std::string(part.chain_headers.front()) +
                           " with the issuer's chain, or more than one"));
}

Result<SignedAnswer> get_signed(net::HttpGetter& http, const Part& part, const std::string& url) {
  const HttpResponse response = TRY(get(http, part, url));
  return SignedAnswer{.answer = std::string(as_text(response.body)),
                      .issuer_chain = TRY(read_chain(part, url, response))};
}

Result<Bytes> read_crl(const Part& part, const std::string& url, const HttpResponse& response) {
  auto crl = decode_crl(response.body);
  if (!crl.ok()) return in_part(part, url, crl.error());
  return crl;
}

}  // namespace

Result<void> check_answers(const Collateral& collateral, const CollateralRequest& request) {
  const bool tdx = request.tee_type == TeeType::tdx;
  const TcbInfo& tcb_info = collateral.tcb_info();
  if (tcb_info.fmspc != request.fmspc) {
    return Error{ErrorCode::refused,
                 "TCB info is of FMSPC " + to_hex(tcb_info.fmspc) + ", and " +
                     to_hex(request.fmspc) + " was asked for",
                 "the service answers something else than it was asked for"};
  }
  const QeIdentityId wanted_id = tdx ? QeIdentityId::td_qe : QeIdentityId::qe;
  if (tcb_info.id != (tdx ? TcbInfoId::tdx : TcbInfoId::sgx) ||
      collateral.qe_identity().id != wanted_id) {
    return Error{ErrorCode::refused,
                 std::string("TCB info or QE identity is not that of ") + (tdx ? "TDX" : "SGX"),
                 "the service answers something else than it was asked for"};
  }
  return {};
}

PcsClient::PcsClient(net::HttpGetter& http, Service service)
    : http_(http), service_(std::move(service)) {}

Result<Bytes> PcsClient::fetch(const CollateralRequest& request, UtcTime now) {
  const CollateralUrls urls = collateral_urls(service_, request);
  BundleParts parts;
  parts.tcb_info = TRY(get_signed(http_, kTcbInfo, urls.tcb_info));
  parts.qe_identity = TRY(get_signed(http_, kQeIdentity, urls.qe_identity));
  const HttpResponse pck_crl = TRY(get(http_, kPckCrl, urls.pck_crl));
  parts.pck_crl = TRY(read_crl(kPckCrl, urls.pck_crl, pck_crl));
  parts.pck_crl_issuer_chain = TRY(read_chain(kPckCrl, urls.pck_crl, pck_crl));
  const HttpResponse root_ca_crl = TRY(get(http_, kRootCaCrl, urls.root_ca_crl));
  parts.root_ca_crl = TRY(read_crl(kRootCaCrl, urls.root_ca_crl, root_ca_crl));
  parts.source = service_.base;
  parts.fetched_at = now;
  auto bundle = write_bundle(parts);
  if (!bundle.ok()) {
    Error error = bundle.error();
    error.what = service_.base + " answers what is no collateral: " + error.what;
    if (error.hint.empty()) error.hint = "is this a PCS or PCCS?";
    return error;
  }
  const Collateral collateral = TRY(Collateral::parse(*bundle));
  const Result<void> answers = check_answers(collateral, request);
  if (!answers.ok()) {
    Error error = answers.error();
    error.what = service_.base + ": " + error.what;
    return error;
  }
  return bundle;
}

}  // namespace quoin::pcs
