// A provider library with the interface of Intel's: what it gives comes from its test.

#include "src/pcs/quote_provider_format.h"

namespace {

struct Plan {
  quoin::pcs::ProvidedCollateral* collateral = nullptr;
  uint32_t code = 0;
  uint32_t released = 0;
};
Plan plan;

uint32_t give(quoin::pcs::ProvidedCollateral** collateral) {
  *collateral = plan.collateral;
  return plan.code;
}

uint32_t release(const quoin::pcs::ProvidedCollateral* collateral) {
  if (collateral != nullptr) ++plan.released;
  return 0;
}

}  // namespace

extern "C" {

[[gnu::visibility("default")]] void provide(quoin::pcs::ProvidedCollateral* collateral,
                                            uint32_t code) {
  plan = {.collateral = collateral, .code = code};
}
[[gnu::visibility("default")]] uint32_t released() { return plan.released; }

[[gnu::visibility("default")]] uint32_t tdx_ql_get_quote_verification_collateral(
    const uint8_t*, uint16_t, const char*, quoin::pcs::ProvidedCollateral** collateral) {
  return give(collateral);
}
[[gnu::visibility("default")]] uint32_t tdx_ql_free_quote_verification_collateral(
    quoin::pcs::ProvidedCollateral* collateral) {
  return release(collateral);
}
[[gnu::visibility("default")]] uint32_t sgx_ql_get_quote_verification_collateral(
    const uint8_t*, uint16_t, const char*, quoin::pcs::ProvidedCollateral** collateral) {
  return give(collateral);
}
[[gnu::visibility("default")]] uint32_t sgx_ql_free_quote_verification_collateral(
    quoin::pcs::ProvidedCollateral* collateral) {
  return release(collateral);
}

}  // extern "C"
