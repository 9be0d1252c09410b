// Collateral: what Intel's Provisioning Certification Service says about platforms. TCB info, QE
// identity, CRLs, and the chains that sign them. What the bytes say; whether they are Intel's and
// still hold is quoin/verify.h.

#ifndef QUOIN_COLLATERAL_H_
#define QUOIN_COLLATERAL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/time.h"

namespace quoin {

// Intel's names (PCS API v4, "tcbStatus"), and what verification adds to them.
enum class TcbStatus : uint8_t {
  unrecognized,  // a name that we do not know: never accepted
  up_to_date,
  sw_hardening_needed,
  configuration_needed,
  configuration_and_sw_hardening_needed,
  out_of_date,
  out_of_date_configuration_needed,
  revoked,
  td_relaunch_advised,                       // made by verification only
  td_relaunch_advised_configuration_needed,  // made by verification only
  not_supported,                             // made by verification only: no level matches
};

// "UpToDate", "SWHardeningNeeded", ..., "NotSupported", "Unrecognized".
std::string_view to_string(TcbStatus status);

// The status that to_string() spells so; unrecognized for any other text. In TCB info and QE
// identities the names that only verification makes are unrecognized too.
TcbStatus parse_tcb_status(std::string_view name);

// One entry of "tcbLevels" in TCB info. An SVN a component.
struct TcbLevel {
  ByteArray<16> sgx_tcb_components{};
  uint16_t pce_svn = 0;
  ByteArray<16> tdx_tcb_components{};  // zero in SGX TCB info
  UtcTime tcb_date{};
  TcbStatus status = TcbStatus::unrecognized;
  std::vector<std::string> advisory_ids;
};

// One entry of "tcbLevels" in a TDX module identity or a QE identity. The status is up_to_date,
// out_of_date, revoked, or unrecognized: no other has a meaning there.
struct IsvSvnTcbLevel {
  uint16_t isv_svn = 0;
  UtcTime tcb_date{};
  TcbStatus status = TcbStatus::unrecognized;
  std::vector<std::string> advisory_ids;
};

// "tdxModule".
struct TdxModule {
  ByteArray<48> mr_signer{};
  ByteArray<8> attributes{};
  ByteArray<8> attributes_mask{};
};

// One entry of "tdxModuleIdentities".
struct TdxModuleIdentity {
  // As written. "TDX_01": "TDX_" and the module's major version in two hex digits, of which Intel
  // compares upper case.
  std::string id;
  TdxModule module;
  std::vector<IsvSvnTcbLevel> tcb_levels;  // by descending isv_svn, no two equal
};

enum class TcbInfoId : uint8_t { sgx, tdx };

// TCB info, versions 2 (SGX only, without "id") and 3.
struct TcbInfo {
  TcbInfoId id = TcbInfoId::sgx;
  uint32_t version = 0;
  UtcTime issue_date{};
  UtcTime next_update{};
  ByteArray<6> fmspc{};
  ByteArray<2> pce_id{};
  uint32_t tcb_type = 0;  // 0, the only one there is
  uint32_t tcb_evaluation_data_number = 0;
  std::optional<TdxModule> tdx_module;  // TDX always has it, SGX never
  // TDX only, and not in what Intel made before 2024. At least one, in the order of the text.
  std::optional<std::vector<TdxModuleIdentity>> tdx_module_identities;
  // Sorted as Intel does: descending by SGX components, then PCESVN, then TDX components, each
  // compared lexicographically. At least one, no two equal.
  std::vector<TcbLevel> tcb_levels;
  // A member's name that stands twice in one object of the text, escapes resolved. The first such
  // member was read, as Intel's library does. Verification refuses it.
  std::optional<std::string> repeated_name;
};

enum class QeIdentityId : uint8_t { qe, qve, td_qe };

// Enclave identity of a quoting enclave, version 2.
struct QeIdentity {
  QeIdentityId id = QeIdentityId::qe;
  uint32_t version = 0;
  UtcTime issue_date{};
  UtcTime next_update{};
  uint32_t tcb_evaluation_data_number = 0;
  uint32_t miscselect = 0;  // as in an enclave report
  uint32_t miscselect_mask = 0;
  ByteArray<16> attributes{};
  ByteArray<16> attributes_mask{};
  ByteArray<32> mr_signer{};
  uint16_t isv_prod_id = 0;
  // By descending isv_svn, and where that is equal by descending date. At least one, no two equal
  // in both.
  std::vector<IsvSvnTcbLevel> tcb_levels;
  std::optional<std::string> repeated_name;  // as in TCB info
};

// Reads the JSON object whose bytes Intel signs. Members that we do not know are ignored, as new
// ones appear; those that we know must have their form, and the first of a name is the one that
// counts. A status that we do not know is read as unrecognized. Fails with malformed, unsupported
// (version, id, tcbType), or too_large (over 1 MiB, 32 deep, 1000 levels, 1000 advisories a level,
// 64 characters an advisory).
Result<TcbInfo> parse_tcb_info(ByteView json);
Result<QeIdentity> parse_qe_identity(ByteView json);

// Everything that verifying one platform's quotes needs, parsed, with the bytes that were signed.
// Movable: references to its parts stay valid, and what was moved from can only be destroyed or
// assigned to. Immutable use is thread-safe.
class Collateral {
 public:
  // Reads the JSON object that bundles collateral: strings pck_crl_issuer_chain, root_ca_crl,
  // pck_crl, tcb_info_issuer_chain, tcb_info, tcb_info_signature, qe_identity_issuer_chain,
  // qe_identity, qe_identity_signature; chains in PEM, CRLs as DER in hex, base64 or PEM,
  // signatures in hex (docs/formats.md). tcb_info and qe_identity are exactly the text that was
  // signed; where the signature's member is missing they are the PCS's response,
  // {"tcbInfo":{...},"signature":"..."}, and what was signed are the object's bytes in it. A name
  // that stands twice in such a response is the `repeated_name` of what it holds; in the bundle
  // itself it is malformed. Other members are ignored. `json` may go away afterwards. Fails with
  // not_found when a part is missing (and says which), malformed, truncated, trailing_bytes,
  // unsupported, or too_large (over 8 MiB).
  static Result<Collateral> parse(ByteView json);

  Collateral(Collateral&&) noexcept;
  Collateral& operator=(Collateral&&) noexcept;
  ~Collateral();

  const TcbInfo& tcb_info() const;
  const QeIdentity& qe_identity() const;

  // The parts with their certificates and CRLs, for the rooms above (src/collateral/parts.h).
  struct Parts;
  const Parts& parts() const { return *parts_; }

 private:
  explicit Collateral(std::unique_ptr<const Parts> parts);

  std::unique_ptr<const Parts> parts_;
};

}  // namespace quoin

#endif  // QUOIN_COLLATERAL_H_
