// Whether TCB info is about the platform that made a quote, and knows its TDX module (QVL
// QuoteVerifier, 4.1.2.5.10 to 12).

#ifndef QUOIN_SRC_VERIFY_PLATFORM_H_
#define QUOIN_SRC_VERIFY_PLATFORM_H_

#include "quoin/collateral.h"
#include "quoin/quote.h"
#include "src/verify/check_list.h"
#include "src/x509/sgx_extension.h"

namespace quoin {

// Returns whether `tcb_info` can be used to evaluate this quote's TCB.
bool check_tcb_info_applies(CheckList& checks, const Quote& quote,
                            const x509::SgxExtension& platform, const TcbInfo& tcb_info);

// Looks at who made the TDX module, and with which attributes it runs. SGX quotes have none.
void check_tdx_module(CheckList& checks, const Quote& quote, const TcbInfo& tcb_info);

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_PLATFORM_H_
