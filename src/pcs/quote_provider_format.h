// The interface of Intel's provider library, as sgx_default_quote_provider.h and
// sgx_ql_lib_common.h of DCAP have it: names and layout.

#ifndef QUOIN_SRC_PCS_QUOTE_PROVIDER_FORMAT_H_
#define QUOIN_SRC_PCS_QUOTE_PROVIDER_FORMAT_H_

#include <cstddef>
#include <cstdint>

namespace quoin::pcs {

// sgx_ql_qve_collateral_t and tdx_ql_qve_collateral_t. Sizes count bytes, a final zero included
// where there is one.
struct ProvidedCollateral {
  uint16_t major_version = 0;
  uint16_t minor_version = 0;
  uint32_t tee_type = 0;  // 0: SGX, 0x81: TDX
  char* pck_crl_issuer_chain = nullptr;
  uint32_t pck_crl_issuer_chain_size = 0;
  char* root_ca_crl = nullptr;
  uint32_t root_ca_crl_size = 0;
  char* pck_crl = nullptr;
  uint32_t pck_crl_size = 0;
  char* tcb_info_issuer_chain = nullptr;
  uint32_t tcb_info_issuer_chain_size = 0;
  char* tcb_info = nullptr;
  uint32_t tcb_info_size = 0;
  char* qe_identity_issuer_chain = nullptr;
  uint32_t qe_identity_issuer_chain_size = 0;
  char* qe_identity = nullptr;
  uint32_t qe_identity_size = 0;
};
static_assert(sizeof(ProvidedCollateral) == 120);
static_assert(offsetof(ProvidedCollateral, qe_identity_size) == 112);

// {sgx,tdx}_ql_get_quote_verification_collateral(): 0, or a quote3_error_t.
using GetCollateral = uint32_t (*)(const uint8_t* fmspc, uint16_t fmspc_size, const char* pck_ca,
                                   ProvidedCollateral** collateral);
// {sgx,tdx}_ql_free_quote_verification_collateral().
using FreeCollateral = uint32_t (*)(ProvidedCollateral* collateral);

}  // namespace quoin::pcs

#endif  // QUOIN_SRC_PCS_QUOTE_PROVIDER_FORMAT_H_
