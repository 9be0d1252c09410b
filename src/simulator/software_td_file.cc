#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/base/try.h"
#include "src/simulator/json_writer.h"
#include "src/simulator/private_files.h"
#include "src/simulator/software_td.h"

namespace quoin::simulator {
namespace {

constexpr uint64_t kVersion = 1;
constexpr std::array<std::string_view, 3> kBootRtmrNames = {"boot_rtmr0", "boot_rtmr1",
                                                            "boot_rtmr2"};
constexpr size_t kMaxBootIdLength = 64;

Error wrong(std::string_view name) {
  return state_malformed("td.json: " + std::string(name) + " is missing, or not understood");
}

std::string hex_string(ByteView bytes) { return json_string(to_hex(bytes)); }

std::string write_efi_variable(const EfiVariable& variable) {
  return json_object({{"name", json_string(variable.name)},
                      {"attributes", std::to_string(variable.attributes)},
                      {"value", hex_string(variable.value)}});
}

// An object's members, each of which is taken once; finish() refuses what is left over.
class Members {
 public:
  static Result<Members> of(const JsonValue& object, std::string_view what) {
    if (!object.is_object()) return wrong(what);
    return Members(object, TRY(object.members()).size());
  }

  Result<JsonValue> take(std::string_view name) {
    ++taken_;
    const Result<JsonValue> value = object_.get(name);
    if (!value.ok()) return wrong(name);
    return *value;
  }
  Result<std::string> string(std::string_view name) {
    const Result<std::string_view> text = TRY(take(name)).plain_string();
    if (!text.ok()) return wrong(name);
    return std::string(*text);
  }
  Result<Bytes> bytes(std::string_view name, size_t max_bytes) {
    Result<Bytes> bytes = from_hex(TRY(string(name)));
    if (!bytes.ok() || bytes->size() > max_bytes) return wrong(name);
    return bytes;
  }
  Result<uint64_t> number(std::string_view name, uint64_t max) {
    const Result<uint64_t> number = TRY(take(name)).unsigned_integer(max);
    if (!number.ok()) return wrong(name);
    return *number;
  }

  Result<void> finish() const {
    if (taken_ == count_) return {};
    return state_malformed("td.json has members that are not understood");
  }

 private:
  Members(const JsonValue& object, size_t count) : object_(object), count_(count) {}

  JsonValue object_;
  size_t count_;
  size_t taken_ = 0;
};

bool is_boot_id(std::string_view text) {
  return !text.empty() && text.size() <= kMaxBootIdLength && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

Result<EfiVariable> read_efi_variable(const JsonValue& json) {
  Members members = TRY(Members::of(json, "efi_variables"));
  EfiVariable variable;
  variable.name = TRY(members.string("name"));
  variable.attributes = static_cast<uint32_t>(TRY(members.number("attributes", UINT32_MAX)));
  variable.value = TRY(members.bytes("value", kMaxEfiValueBytes));
  TRY(members.finish());
  return variable;
}

Result<void> read_efi_variables(SoftwareTd& td, const JsonValue& json) {
  if (!json.is_array()) return wrong("efi_variables");
  for (const JsonValue& element : TRY(json.elements())) {
    const size_t before = td.efi_variables.size();
    const bool set = set_efi_variable(td, TRY(read_efi_variable(element))).ok();
    // Each name stands once.
    if (!set || td.efi_variables.size() == before) return wrong("efi_variables");
  }
  return {};
}

}  // namespace

Bytes write_software_td(const SoftwareTd& td) {
  std::vector<JsonMember> members = {{"version", std::to_string(kVersion)},
                                     {"boot_id", json_string(td.boot_id)}};
  for (const std::string_view name : td_setting_names()) {
    members.push_back({name, json_string(td_setting(td, name))});
  }
  for (size_t i = 0; i < kBootRtmrNames.size(); ++i) {
    members.push_back({kBootRtmrNames[i], hex_string(td.boot_rtmr[i])});
  }
  std::vector<std::string> variables;
  variables.reserve(td.efi_variables.size());
  for (const EfiVariable& variable : td.efi_variables) {
    variables.push_back(write_efi_variable(variable));
  }
  members.push_back({"ccel", hex_string(td.ccel)});
  members.push_back({"efi_variables", json_array(variables)});
  const std::string text = json_object(members) + "\n";
  return Bytes(text.begin(), text.end());
}

Result<SoftwareTd> read_software_td(ByteView json) {
  JsonLimits limits;
  limits.max_bytes = kMaxSoftwareTdBytes;
  const Result<JsonDocument> document = JsonDocument::parse(json, limits);
  if (!document.ok()) return state_malformed("td.json: " + document.error().what);
  Members members = TRY(Members::of(document->root(), "the object"));
  if (TRY(members.number("version", UINT32_MAX)) != kVersion) return wrong("version");
  SoftwareTd td;
  td.boot_id = TRY(members.string("boot_id"));
  if (!is_boot_id(td.boot_id)) return wrong("boot_id");
  for (const std::string_view name : td_setting_names()) {
    if (!set_td_setting(td, name, TRY(members.string(name))).ok()) return wrong(name);
  }
  // Last, since setting a register sets what a boot leaves as well.
  for (size_t i = 0; i < kBootRtmrNames.size(); ++i) {
    if (!from_hex(TRY(members.string(kBootRtmrNames[i])), td.boot_rtmr[i]).ok()) {
      return wrong(kBootRtmrNames[i]);
    }
  }
  td.ccel = TRY(members.bytes("ccel", kMaxCcelBytes));
  const JsonValue variables = TRY(members.take("efi_variables"));
  TRY(read_efi_variables(td, variables));
  TRY(members.finish());
  return td;
}

}  // namespace quoin::simulator
