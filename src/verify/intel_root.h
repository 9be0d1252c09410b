// Intel SGX Root CA, the certificate at the top of Intel's provisioning certification PKI.

#ifndef QUOIN_SRC_VERIFY_INTEL_ROOT_H_
#define QUOIN_SRC_VERIFY_INTEL_ROOT_H_

#include "quoin/bytes.h"

namespace quoin {

// DER, SHA-256 44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3. Served at
// https://certificates.trustedservices.intel.com/IntelSGXRootCA.der.
ByteView intel_root_certificate();

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_INTEL_ROOT_H_
