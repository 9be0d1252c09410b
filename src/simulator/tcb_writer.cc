#include "src/simulator/tcb_writer.h"

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "src/base/hex.h"
#include "src/simulator/json_writer.h"

namespace quoin::simulator {
namespace {

std::string json_hex(ByteView bytes) { return json_string(to_hex(bytes)); }
std::string json_time(UtcTime time) { return json_string(to_string(time)); }

// Left out when there are none, as Intel does.
std::string json_advisory_ids(const std::vector<std::string>& ids) {
  if (ids.empty()) return {};
  std::vector<std::string> values;
  for (const std::string& id : ids) values.push_back(json_string(id));
  return json_array(values);
}

// A level of TCB info, of a TDX module or of a QE identity, with what its "tcb" says.
std::string json_level(std::string tcb, UtcTime tcb_date, TcbStatus status,
                       const std::vector<std::string>& advisory_ids) {
  return json_object({{"tcb", std::move(tcb)},
                      {"tcbDate", json_time(tcb_date)},
                      {"tcbStatus", json_string(to_string(status))},
                      {"advisoryIDs", json_advisory_ids(advisory_ids)}});
}

std::string json_isv_svn_levels(const std::vector<IsvSvnTcbLevel>& levels) {
  std::vector<std::string> values;
  for (const IsvSvnTcbLevel& level : levels) {
    values.push_back(json_level(json_object({{"isvsvn", std::to_string(level.isv_svn)}}),
                                level.tcb_date, level.status, level.advisory_ids));
  }
  return json_array(values);
}

std::string json_components(const ByteArray<16>& components) {
  std::vector<std::string> values;
  for (const uint8_t svn : components) {
    values.push_back(json_object({{"svn", std::to_string(svn)}}));
  }
  return json_array(values);
}

// "sgxtcbcomp01svn" to "sgxtcbcomp16svn", and "pcesvn".
std::string json_tcb_version_2(const TcbLevel& level) {
  std::array<std::string, 16> names;
  std::vector<JsonMember> members;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    names[i] = "sgxtcbcomp" + std::string(2 - number.size(), '0') + number + "svn";
    members.push_back({names[i], std::to_string(level.sgx_tcb_components[i])});
  }
  members.push_back({"pcesvn", std::to_string(level.pce_svn)});
  return json_object(members);
}

std::string json_tcb(const TcbInfo& info, const TcbLevel& level) {
  if (info.version == 2) return json_tcb_version_2(level);
  const bool tdx = info.id == TcbInfoId::tdx;
  return json_object(
      {{"sgxtcbcomponents", json_components(level.sgx_tcb_components)},
       {"pcesvn", std::to_string(level.pce_svn)},
       {"tdxtcbcomponents", tdx ? json_components(level.tdx_tcb_components) : std::string()}});
}

std::string json_tcb_levels(const TcbInfo& info) {
  std::vector<std::string> values;
  for (const TcbLevel& level : info.tcb_levels) {
    values.push_back(
        json_level(json_tcb(info, level), level.tcb_date, level.status, level.advisory_ids));
  }
  return json_array(values);
}

std::string json_module(const TcbInfo& info) {
  if (!info.tdx_module) return {};
  return json_object({{"mrsigner", json_hex(info.tdx_module->mr_signer)},
                      {"attributes", json_hex(info.tdx_module->attributes)},
                      {"attributesMask", json_hex(info.tdx_module->attributes_mask)}});
}

std::string json_module_identities(const TcbInfo& info) {
  if (!info.tdx_module_identities) return {};
  std::vector<std::string> values;
  for (const TdxModuleIdentity& identity : *info.tdx_module_identities) {
    values.push_back(json_object({{"id", json_string(identity.id)},
                                  {"mrsigner", json_hex(identity.module.mr_signer)},
                                  {"attributes", json_hex(identity.module.attributes)},
                                  {"attributesMask", json_hex(identity.module.attributes_mask)},
                                  {"tcbLevels", json_isv_svn_levels(identity.tcb_levels)}}));
  }
  return json_array(values);
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

// MISCSELECT as the bytes of the enclave report: least significant first.
std::string json_miscselect(uint32_t value) {
  const ByteArray<4> bytes = {static_cast<uint8_t>(value), static_cast<uint8_t>(value >> 8),
                              static_cast<uint8_t>(value >> 16), static_cast<uint8_t>(value >> 24)};
  return json_hex(bytes);
}

}  // namespace

std::string write_tcb_info(const TcbInfo& info) {
  const std::string_view id = info.id == TcbInfoId::tdx ? "TDX" : "SGX";
  return json_object({{"id", info.version == 2 ? std::string() : json_string(id)},
                      {"version", std::to_string(info.version)},
                      {"issueDate", json_time(info.issue_date)},
                      {"nextUpdate", json_time(info.next_update)},
                      {"fmspc", json_hex(info.fmspc)},
                      {"pceId", json_hex(info.pce_id)},
                      {"tcbType", std::to_string(info.tcb_type)},
                      {"tcbEvaluationDataNumber", std::to_string(info.tcb_evaluation_data_number)},
                      {"tdxModule", json_module(info)},
                      {"tdxModuleIdentities", json_module_identities(info)},
                      {"tcbLevels", json_tcb_levels(info)}});
}

std::string write_qe_identity(const QeIdentity& identity) {
  return json_object(
      {{"id", json_string(name_of(identity.id))},
       {"version", std::to_string(identity.version)},
       {"issueDate", json_time(identity.issue_date)},
       {"nextUpdate", json_time(identity.next_update)},
       {"tcbEvaluationDataNumber", std::to_string(identity.tcb_evaluation_data_number)},
       {"miscselect", json_miscselect(identity.miscselect)},
       {"miscselectMask", json_miscselect(identity.miscselect_mask)},
       {"attributes", json_hex(identity.attributes)},
       {"attributesMask", json_hex(identity.attributes_mask)},
       {"mrsigner", json_hex(identity.mr_signer)},
       {"isvprodid", std::to_string(identity.isv_prod_id)},
       {"tcbLevels", json_isv_svn_levels(identity.tcb_levels)}});
}

}  // namespace quoin::simulator
