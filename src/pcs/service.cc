#include "src/pcs/service.h"

#include <algorithm>
#include <array>

#include "src/base/hex.h"

namespace quoin::pcs {
namespace {

constexpr std::string_view kIntelBase = "https://api.trustedservices.intel.com";
constexpr std::string_view kIntelRootCaCrl =
    "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";
constexpr size_t kMaxAddressSize = 1024;

struct ApiPath {
  std::string_view path;
  unsigned version;
};
constexpr std::array kApiPaths = {
    ApiPath{"/sgx/certification/v4", 4},
    ApiPath{"/tdx/certification/v4", 4},
    ApiPath{"/sgx/certification/v3", 3},
};

Error bad_address(std::string_view address, std::string_view why) {
  return {ErrorCode::invalid_argument,
          "collateral service " + std::string(address) + ": " + std::string(why),
          "wanted https://HOST:PORT, or that with /sgx/certification/v4/ behind it"};
}

// What cannot be told from the parts that we put behind it, or would be cut off.
bool is_plain(char c) {
  return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '@' && c != '\\';
}

}  // namespace

Service Service::intel() { return {.kind = Kind::intel, .base = std::string(kIntelBase)}; }

Result<Service> Service::parse(std::string_view address) {
  const std::string_view whole = address;
  if (address.size() > kMaxAddressSize) return bad_address("(long)", "too long");
  if (!std::ranges::all_of(address, is_plain)) {
    return bad_address("(not shown)", "a character that an address of a service does not have");
  }
  if (!address.starts_with("https://") && !address.starts_with("http://")) {
    return bad_address(whole, "begins with neither https:// nor http://");
  }
  while (address.ends_with('/')) address.remove_suffix(1);
  Service service = {.kind = Kind::pccs, .base = {}};
  for (const ApiPath& api : kApiPaths) {
    if (!address.ends_with(api.path)) continue;
    address.remove_suffix(api.path.size());
    service.version = api.version;
    break;
  }
  if (address.contains("/certification/")) {
    return bad_address(whole, "an API of another version than 3 and 4");
  }
  if (address.ends_with(':') || address.ends_with('/')) return bad_address(whole, "no host");
  if (address == kIntelBase) service.kind = Kind::intel;
  service.base = std::string(address);
  return service;
}

CollateralUrls collateral_urls(const Service& service, const CollateralRequest& request) {
  const std::string version = "v" + std::to_string(service.version) + "/";
  const std::string sgx = service.base + "/sgx/certification/" + version;
  const bool tdx = request.tee_type == TeeType::tdx;
  const std::string tee = tdx ? service.base + "/tdx/certification/v4/" : sgx;
  // Version 3 of the API does not know it.
  const bool knows_update = tdx || service.version >= 4;
  const std::string update = "update=" + std::string(to_string(request.update));
  CollateralUrls urls;
  urls.tcb_info = tee + "tcb?fmspc=" + to_hex(request.fmspc) + (knows_update ? "&" + update : "");
  urls.qe_identity = tee + "qe/identity" + (knows_update ? "?" + update : "");
  urls.pck_crl = sgx + "pckcrl?ca=" + std::string(to_string(request.ca));
  if (service.kind == Service::Kind::intel) {
    urls.pck_crl += "&encoding=der";
    urls.root_ca_crl = kIntelRootCaCrl;
  } else {
    // Older services do not know "encoding"; we read whatever form they answer in.
    urls.root_ca_crl = sgx + "rootcacrl";
  }
  return urls;
}

}  // namespace quoin::pcs
