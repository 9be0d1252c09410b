#include "src/pcs/request.h"

#include <algorithm>
#include <string>

#include "src/base/error.h"
#include "src/base/try.h"
#include "src/x509/chain.h"
#include "src/x509/sgx_extension.h"

namespace quoin::pcs {
namespace {

// Intel SGX PCK Certificate Profile Specification: the issuers' common names.
constexpr std::string_view kPlatformCaPhrase = "SGX PCK Platform CA";
constexpr std::string_view kProcessorCaPhrase = "SGX PCK Processor CA";

Result<PckCa> ca_of(const x509::Certificate& pck) {
  const std::string_view issuer = pck.issuer.common_name;
  if (issuer.contains(kPlatformCaPhrase)) return PckCa::platform;
  if (issuer.contains(kProcessorCaPhrase)) return PckCa::processor;
  return malformed("PCK certificate: its issuer is neither the Platform CA nor the Processor CA");
}

}  // namespace

std::string_view to_string(PckCa ca) { return ca == PckCa::platform ? "platform" : "processor"; }

std::string_view to_string(Update update) { return update == Update::early ? "early" : "standard"; }

Result<CollateralRequest> request_for(const Quote& quote, Update update) {
  if (quote.certification_data_type != CertificationDataType::pck_chain) {
    return Error{ErrorCode::unsupported, "the quote has no PCK certificate chain in it",
                 "only such a quote says which collateral it needs: give it with --collateral"};
  }
  const x509::Chain chain = TRY(x509::Chain::parse_pem(as_text(quote.certification_data)));
  const auto pck = std::ranges::find_if(
      chain.certificates(),
      [](const x509::Certificate& certificate) { return !certificate.sgx_extension.empty(); });
  if (pck == chain.certificates().end()) {
    return malformed("PCK certificate: none in the quote has Intel's SGX extension");
  }
  const x509::SgxExtension extension = TRY(x509::parse_sgx_extension(pck->sgx_extension));
  CollateralRequest request;
  request.fmspc = extension.fmspc;
  request.ca = TRY(ca_of(*pck));
  request.tee_type = quote.header.tee_type;
  request.update = update;
  return request;
}

}  // namespace quoin::pcs
