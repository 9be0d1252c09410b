// Where collateral is asked for: Intel's Provisioning Certification Service, or a caching service
// (PCCS) in front of it.

#ifndef QUOIN_SRC_PCS_SERVICE_H_
#define QUOIN_SRC_PCS_SERVICE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "quoin/result.h"
#include "src/pcs/request.h"

namespace quoin::pcs {

struct Service {
  enum class Kind : uint8_t { intel, pccs };

  Kind kind = Kind::intel;
  // What stands in front of "/sgx/certification/vN/".
  std::string base = {};
  // Of the API for SGX: 3 or 4. For TDX there is only 4.
  unsigned version = 4;

  static Service intel();

  // Reads a service's address: "https://HOST:PORT" alone, or as PCCS_URL has it, with
  // "/sgx/certification/v3/" (or v4, or tdx for sgx) behind it. Intel's own host is Intel's
  // service. Whether it is https is for the HTTP client to ask for. Fails with invalid_argument.
  static Result<Service> parse(std::string_view address);
};

// The addresses of the parts.
struct CollateralUrls {
  std::string tcb_info;
  std::string qe_identity;
  std::string pck_crl;
  // Of Intel: where the CA's certificates say that its CRL is. That is not read from a certificate:
  // nothing that a quote or a service brings chooses whom we talk to.
  std::string root_ca_crl;
};

// Intel SGX and TDX PCS API v4 and v3; design guide of Intel's PCCS for /rootcacrl.
CollateralUrls collateral_urls(const Service& service, const CollateralRequest& request);

}  // namespace quoin::pcs

#endif  // QUOIN_SRC_PCS_SERVICE_H_
