#include "src/pcs/registration.h"

#include <utility>

#include "src/base/error.h"
#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/net/http_client.h"
#include "src/os/io.h"
#include "src/pcs/service.h"
#include "src/pcs/status.h"

namespace quoin::pcs {
namespace {

constexpr std::string_view kVariable =
    "/SgxRegistrationServerRequest-304e0796-d515-4698-ac6e-e76cb1a71c28";
constexpr std::string_view kPath = "/sgx/registration/v1/platform";
constexpr size_t kMaxVariableBytes = size_t{1} << 20;
// The GUID of a platform manifest, as it is stored.
constexpr ByteArray<16> kManifest = {0x17, 0x8e, 0x87, 0x4b, 0x49, 0xe4, 0x4a, 0xa5,
                                     0x99, 0xbb, 0x30, 0x57, 0x17, 0x09, 0x25, 0xb4};

net::HttpClient http_client(net::HttpOptions options = {}) {
  options.allow_http_to_loopback = true;
  return {std::move(options), net::system_waiting()};
}

}  // namespace

Result<Bytes> parse_registration_request(ByteView variable) {
  Reader reader(variable, "registration request");
  TRY(reader.u32le());  // attributes
  const uint16_t version = TRY(reader.u16le());
  if (version < 1 || version > 3) {
    return unsupported("registration request: version " + std::to_string(version));
  }
  const size_t size = version == 3 ? TRY(reader.u32le()) : TRY(reader.u16le());
  const ByteView request = TRY(reader.bytes(size));
  TRY(reader.finish());
  if (request.size() < kManifest.size() || !equal(request.first(kManifest.size()), kManifest)) {
    return unsupported("registration request: no platform manifest is in it");
  }
  return Bytes(request.begin(), request.end());
}

std::string registration_variable(const std::string& efivars) {
  return efivars + std::string(kVariable);
}

Result<Bytes> read_platform_manifest(const std::string& efivars) {
  const Bytes variable = TRY(read_file(registration_variable(efivars), kMaxVariableBytes));
  return parse_registration_request(variable);
}

Result<std::string> registration_address(std::optional<std::string_view> server) {
  const Service service = server ? TRY(Service::parse(*server)) : Service::intel();
  return service.base + std::string(kPath);
}

Result<void> check_registration_address(const std::string& address) {
  return http_client().check(address);
}

// Intel SGX Registration Service for Scalable Platforms, "Register Platform": 201 is "created".
Result<void> register_platform(ByteView manifest, const std::string& address,
                               std::chrono::milliseconds timeout) {
  constexpr unsigned kCreated = 201;
  net::HttpClient client = http_client({.total_timeout = timeout});
  const net::HttpResponse answer =
      TRY(client.post(address, {.type = "application/octet-stream", .bytes = manifest}));
  if (answer.status == kCreated) return {};
  Error error = answer_error(answer);
  error.code = ErrorCode::refused;
  error.what = "the registration service does not take the manifest: " + error.what;
  return error;
}

}  // namespace quoin::pcs
