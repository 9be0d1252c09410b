#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <tuple>
#include <utility>

#include "quoin/collateral.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/try.h"
#include "src/collateral/json_object.h"
#include "src/collateral/tcb_level.h"

namespace quoin {
namespace {

constexpr std::string_view kWhat = "TCB info";

// A module's major version is a byte, and each has one identity.
constexpr size_t kMaxModuleIdentities = 256;
constexpr size_t kMaxModuleIdentityIdSize = 64;

constexpr std::array<std::string_view, 16> kFlatComponentNames = {
    "sgxtcbcomp01svn", "sgxtcbcomp02svn", "sgxtcbcomp03svn", "sgxtcbcomp04svn",
    "sgxtcbcomp05svn", "sgxtcbcomp06svn", "sgxtcbcomp07svn", "sgxtcbcomp08svn",
    "sgxtcbcomp09svn", "sgxtcbcomp10svn", "sgxtcbcomp11svn", "sgxtcbcomp12svn",
    "sgxtcbcomp13svn", "sgxtcbcomp14svn", "sgxtcbcomp15svn", "sgxtcbcomp16svn"};

Result<TcbInfoId> read_id(const JsonObject& info) {
  const auto id = TRY(info.text("id"));
  if (id == "SGX") return TcbInfoId::sgx;
  if (id == "TDX") return TcbInfoId::tdx;
  return unsupported("TCB info: id: neither SGX nor TDX");
}

// { "mrsigner", "attributes", "attributesMask" }
Result<TdxModule> read_tdx_module(const JsonObject& object) {
  TdxModule module;
  module.mr_signer = TRY(object.hex<48>("mrsigner"));
  module.attributes = TRY(object.hex<8>("attributes"));
  module.attributes_mask = TRY(object.hex<8>("attributesMask"));
  return module;
}

// { "id", "mrsigner", "attributes", "attributesMask", "tcbLevels" }
Result<TdxModuleIdentity> read_tdx_module_identity(JsonValue value) {
  const auto object = TRY(JsonObject::of(value, "TDX module identity"));
  TdxModuleIdentity identity;
  identity.id = TRY(object.text("id"));
  if (identity.id.size() > kMaxModuleIdentityIdSize) {
    return too_large("TDX module identity: id: too long");
  }
  identity.module = TRY(read_tdx_module(object));
  identity.tcb_levels = TRY(read_isv_svn_tcb_levels(object));
  // Unlike those of a QE identity, levels of a module with one SVN are the same whatever their
  // dates (TdxModuleTcbLevel.cpp).
  if (std::ranges::adjacent_find(identity.tcb_levels, {}, &IsvSvnTcbLevel::isv_svn) !=
      identity.tcb_levels.end()) {
    return object.wrong("tcbLevels", "two levels have the same isvsvn");
  }
  return identity;
}

Result<std::vector<TdxModuleIdentity>> read_tdx_module_identities(const JsonObject& info) {
  const auto elements = TRY(info.array("tdxModuleIdentities", kMaxModuleIdentities));
  if (elements.empty()) return info.wrong("tdxModuleIdentities", "empty");
  std::vector<TdxModuleIdentity> identities;
  identities.reserve(elements.size());
  for (const auto& element : elements) {
    identities.push_back(TRY(read_tdx_module_identity(element)));
  }
  return identities;
}

// Version 2: "sgxtcbcomp01svn" to "sgxtcbcomp16svn".
Result<ByteArray<16>> read_flat_components(const JsonObject& tcb) {
  ByteArray<16> components{};
  for (size_t i = 0; i < components.size(); ++i) {
    components[i] = TRY(tcb.number<uint8_t>(kFlatComponentNames[i]));
  }
  return components;
}

// Version 3: an array of { "svn", "category"?, "type"? }.
Result<ByteArray<16>> read_components(const JsonObject& tcb, std::string_view name) {
  ByteArray<16> components{};
  const auto elements = TRY(tcb.get(name)).elements();
  if (!elements.ok() || elements->size() != components.size()) {
    return tcb.wrong(name, "not an array of 16 components");
  }
  for (size_t i = 0; i < components.size(); ++i) {
    const auto component = TRY(JsonObject::of((*elements)[i], "TCB component"));
    components[i] = TRY(component.number<uint8_t>("svn"));
    for (const std::string_view text : {"category", "type"}) {
      if (component.has(text)) TRY(component.text(text));
    }
  }
  return components;
}

// { "tcb": { components, "pcesvn" }, "tcbDate", "tcbStatus", "advisoryIDs"? }
Result<TcbLevel> read_tcb_level(JsonValue value, const TcbInfo& info) {
  const auto object = TRY(JsonObject::of(value, "TCB level"));
  const auto tcb = TRY(object.object("tcb"));
  TcbLevel level;
  if (info.version == 2) {
    level.sgx_tcb_components = TRY(read_flat_components(tcb));
  } else {
    level.sgx_tcb_components = TRY(read_components(tcb, "sgxtcbcomponents"));
  }
  level.pce_svn = TRY(tcb.number<uint16_t>("pcesvn"));
  if (info.id == TcbInfoId::tdx) {
    level.tdx_tcb_components = TRY(read_components(tcb, "tdxtcbcomponents"));
  }
  level.tcb_date = TRY(object.time("tcbDate"));
  level.status = TRY(read_platform_status(object));
  level.advisory_ids = TRY(read_advisory_ids(object));
  return level;
}

Result<std::vector<TcbLevel>> read_tcb_levels(const JsonObject& object, const TcbInfo& info) {
  const auto elements = TRY(object.array("tcbLevels", kMaxTcbLevels));
  if (elements.empty()) return object.wrong("tcbLevels", "empty");
  std::vector<TcbLevel> levels;
  levels.reserve(elements.size());
  for (const auto& element : elements) levels.push_back(TRY(read_tcb_level(element, info)));

  // As Intel's parser sorts them (TcbLevel.cpp): verification takes the first level that matches,
  // so the order in the file must not matter.
  constexpr auto key = [](const TcbLevel& level) {
    return std::tie(level.sgx_tcb_components, level.pce_svn, level.tdx_tcb_components);
  };
  std::ranges::sort(levels, std::greater(), key);
  if (std::ranges::adjacent_find(levels, std::equal_to(), key) != levels.end()) {
    return object.wrong("tcbLevels", "two levels are the same");
  }
  return levels;
}

// What only TDX has. Its members in SGX TCB info of version 3 are refused, as Intel does.
Result<void> read_tdx_part(const JsonObject& object, TcbInfo& info) {
  if (info.id == TcbInfoId::sgx) {
    for (const std::string_view name : {"tdxModule", "tdxModuleIdentities"}) {
      if (object.has(name)) return object.wrong(name, "not expected in SGX TCB info");
    }
    return {};
  }
  const auto module = TRY(object.object("tdxModule"));
  info.tdx_module = TRY(read_tdx_module(module));
  if (object.has("tdxModuleIdentities")) {
    info.tdx_module_identities = TRY(read_tdx_module_identities(object));
  }
  return {};
}

}  // namespace

// Intel SGX PCS API v3 and v4, "Get TCB Info": TcbInfoV2 and TcbInfoV3. What is required, and what
// is refused, is as in intel/confidential-computing.tee.dcap.qvl, TcbInfo.cpp.
Result<TcbInfo> parse_tcb_info(ByteView json) {
  const auto document = JsonDocument::parse(json, kSignedJsonLimits, RepeatedNames::record);
  if (!document.ok()) return about(kWhat, document.error());
  const auto object = TRY(JsonObject::of(document->root(), kWhat));

  TcbInfo info;
  info.version = TRY(object.number<uint32_t>("version"));
  if (info.version != 2 && info.version != 3) {
    return unsupported("TCB info: version: neither 2 nor 3");
  }
  if (info.version == 3) info.id = TRY(read_id(object));
  info.issue_date = TRY(object.time("issueDate"));
  info.next_update = TRY(object.time("nextUpdate"));
  info.fmspc = TRY(object.hex<6>("fmspc"));
  info.pce_id = TRY(object.hex<2>("pceId"));
  info.tcb_type = TRY(object.number<uint32_t>("tcbType"));
  if (info.tcb_type != 0) return unsupported("TCB info: tcbType: not 0");
  info.tcb_evaluation_data_number = TRY(object.number<uint32_t>("tcbEvaluationDataNumber"));
  if (info.version == 3) TRY(read_tdx_part(object, info));
  info.tcb_levels = TRY(read_tcb_levels(object, info));
  info.repeated_name = document->repeated_name();
  return info;
}

}  // namespace quoin
