#include <string>
#include <utility>

#include "src/base/text.h"
#include "src/policy/measurement_set.h"
#include "src/policy/policy_file.h"

namespace quoin {
namespace {

using toml_reader::at;
using toml_reader::check_keys;
using toml_reader::read_array;
using toml_reader::read_bool;
using toml_reader::read_digest;
using toml_reader::read_string;

// Each event of a log is looked up in this list.
constexpr size_t kMaxWantedEvents = 1000;

// An event has a payload, or says that it may be any: not to say so must not mean it.
Result<WantedEvent> read_wanted_event(const toml::node& node) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return at(node, "runtime_events is not an array of tables");
  TRY(check_keys(*table, {"name", "payload", "any_payload"}));
  WantedEvent event;
  const toml::node* name = table->get("name");
  if (name == nullptr) return at(node, "a runtime event has no name");
  event.name = TRY(read_string(*name, "name"));
  if (!is_runtime_event_name(event.name)) {
    return at(*name, in_quotes(event.name) + " is no name of a runtime event");
  }
  bool any_payload = false;
  TRY(read_bool(*table, "any_payload", any_payload));
  if (const toml::node* payload = table->get("payload")) {
    const std::string hex = TRY(read_string(*payload, "payload"));
    Result<Bytes> bytes = from_hex(hex);
    if (!bytes.ok()) return at(*payload, "payload is not in hex");
    event.payload = std::move(*bytes);
  }
  if (any_payload == event.payload.has_value()) {
    return at(node, "runtime event " + in_quotes(event.name) +
                        " wants either payload or any_payload = true");
  }
  return event;
}

Result<void> read_runtime_events(const toml::table& table, MeasurementSet& set) {
  TRY(read_bool(table, "refuse_guest_events", set.refuse_guest_events));
  const toml::node* node = table.get("runtime_events");
  if (node == nullptr) {
    if (!set.refuse_guest_events) return {};
    return at(*table.get("refuse_guest_events"), "refuse_guest_events wants runtime_events");
  }
  const toml::array* events = TRY(read_array(table, "runtime_events"));
  if (events->size() > kMaxWantedEvents) return at(*node, "more than 1000 runtime_events");
  set.runtime_events.emplace();
  for (const toml::node& event : *events) {
    set.runtime_events->push_back(TRY(read_wanted_event(event)));
  }
  if (set.rtmr3) {
    return at(*node, "measurement set " + in_quotes(set.name) +
                         " names rtmr3 twice: by its value and by its events");
  }
  return {};
}

Result<MeasurementSet> read_measurement_set(const toml::node& node) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return at(node, "measurements is not an array of tables");
  TRY(check_keys(
      *table, {"name", "mr_seam", "mr_td", "mr_config_id", "mr_owner", "mr_owner_config", "rtmr0",
               "rtmr1", "rtmr2", "rtmr3", "runtime_events", "refuse_guest_events", "mr_enclave"}));
  MeasurementSet set;
  const toml::node* name = table->get("name");
  if (name == nullptr) return at(node, "a measurement set has no name");
  set.name = TRY(read_string(*name, "name"));

  Result<void> status;
  td_measurement_fields(set, [&](std::string_view field, auto& out, auto) {
    if (status.ok()) status = read_digest(*table, field, out);
  });
  TRY(std::move(status));
  TRY(read_digest(*table, "mr_enclave", set.mr_enclave));
  TRY(read_runtime_events(*table, set));
  if (!pins_td(set) && !pins_enclave(set)) {
    return at(node, "measurement set " + in_quotes(set.name) +
                        " does not pin what ran: wanted mr_td, rtmr0, rtmr1 and rtmr2, or "
                        "mr_enclave");
  }
  if (names_td_measurement(set) && set.mr_enclave) {
    return at(node, "measurement set " + in_quotes(set.name) +
                        " names measurements of a TD and of an enclave: nothing has both");
  }
  return set;
}

}  // namespace

Result<void> read_measurements(const toml::table& file, Policy& policy) {
  const toml::array* sets = TRY(read_array(file, "measurements"));
  for (const toml::node& node : *sets) {
    policy.measurements.push_back(TRY(read_measurement_set(node)));
  }
  return {};
}

}  // namespace quoin
