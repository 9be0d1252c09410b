// Intel's SGX extension of a PCK certificate, the other direction of src/x509/sgx_extension.h.

#ifndef QUOIN_SRC_SIMULATOR_PCK_EXTENSION_H_
#define QUOIN_SRC_SIMULATOR_PCK_EXTENSION_H_

#include "quoin/bytes.h"
#include "src/x509/sgx_extension.h"

namespace quoin::simulator {

// The contents of extension 1.2.840.113741.1.13.1, members in Intel's order.
Bytes write_sgx_extension(const x509::SgxExtension& extension);

// The whole Extension, not critical, as Intel's is.
Bytes der_sgx_extension(const x509::SgxExtension& extension);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_PCK_EXTENSION_H_
