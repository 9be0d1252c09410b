// What a machine of several processors leaves behind for Intel's registration service.

#ifndef QUOIN_SRC_CAPI_REGISTRATION_H_
#define QUOIN_SRC_CAPI_REGISTRATION_H_

#include <string>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin::capi {

// Reads what efivarfs has of the firmware's variable SgxRegistrationServerRequest: its attributes,
// then version, size, and a structure that begins with its GUID (Intel's multi-package registration
// agent, MPUefi.cpp). Returns the structure, a platform manifest. Fails with truncated,
// trailing_bytes, too_large, and with unsupported for another version or another request.
Result<Bytes> parse_registration_request(ByteView variable);

// The manifest that stands below `efivars`. Fails with not_found where there is none: the platform
// has one processor, has been registered, or does not do this.
Result<Bytes> read_platform_manifest(const std::string& efivars);

}  // namespace quoin::capi

#endif  // QUOIN_SRC_CAPI_REGISTRATION_H_
