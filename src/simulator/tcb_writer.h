// TCB info and QE identity as Intel's Provisioning Certification Service writes them: the other
// direction of parse_tcb_info() and parse_qe_identity().

#ifndef QUOIN_SRC_SIMULATOR_TCB_WRITER_H_
#define QUOIN_SRC_SIMULATOR_TCB_WRITER_H_

#include <string>

#include "quoin/collateral.h"

namespace quoin::simulator {

// The JSON object that is signed. Levels stand in the order in which they are given, equal ones
// included. Version 2 has no "id" and flat SGX components; the TDX parts are written where they are
// set, and the TDX components where `id` is TDX.
std::string write_tcb_info(const TcbInfo& info);
std::string write_qe_identity(const QeIdentity& identity);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_TCB_WRITER_H_
