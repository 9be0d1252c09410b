// What the quote generation service's error codes mean.

#ifndef QUOIN_SRC_TD_QGS_ERROR_H_
#define QUOIN_SRC_TD_QGS_ERROR_H_

#include <cstdint>
#include <string>

#include "quoin/result.h"

namespace quoin::td {

// A code in words.
struct QgsErrorText {
  std::string name;  // Intel's, or "0x..." where nobody knows it
  std::string what;
  std::string hint;  // what to do about it, on the host mostly
};

// Codes of the service (0x12000: qgs_msg_error_t), of the quote library (0x11000: tee_att_error_t,
// and 0xe000: quote3_error_t, with the same numbers in the low bits), of the enclaves (0x10000:
// tdqe_error_t; 0xf000: sgx_pce_error_t) and of the provider library (0xb000: sgx_qcnl_error_t), as
// the public headers of Intel's DCAP name them. The service of today says
// QGS_MSG_ERROR_UNEXPECTED for whatever goes wrong behind it, and writes the true code into its
// log.
QgsErrorText qgs_error_text(uint32_t code);

// Codes of libtdx_attest (tdx_attest_error_t).
QgsErrorText attest_error_text(uint32_t code);

// A service's code as an Error.
Error qgs_error(uint32_t code);

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_QGS_ERROR_H_
