#include <string>
#include <string_view>
#include <utility>

#include "src/base/try.h"
#include "src/capi/session.h"
#include "src/pcs/registration.h"
#include "src/td/guest.h"
#include "tdx_attestation.h"

namespace quoin::capi {
namespace {

constexpr size_t kMaxPathBytes = 4000;
constexpr Codes kRegistration = attestation_codes(
    TDX_ATTEST_ERROR_NETWORK, TDX_ATTEST_ERROR_NOT_SUPPORTED, TDX_ATTEST_ERROR_NOT_SUPPORTED);

// A TD has no manifest; what it can say of its platform is in its quotes. What a host puts before a
// TD that cannot be asked is not taken for the machine's own: only where nothing of a TD is there
// is it a host.
Outcome refuse_in_guest(const Session& session, td::Td& td) {
  const td::LinuxPaths paths = session.paths();
  const td::Guest guest = td::ask_guest(td, session.td_is_kernels() ? &paths : nullptr);
  if (guest.answer == td::Answer::no) return {};
  if (guest.answer == td::Answer::yes) {
    return Error{ErrorCode::unsupported, "a TD has no platform manifest: the host has it",
                 "tdx_attestation_get_platform_identity() says which platform this is"};
  }
  return Error{ErrorCode::unsupported,
               "this may be a TD, which has no platform manifest: " + guest.error.what,
               guest.error.hint};
}

Outcome find_manifest(const Session& session, const AttestationConfig& config, Bytes& manifest) {
  if (Outcome outcome = refuse_in_guest(session, *config.td); !outcome.ok()) return outcome;
  Result<Bytes> read = pcs::read_platform_manifest(
      session.uefi_path.empty() ? session.paths().efivars : session.uefi_path);
  if (!read.ok()) return std::move(read).error();
  manifest = *std::move(read);
  return {};
}

Result<std::string> address_of(const char* server) {
  if (server == nullptr) return pcs::registration_address({});
  return pcs::registration_address(server);
}

Error dry_run(ByteView manifest, const std::string& address) {
  return {ErrorCode::unsupported,
          "nothing was sent: a manifest of " + std::to_string(manifest.size()) +
              " bytes would go to " + address,
          "tdx_attestation_set_registration(true) has it sent"};
}

}  // namespace

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
                           const std::string address = TRY(address_of(server));
                           Bytes manifest;
                           Outcome outcome = find_manifest(session, config, manifest);
                           if (!outcome.ok()) return outcome;
                           if (!session.sends_registration) return dry_run(manifest, address);
                           return pcs::register_platform(manifest, address, config.request_timeout);
                         });
}

}  // extern "C"
}  // namespace quoin::capi
