#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/try.h"
#include "src/cli/commands.h"
#include "src/cli/files.h"
#include "src/cli/security_log.h"
#include "src/cli/sim_common.h"
#include "src/cli/system.h"
#include "src/cli/td_command.h"
#include "src/cli/value.h"
#include "src/td/runtime_log.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kShowDescription =
    "Prints the four runtime measurement registers of this TD as they are now. They are what this\n"
    "machine says; what others can rely on is the same in a quote.";

constexpr std::string_view kExtendDescription =
    "Measures an event into RTMR3: its name, and the payload that --payload gives. It is written "
    "to "
    "the\n"
    "log first, so that RTMR3 can always be explained. An event that has been measured since the "
    "TD\n"
    "booted is not measured again.\n"
    "\n"
    "An extension is for as long as the TD runs: nothing takes it back. Whoever else extends RTMR3 "
    "makes\n"
    "it one that no log explains; nothing is measured then.";

constexpr std::string_view kLogDescription =
    "Prints the log of the events that were measured into RTMR3 since the TD booted, as quoin "
    "verify\n"
    "--event-log reads it. It replays to what RTMR3 is now, or there is an error.";

constexpr std::array kShowExamples = {
    Example{"what was measured into this TD", "quoin rtmr show"},
};
constexpr std::array kExtendExamples = {
    Example{"measure a configuration before it is used",
            "quoin rtmr extend config --payload config.json"},
};
constexpr std::array kLogExamples = {
    Example{"hand it to whoever verifies a quote", "quoin rtmr log --out events.json"},
};

constexpr std::array kShowOptions = {kJsonOption, kTdRootOption, kSimulateOption, kTdOption};
constexpr std::array kExtendOptions = {
    Option{"--payload", "FILE|-", "what is measured with the name; nothing if not given"},
    kLogOption,
    kJsonOption,
    kSecurityLogOption,
    kTdRootOption,
    kSimulateOption,
    kTdOption,
};
constexpr std::array kLogOptions = {kOutOption, kLogOption, kTdRootOption, kSimulateOption,
                                    kTdOption};

Result<void> show(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  const std::unique_ptr<td::Td> td = TRY(open_td(arguments, output));
  Value::List registers;
  Value::Object lines;
  for (unsigned index = 0; index < td::kRtmrCount; ++index) {
    const Value value = Value::hex(TRY(td->read_rtmr(index)));
    registers.push_back(value);
    lines.emplace_back("rtmr" + std::to_string(index), value);
  }
  output.data(arguments.has("--json")
                  ? to_json(Value::Object{{"simulated", td->simulated()}, {"rtmr", registers}})
                  : to_text(lines));
  return {};
}

Result<td::RuntimeLog> open_log(td::Td& td, const Arguments& arguments) {
  return td::RuntimeLog(td, {.directory = TRY(runtime_log_directory(arguments))});
}

SecurityEvent extension_event(const td::Td& td, const RuntimeEvent& event,
                              const Result<bool>& measured) {
  SecurityEvent line(
      measured.ok() ? SecurityEventId::rtmr_extended : SecurityEventId::rtmr_extend_failed, now());
  line.text("name", event.name).bytes("digest", runtime_event_digest(event));
  line.flag("simulated", td.simulated());
  return measured.ok() ? line : line.error(measured.error());
}

Result<void> extend(const Arguments& arguments, Output& output) {
  RuntimeEvent event;
  event.name = TRY(arguments.only_positional("NAME"));
  if (event.is_guests()) {
    return usage_error("'" + event.name + "' is a name that guests' events have",
                       "what is measured from outside of a guest has another one");
  }
  if (const auto payload = arguments.get("--payload")) {
    event.payload = TRY(Inputs(STDIN_FILENO).read(*payload, kMaxRuntimeEventPayloadBytes));
  }
  const SecurityLog security_log = TRY(open_security_log(arguments));
  const std::unique_ptr<td::Td> td = TRY(open_td(arguments, output));
  td::RuntimeLog log = TRY(open_log(*td, arguments));
  const Result<bool> result = log.measure_once(event);
  // What had been measured before is not measured now.
  if (!result.ok() || *result) TRY(security_log.write(extension_event(*td, event, result)));
  const bool measured = TRY(result);
  if (arguments.has("--json")) {
    output.data(
        to_json(Value::Object{{"simulated", td->simulated()},
                              {"measured", measured},
                              {"digest", Value::hex(runtime_event_digest(event))},
                              {"rtmr3", Value::hex(TRY(td->read_rtmr(td::kRuntimeRtmr)))}}));
  } else {
    output.notice(measured ? "measured " + event.name + " into RTMR3"
                           : event.name + " has been measured before, with the same payload");
  }
  return {};
}

Result<void> print_log(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  const std::unique_ptr<td::Td> td = TRY(open_td(arguments, output));
  td::RuntimeLog log = TRY(open_log(*td, arguments));
  const RuntimeEventLog events = TRY(log.events());
  return emit(arguments, as_bytes(td::to_json(events)), output);
}

int run_show(const Arguments& arguments, Output& output) {
  return finish(show(arguments, output), output);
}
int run_extend(const Arguments& arguments, Output& output) {
  return finish(extend(arguments, output), output);
}
int run_log(const Arguments& arguments, Output& output) {
  return finish(print_log(arguments, output), output);
}

}  // namespace

constexpr Command kRtmrShowCommand = {
    .name = "rtmr show",
    .summary = "print this TD's measurement registers",
    .positional = "",
    .description = kShowDescription,
    .examples = kShowExamples,
    .options = kShowOptions,
    .exit_statuses = kTdExits,
    .run = run_show,
};

constexpr Command kRtmrExtendCommand = {
    .name = "rtmr extend",
    .summary = "measure an event into RTMR3",
    .positional = "NAME",
    .description = kExtendDescription,
    .examples = kExtendExamples,
    .options = kExtendOptions,
    .exit_statuses = kTdExits,
    .run = run_extend,
};

constexpr Command kRtmrLogCommand = {
    .name = "rtmr log",
    .summary = "print the events that were measured into RTMR3",
    .positional = "",
    .description = kLogDescription,
    .examples = kLogExamples,
    .options = kLogOptions,
    .exit_statuses = kTdExits,
    .run = run_log,
};

}  // namespace quoin::cli
