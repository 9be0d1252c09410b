// An SGX extension that is read says the same when it is written again, in Intel's order.

#include "src/x509/sgx_extension.h"

#include <cstdint>

#include "fuzz/require.h"
#include "src/simulator/pck_extension.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using quoin::fuzz::require;
  const auto extension = quoin::x509::parse_sgx_extension({data, size});
  if (!extension.ok()) return 0;
  const quoin::Bytes written = quoin::simulator::write_sgx_extension(*extension);
  // Members may stand in any order: a different order has the same size.
  require(written.size() == size);
  const auto again = quoin::x509::parse_sgx_extension(written);
  require(again.ok() && quoin::simulator::write_sgx_extension(*again) == written);
  require(again->ppid == extension->ppid && again->fmspc == extension->fmspc);
  require(again->tcb_components == extension->tcb_components);
  require(again->pce_svn == extension->pce_svn && again->pce_id == extension->pce_id);
  return 0;
}
