// Intel's SGX extension of a PCK certificate, 1.2.840.113741.1.13.1 (Intel SGX PCK Certificate and
// Certificate Revocation List Profile Specification, section 1.3.5).

#ifndef QUOIN_SRC_X509_SGX_EXTENSION_H_
#define QUOIN_SRC_X509_SGX_EXTENSION_H_

#include <cstdint>
#include <optional>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin::x509 {

// .7: only certificates of the Platform CA have it.
struct SgxConfiguration {
  std::optional<bool> dynamic_platform;  // .7.1
  std::optional<bool> cached_keys;       // .7.2
  std::optional<bool> smt_enabled;       // .7.3
};

struct SgxExtension {
  ByteArray<16> ppid{};            // .1
  ByteArray<16> tcb_components{};  // .2.1 to .2.16, an SVN each
  uint16_t pce_svn = 0;            // .2.17
  ByteArray<16> cpu_svn{};         // .2.18
  ByteArray<2> pce_id{};           // .3
  ByteArray<6> fmspc{};            // .4
  uint8_t sgx_type = 0;            // .5: 0 standard, 1 scalable, 2 scalable with integrity
  std::optional<ByteArray<16>> platform_instance_id;  // .6
  std::optional<SgxConfiguration> configuration;      // .7
};

// Reads the extension's contents. Members may stand in any order; each of .1 to .5 must stand
// once, .6 and .7 at most once; an unknown one is refused.
Result<SgxExtension> parse_sgx_extension(ByteView contents);

}  // namespace quoin::x509

#endif  // QUOIN_SRC_X509_SGX_EXTENSION_H_
