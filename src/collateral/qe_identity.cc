#include <utility>

#include "quoin/collateral.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/try.h"
#include "src/collateral/json_object.h"
#include "src/collateral/tcb_level.h"

namespace quoin {
namespace {

constexpr std::string_view kWhat = "QE identity";

Result<QeIdentityId> read_id(const JsonObject& identity) {
  const auto id = TRY(identity.text("id"));
  if (id == "QE") return QeIdentityId::qe;
  if (id == "QVE") return QeIdentityId::qve;
  if (id == "TD_QE") return QeIdentityId::td_qe;
  return unsupported("QE identity: id: not QE, QVE or TD_QE");
}

// MISCSELECT is written as the bytes of the enclave report: least significant first.
uint32_t from_little_endian(const ByteArray<4>& bytes) {
  return uint32_t{bytes[0]} | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 |
         uint32_t{bytes[3]} << 24;
}

}  // namespace

// Intel SGX PCS API v4, "Get Quoting Enclave Identity": EnclaveIdentityV2. What is required, and
// what is refused, is as in intel/confidential-computing.tee.dcap.qvl, EnclaveIdentity.cpp.
Result<QeIdentity> parse_qe_identity(ByteView json) {
  const auto document = JsonDocument::parse(json, kSignedJsonLimits, RepeatedNames::record);
  if (!document.ok()) return about(kWhat, document.error());
  const auto object = TRY(JsonObject::of(document->root(), kWhat));

  QeIdentity identity;
  identity.version = TRY(object.number<uint32_t>("version"));
  if (identity.version != 2) return unsupported("QE identity: version: not 2");
  identity.id = TRY(read_id(object));
  identity.issue_date = TRY(object.time("issueDate"));
  identity.next_update = TRY(object.time("nextUpdate"));
  identity.tcb_evaluation_data_number = TRY(object.number<uint32_t>("tcbEvaluationDataNumber"));
  identity.miscselect = from_little_endian(TRY(object.hex<4>("miscselect")));
  identity.miscselect_mask = from_little_endian(TRY(object.hex<4>("miscselectMask")));
  identity.attributes = TRY(object.hex<16>("attributes"));
  identity.attributes_mask = TRY(object.hex<16>("attributesMask"));
  identity.mr_signer = TRY(object.hex<32>("mrsigner"));
  identity.isv_prod_id = TRY(object.number<uint16_t>("isvprodid"));
  identity.tcb_levels = TRY(read_isv_svn_tcb_levels(object));
  identity.repeated_name = document->repeated_name();
  return identity;
}

}  // namespace quoin
