#include <string>
#include <utility>

#include "src/cli/describe.h"

namespace quoin::cli {
namespace {

Value data_measured(const CcEvent& event) {
  switch (data_is_measured(event)) {
    case DataMeasured::yes:
      return true;
    case DataMeasured::no:
      return false;
    case DataMeasured::not_in_event:
      break;
  }
  return {};
}

Value::Object describe_event(size_t number, const CcEvent& event) {
  const std::string_view type_name = event_type_name(event.type);
  return {
      {"number", number},
      {"register", register_name(event.mr_index)},
      {"mr_index", event.mr_index},
      {"type", event.type},
      {"type_name", type_name.empty() ? Value() : Value(type_name)},
      {"extended", event.is_extended()},
      {"digest", Value::hex(event.digest)},
      {"data_measured", data_measured(event)},
      {"description", quoin::describe_event(event)},
      {"name", event.name.empty() ? Value() : Value(event.name)},
      {"data", Value::hex(event.data)},
  };
}

}  // namespace

std::string register_name(uint32_t mr_index) {
  return mr_index == 0 ? "MRTD" : "RTMR" + std::to_string(mr_index - 1);
}

std::string_view secure_boot_name(SecureBoot state) {
  switch (state) {
    case SecureBoot::on:
      return "on";
    case SecureBoot::off:
      return "off";
    case SecureBoot::not_logged:
      return "not_logged";
    case SecureBoot::not_known:
      return "not_known";
  }
  return "";
}

std::string_view secure_boot_sentence(SecureBoot state) {
  switch (state) {
    case SecureBoot::on:
      return "Secure Boot, as logged: on";
    case SecureBoot::off:
      return "Secure Boot, as logged: off";
    case SecureBoot::not_logged:
      return "Secure Boot: the log has no event of it";
    case SecureBoot::not_known:
      return "Secure Boot: not known, since the log contradicts itself or its registers";
  }
  return "";
}

Value::List describe(const Rtmrs& rtmrs) {
  Value::List list;
  for (const ByteArray<48>& rtmr : rtmrs) list.push_back(Value::hex(rtmr));
  return list;
}

Value::Object describe(const CcEventLog& log) {
  Value::List events;
  for (size_t i = 0; i < log.events().size(); ++i) {
    events.emplace_back(describe_event(i, log.events()[i]));
  }
  return {
      {"rtmr", describe(log.replayed_rtmrs())},
      {"secure_boot", secure_boot_name(secure_boot_from_log(log).state)},
      {"events", std::move(events)},
  };
}

}  // namespace quoin::cli
