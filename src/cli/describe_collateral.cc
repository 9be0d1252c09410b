#include <string>

#include "src/base/hex.h"
#include "src/cli/describe.h"
#include "src/collateral/parts.h"
#include "src/crypto/sha2.h"

namespace quoin::cli {
namespace {

Value::List texts(const std::vector<std::string>& strings) {
  return {strings.begin(), strings.end()};
}

Value::List describe_levels(const std::vector<IsvSvnTcbLevel>& levels) {
  Value::List list;
  for (const IsvSvnTcbLevel& level : levels) {
    list.emplace_back(Value::Object{
        {"isv_svn", level.isv_svn},
        {"tcb_date", to_string(level.tcb_date)},
        {"status", to_string(level.status)},
        {"advisory_ids", texts(level.advisory_ids)},
    });
  }
  return list;
}

Value::Object describe_module(const TdxModule& module) {
  return {
      {"mr_signer", Value::hex(module.mr_signer)},
      {"attributes", Value::hex(module.attributes)},
      {"attributes_mask", Value::hex(module.attributes_mask)},
  };
}

Value describe_module_identities(const std::optional<std::vector<TdxModuleIdentity>>& identities) {
  if (!identities) return {};
  Value::List list;
  for (const TdxModuleIdentity& identity : *identities) {
    Value::Object object = {{"id", identity.id}};
    for (auto& field : describe_module(identity.module)) object.push_back(std::move(field));
    object.emplace_back("tcb_levels", describe_levels(identity.tcb_levels));
    list.emplace_back(std::move(object));
  }
  return list;
}

Value::List describe_levels(const std::vector<TcbLevel>& levels) {
  Value::List list;
  for (const TcbLevel& level : levels) {
    list.emplace_back(Value::Object{
        {"sgx_tcb_components", Value::hex(level.sgx_tcb_components)},
        {"pce_svn", level.pce_svn},
        {"tdx_tcb_components", Value::hex(level.tdx_tcb_components)},
        {"tcb_date", to_string(level.tcb_date)},
        {"status", to_string(level.status)},
        {"advisory_ids", texts(level.advisory_ids)},
    });
  }
  return list;
}

// Of a name that stands twice. Null where there is none, which is so of all that Intel has signed.
Value describe_repeated_name(const std::optional<std::string>& name) {
  return name ? Value(*name) : Value();
}

std::string_view name_of(QeIdentityId id) {
  switch (id) {
    case QeIdentityId::qe:
      return "QE";
    case QeIdentityId::qve:
      return "QVE";
    case QeIdentityId::td_qe:
      return "TD_QE";
  }
  return "";
}

Value::Object describe_signed(const SignedJson& document, Value::Object contents) {
  return {
      {"contents", std::move(contents)},
      {"signature", Value::hex(document.signature)},
      {"sha256", Value::hex(sha256(document.signed_bytes))},
      {"issuer_chain", describe(document.issuer_chain)},
  };
}

}  // namespace

Value::Object describe(const TcbInfo& tcb_info) {
  return {
      {"id", tcb_info.id == TcbInfoId::tdx ? "TDX" : "SGX"},
      {"version", tcb_info.version},
      {"issue_date", to_string(tcb_info.issue_date)},
      {"next_update", to_string(tcb_info.next_update)},
      {"fmspc", Value::hex(tcb_info.fmspc)},
      {"pce_id", Value::hex(tcb_info.pce_id)},
      {"tcb_type", tcb_info.tcb_type},
      {"tcb_evaluation_data_number", tcb_info.tcb_evaluation_data_number},
      {"tdx_module", tcb_info.tdx_module ? Value(describe_module(*tcb_info.tdx_module)) : Value()},
      {"tdx_module_identities", describe_module_identities(tcb_info.tdx_module_identities)},
      {"tcb_levels", describe_levels(tcb_info.tcb_levels)},
      {"repeated_name", describe_repeated_name(tcb_info.repeated_name)},
  };
}

Value::Object describe(const QeIdentity& identity) {
  return {
      {"id", name_of(identity.id)},
      {"version", identity.version},
      {"issue_date", to_string(identity.issue_date)},
      {"next_update", to_string(identity.next_update)},
      {"tcb_evaluation_data_number", identity.tcb_evaluation_data_number},
      {"miscselect", identity.miscselect},
      {"miscselect_mask", identity.miscselect_mask},
      {"attributes", Value::hex(identity.attributes)},
      {"attributes_mask", Value::hex(identity.attributes_mask)},
      {"mr_signer", Value::hex(identity.mr_signer)},
      {"isv_prod_id", identity.isv_prod_id},
      {"tcb_levels", describe_levels(identity.tcb_levels)},
      {"repeated_name", describe_repeated_name(identity.repeated_name)},
  };
}

Value::Object describe(const Collateral& collateral) {
  const Collateral::Parts& parts = collateral.parts();
  return {
      {"tcb_info", describe_signed(parts.tcb_info_signed, describe(parts.tcb_info))},
      {"qe_identity", describe_signed(parts.qe_identity_signed, describe(parts.qe_identity))},
      {"root_ca_crl", describe(parts.root_ca_crl.crl)},
      {"pck_crl", describe(parts.pck_crl.crl)},
      {"pck_crl_issuer_chain", describe(parts.pck_crl_issuer_chain)},
  };
}

}  // namespace quoin::cli
