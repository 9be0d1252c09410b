// What the HTTP statuses of provisioning services mean.

#ifndef QUOIN_SRC_PCS_STATUS_H_
#define QUOIN_SRC_PCS_STATUS_H_

#include "quoin/result.h"
#include "src/net/http.h"

namespace quoin::pcs {

// A status in words, with what to do: Intel's PCS (API v4, "Status codes") and a PCCS, which has
// some of its own (DCAP, QuoteGeneration/pccs/constants/pccs_status_code.js). The error's code is
// not_found where the service does not know what was asked for, refused where it does not let us,
// else io.
Error status_error(unsigned status);

// The same, with what the answer's headers say to whoever asks the service's owner: Request-ID,
// Error-Code and Error-Message of Intel's PCS.
Error answer_error(const net::HttpResponse& response);

}  // namespace quoin::pcs

#endif  // QUOIN_SRC_PCS_STATUS_H_
