#include "src/capi/registration.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "src/base/error.h"
#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/capi/report.h"
#include "src/capi/session.h"
#include "src/net/http_client.h"
#include "src/os/io.h"
#include "src/pcs/status.h"
#include "tdx_attestation.h"

namespace quoin::capi {
namespace {

constexpr std::string_view kVariable =
    "/SgxRegistrationServerRequest-304e0796-d515-4698-ac6e-e76cb1a71c28";
constexpr std::string_view kPath = "/sgx/registration/v1/platform";
constexpr size_t kMaxVariableBytes = size_t{1} << 20;
constexpr size_t kMaxPathBytes = 4000;
constexpr Codes kRegistration = attestation_codes(
    TDX_ATTEST_ERROR_NETWORK, TDX_ATTEST_ERROR_NOT_SUPPORTED, TDX_ATTEST_ERROR_NOT_SUPPORTED);
// The GUID of a platform manifest, as it is stored.
constexpr ByteArray<16> kManifest = {0x17, 0x8e, 0x87, 0x4b, 0x49, 0xe4, 0x4a, 0xa5,
                                     0x99, 0xbb, 0x30, 0x57, 0x17, 0x09, 0x25, 0xb4};

// A TD has no manifest; what it can say of its platform is in its quotes. What a host puts before a
// TD that cannot be asked is not taken for the machine's own: only where nothing of a TD is there
// is it a host.
Outcome refuse_in_guest(const Session& session, td::Td& td) {
  const Result<TdReportStruct> report = prove_guest(td);
  if (report.ok()) {
    return Error{ErrorCode::unsupported, "a TD has no platform manifest: the host has it",
                 "tdx_attestation_get_platform_identity() says which platform this is"};
  }
  const Error& error = report.error();
  if (!is_something(session, error)) return {};
  return Error{ErrorCode::unsupported,
               "this may be a TD, which has no platform manifest: " + error.what, error.hint};
}

Outcome find_manifest(const Session& session, const AttestationConfig& config, Bytes& manifest) {
  if (Outcome outcome = refuse_in_guest(session, *config.td); !outcome.ok()) return outcome;
  Result<Bytes> read = read_platform_manifest(session.uefi_path.empty() ? session.paths().efivars
                                                                        : session.uefi_path);
  if (!read.ok()) return std::move(read).error();
  manifest = *std::move(read);
  return {};
}

Result<std::string> registration_address(const char* server) {
  if (server == nullptr) return "https://api.trustedservices.intel.com" + std::string(kPath);
  return TRY(pcs::Service::parse(server)).base + std::string(kPath);
}

Error dry_run(ByteView manifest, const std::string& address) {
  return {ErrorCode::unsupported,
          "nothing was sent: a manifest of " + std::to_string(manifest.size()) +
              " bytes would go to " + address,
          "tdx_attestation_set_registration(true) has it sent"};
}

// Intel SGX Registration Service for Scalable Platforms, "Register Platform": 201 is "created".
Outcome send_manifest(ByteView manifest, const std::string& address,
                      std::chrono::milliseconds timeout) {
  constexpr unsigned kCreated = 201;
  net::HttpClient client({.total_timeout = timeout, .allow_http_to_loopback = true},
                         net::system_waiting());
  const net::HttpResponse answer =
      TRY(client.post(address, {.type = "application/octet-stream", .bytes = manifest}));
  if (answer.status == kCreated) return {};
  Error error = pcs::answer_error(answer);
  error.code = ErrorCode::refused;
  error.what = "the registration service does not take the manifest: " + error.what;
  return error;
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

Result<Bytes> read_platform_manifest(const std::string& efivars) {
  const Bytes variable = TRY(read_file(efivars + std::string(kVariable), kMaxVariableBytes));
  return parse_registration_request(variable);
}

extern "C" {

int tdx_attestation_set_uefi_path(const char* path) {
  return run("tdx_attestation_set_uefi_path", kReport, [&](const Session&) -> Outcome {
    const std::string_view text = path == nullptr ? std::string_view() : std::string_view(path);
    if (path != nullptr && (!text.starts_with('/') || text.size() > kMaxPathBytes)) {
      return wrong("the path of the firmware's variables is not absolute, or too long");
    }
    return change_session([&](Session& changed) -> Result<void> {
      changed.uefi_path = text;
      return {};
    });
  });
}

int tdx_attestation_get_platform_manifest(uint8_t** manifest, size_t* len) {
  if (manifest != nullptr) *manifest = nullptr;
  if (len != nullptr) *len = 0;
  return run_attestation("tdx_attestation_get_platform_manifest", kReport,
                         [&](const Session& session, const AttestationConfig& config) -> Outcome {
                           if (manifest == nullptr || len == nullptr) {
                             return wrong("manifest or len is NULL");
                           }
                           Bytes found;
                           Outcome outcome = find_manifest(session, config, found);
                           if (!outcome.ok()) return outcome;
                           return give(found, manifest, len);
                         });
}

int tdx_attestation_set_registration(bool send) {
  return run("tdx_attestation_set_registration", kReport, [&](const Session&) -> Outcome {
    return change_session([&](Session& changed) -> Result<void> {
      changed.sends_registration = send;
      return {};
    });
  });
}

int tdx_attestation_platform_register(const char* server) {
  return run_attestation("tdx_attestation_platform_register", kRegistration,
                         [&](const Session& session, const AttestationConfig& config) -> Outcome {
                           const std::string address = TRY(registration_address(server));
                           Bytes manifest;
                           Outcome outcome = find_manifest(session, config, manifest);
                           if (!outcome.ok()) return outcome;
                           if (!session.sends_registration) return dry_run(manifest, address);
                           return send_manifest(manifest, address, config.request_timeout);
                         });
}

}  // extern "C"
}  // namespace quoin::capi
