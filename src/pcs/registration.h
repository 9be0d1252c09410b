// What a machine of several processors leaves behind for Intel's registration service, and sending
// it there.

#ifndef QUOIN_SRC_PCS_REGISTRATION_H_
#define QUOIN_SRC_PCS_REGISTRATION_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin::pcs {

// Reads what efivarfs has of the firmware's variable SgxRegistrationServerRequest: its attributes,
// then version, size, and a structure that begins with its GUID (Intel's multi-package registration
// agent, MPUefi.cpp). Returns the structure, a platform manifest. Fails with truncated,
// trailing_bytes, too_large, and with unsupported for another version or another request.
Result<Bytes> parse_registration_request(ByteView variable);

// The file of that variable below `efivars`.
std::string registration_variable(const std::string& efivars);

// The manifest that stands there. Fails with not_found where there is none: the platform has one
// processor, has been registered, or does not do this. Whether this is the host is for the caller
// to ask (src/td/guest.h): what a TD finds there is what its host put there.
Result<Bytes> read_platform_manifest(const std::string& efivars);

// Where manifests go: to Intel, or to the service at "https://HOST:PORT". Fails with
// invalid_argument.
Result<std::string> registration_address(std::optional<std::string_view> server);

// Whether register_platform() would send to that address: plain http is for this machine alone.
// Fails with invalid_argument.
Result<void> check_registration_address(const std::string& address);

// Sends the manifest, once. Succeeds where the service says that it has registered the platform,
// and in no other way. Fails with refused (any other answer) and as net::HttpClient::post() does.
Result<void> register_platform(ByteView manifest, const std::string& address,
                               std::chrono::milliseconds timeout);

}  // namespace quoin::pcs

#endif  // QUOIN_SRC_PCS_REGISTRATION_H_
