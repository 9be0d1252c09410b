#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/files.h"
#include "src/cli/named_files.h"
#include "src/cli/options.h"
#include "src/cli/sim_common.h"
#include "src/cli/simulated_td.h"
#include "src/cli/simulated_tds.h"
#include "src/cli/value.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kAboutTds =
    "A simulated TD is kept from one command to the next: what it is, its registers, its event "
    "log\n"
    "and its firmware's variables. Without a name, the TD \"default\" is meant, which is made as\n"
    "soon as it is needed, and which quoin run --simulate uses. It proves nothing to anybody.";

constexpr std::string_view kAboutSettings =
    "A simulated TD is kept from one command to the next. Without a name, the TD \"default\" is\n"
    "meant. It proves nothing to anybody.\n"
    "\n"
    "Bytes are hex: 48 of a register, 8 of attributes and XFAM, 16 of an SVN. What a boot leaves "
    "in\n"
    "RTMR0 to RTMR2 is what --rtmr0 to --rtmr2 say; a reboot goes back to it. A TD whose\n"
    "--tee-tcb-svn2 is not its platform's, or which has an --mrservicetd, has quotes of version 5.";

constexpr std::array kCreateExamples = {
    Example{"another TD, with an owner of its own",
            "quoin sim td create staging --mrowner $(printf owner | sha384sum | cut -c -96)"},
    Example{"one that booted as a real one did, by its event log",
            "quoin sim td create like-real --ccel ccel.bin --replay-ccel"},
    Example{"one whose firmware measured secure boot",
            "quoin sim td create --secure-boot on --measured-boot secure"},
};
constexpr std::array kListExamples = {
    Example{"which simulated TDs there are", "quoin sim td list"},
};
constexpr std::array kShowExamples = {
    Example{"all that is kept of the default TD", "quoin sim td show"},
    Example{"one register of another", "quoin sim td show staging --json | jq -r .rtmr3"},
};
constexpr std::array kSetExamples = {
    Example{"a TD that may be debugged", "quoin sim td set --attributes 0100001000000000"},
    Example{"secure boot, as its firmware's variables have it",
            "quoin sim td set staging --secure-boot on"},
};
constexpr std::array kExtendExamples = {
    Example{"measure a file into RTMR3",
            "quoin sim td extend --rtmr 3 --digest $(sha384sum <app.wasm | cut -c -96)"},
};
constexpr std::array kRebootExamples = {
    Example{"begin anew: RTMR3 is zero again", "quoin sim td reboot"},
};
constexpr std::array kRemoveExamples = {
    Example{"take a TD away, with all that is kept of it", "quoin sim td remove staging"},
};

constexpr Option kJsonOption = {"--json", "", "print JSON"};

// The options whose names and values are the simulator's settings.
constexpr size_t kSettingOptions = 13;
constexpr std::array kSettingsOptions = {
    Option{"--mrtd", "HEX", "MRTD: what the host loaded"},
    Option{"--mrconfigid", "HEX", "MRCONFIGID: what the host says of the workload"},
    Option{"--mrowner", "HEX", "MROWNER"},
    Option{"--mrownerconfig", "HEX", "MROWNERCONFIG"},
    Option{"--attributes", "HEX", "ATTRIBUTES, little-endian; bit 0 is DEBUG"},
    Option{"--xfam", "HEX", "XFAM, little-endian"},
    Option{"--rtmr0", "HEX", "RTMR0, now and after a reboot"},
    Option{"--rtmr1", "HEX", "RTMR1, now and after a reboot"},
    Option{"--rtmr2", "HEX", "RTMR2, now and after a reboot"},
    Option{"--rtmr3", "HEX", "RTMR3, until the next reboot"},
    Option{"--mrservicetd", "HEX", "SERVTD_HASH: a service TD is bound"},
    Option{"--tee-tcb-svn2", "HEX", "the module that runs now; \"\" for the platform's"},
    Option{"--tdx-version", "1.0|1.5", "what the TDX module is (1.5)"},
    Option{"--ccel", "FILE", "the event log of its boot"},
    Option{"--efi-variable", "FILE", "a variable, as a file of efivarfs: NAME-GUID", true},
    Option{"--secure-boot", "on|off|setup", "set the variables that say so"},
    Option{"--replay-ccel", "", "RTMR0 to RTMR2 are what the event log replays to"},
    Option{"--measured-boot", "", "an event log of a boot with its variables, and its registers"},
    kJsonOption,
};
constexpr std::array kJsonOptions = {kJsonOption};
constexpr std::array kExtendOptions = {
    Option{"--rtmr", "N", "which register: 0 to 3"},
    Option{"--digest", "HEX", "48 bytes"},
    kJsonOption,
};

std::string_view file_name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// "--tee-tcb-svn2" is the simulator's "tee_tcb_svn2".
std::string setting_of(std::string_view option) {
  std::string name(option.substr(2));
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

Result<std::string_view> only_name(const Arguments& arguments, bool required = false) {
  if (arguments.positional().empty() && !required) return kDefaultSimulatedTd;
  return arguments.only_positional("NAME");
}

Result<TdChanges> read_changes(const Arguments& arguments) {
  TdChanges changes;
  for (const Option& option : std::span(kSettingsOptions).first(kSettingOptions)) {
    if (const auto text = arguments.get(option.name)) {
      changes.settings.emplace_back(setting_of(option.name), *text);
    }
  }
  Inputs inputs(-1);
  if (const auto path = arguments.get("--ccel")) changes.ccel = TRY(read_named(inputs, *path));
  for (const std::string_view path : arguments.all("--efi-variable")) {
    changes.efi_variables.emplace_back(file_name_of(path), TRY(read_named(inputs, path)));
  }
  if (const auto state = arguments.get("--secure-boot")) {
    if (*state != "on" && *state != "off" && *state != "setup") {
      return usage_error("--secure-boot " + std::string(*state) + ": not understood",
                         "wanted on, off or setup");
    }
    changes.secure_boot = *state == "on"    ? SecureBoot::on
                          : *state == "off" ? SecureBoot::off
                                            : SecureBoot::setup;
  }
  changes.replay_ccel = arguments.has("--replay-ccel");
  changes.measured_boot = arguments.has("--measured-boot");
  if (changes.ccel && changes.measured_boot) {
    return usage_error("--ccel and --measured-boot do not go together",
                       "one gives the event log, the other makes one");
  }
  return changes;
}

// What was done, for people; what there is now, for programs.
Result<void> say_done(const Arguments& arguments, std::string_view name, std::string_view what,
                      Output& output) {
  if (arguments.has("--json")) {
    output.data(to_json(TRY(describe_simulated_td(name))));
  } else {
    output.notice("simulated TD '" + std::string(name) + "' " + std::string(what));
  }
  return {};
}

Result<void> create(const Arguments& arguments, Output& output) {
  const std::string_view name = TRY(only_name(arguments));
  const TdChanges changes = TRY(read_changes(arguments));
  TRY(create_simulated_td(name, changes));
  return say_done(arguments, name, "made", output);
}

Result<void> list(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  Value::List names;
  std::string text;
  for (const std::string& name : TRY(simulated_tds())) {
    names.emplace_back(name);
    text += name + "\n";
  }
  output.data(arguments.has("--json") ? to_json(Value(std::move(names))) : text);
  return {};
}

Result<void> show(const Arguments& arguments, Output& output) {
  const std::string_view name = TRY(only_name(arguments));
  const Value td = TRY(describe_simulated_td(name));
  output.data(arguments.has("--json") ? to_json(td) : to_text(td));
  return {};
}

Result<void> set(const Arguments& arguments, Output& output) {
  const std::string_view name = TRY(only_name(arguments));
  const TdChanges changes = TRY(read_changes(arguments));
  TRY(change_simulated_td(name, changes));
  return say_done(arguments, name, "changed", output);
}

Result<void> extend(const Arguments& arguments, Output& output) {
  const std::string_view name = TRY(only_name(arguments));
  const auto rtmr = arguments.get("--rtmr");
  const auto hex = arguments.get("--digest");
  if (!rtmr || !hex) return usage_error("needs --rtmr and --digest", "--help shows examples");
  const uint64_t index = TRY(parse_number("--rtmr", *rtmr, 0, 3));
  ByteArray<48> digest{};
  if (!from_hex(*hex, digest).ok()) {
    return usage_error("--digest " + std::string(*hex) + ": not understood",
                       "wanted 48 bytes: 96 hex digits");
  }
  TRY(extend_simulated_td(name, static_cast<size_t>(index), digest));
  return say_done(arguments, name, "extended", output);
}

Result<void> reboot(const Arguments& arguments, Output& output) {
  const std::string_view name = TRY(only_name(arguments));
  TRY(reboot_simulated_td(name));
  return say_done(arguments, name, "rebooted", output);
}

Result<void> remove(const Arguments& arguments, Output& output) {
  const std::string_view name = TRY(only_name(arguments, true));
  TRY(remove_simulated_td(name));
  output.notice("simulated TD '" + std::string(name) + "' removed");
  return {};
}

int run_create(const Arguments& arguments, Output& output) {
  return finish_sim(create(arguments, output), output);
}
int run_list(const Arguments& arguments, Output& output) {
  return finish_sim(list(arguments, output), output);
}
int run_show(const Arguments& arguments, Output& output) {
  return finish_sim(show(arguments, output), output);
}
int run_set(const Arguments& arguments, Output& output) {
  return finish_sim(set(arguments, output), output);
}
int run_extend(const Arguments& arguments, Output& output) {
  return finish_sim(extend(arguments, output), output);
}
int run_reboot(const Arguments& arguments, Output& output) {
  return finish_sim(reboot(arguments, output), output);
}
int run_remove(const Arguments& arguments, Output& output) {
  return finish_sim(remove(arguments, output), output);
}

}  // namespace

constexpr Command kSimTdCreateCommand = {
    .name = "sim td create",
    .summary = "make a simulated TD",
    .positional = "[NAME]",
    .description = kAboutSettings,
    .examples = kCreateExamples,
    .options = kSettingsOptions,
    .exit_statuses = kSimExits,
    .run = run_create,
};

constexpr Command kSimTdListCommand = {
    .name = "sim td list",
    .summary = "name the simulated TDs",
    .positional = "",
    .description = kAboutTds,
    .examples = kListExamples,
    .options = kJsonOptions,
    .exit_statuses = kSimExits,
    .run = run_list,
};

constexpr Command kSimTdShowCommand = {
    .name = "sim td show",
    .summary = "print what is kept of a simulated TD",
    .positional = "[NAME]",
    .description = kAboutTds,
    .examples = kShowExamples,
    .options = kJsonOptions,
    .exit_statuses = kSimExits,
    .run = run_show,
};

constexpr Command kSimTdSetCommand = {
    .name = "sim td set",
    .summary = "change what a simulated TD is",
    .positional = "[NAME]",
    .description = kAboutSettings,
    .examples = kSetExamples,
    .options = kSettingsOptions,
    .exit_statuses = kSimExits,
    .run = run_set,
};

constexpr Command kSimTdExtendCommand = {
    .name = "sim td extend",
    .summary = "extend a register of a simulated TD",
    .positional = "[NAME]",
    .description = kAboutTds,
    .examples = kExtendExamples,
    .options = kExtendOptions,
    .exit_statuses = kSimExits,
    .run = run_extend,
};

constexpr Command kSimTdRebootCommand = {
    .name = "sim td reboot",
    .summary = "boot a simulated TD again",
    .positional = "[NAME]",
    .description = kAboutTds,
    .examples = kRebootExamples,
    .options = kJsonOptions,
    .exit_statuses = kSimExits,
    .run = run_reboot,
};

constexpr Command kSimTdRemoveCommand = {
    .name = "sim td remove",
    .summary = "take a simulated TD away",
    .positional = "NAME",
    .description = kAboutTds,
    .examples = kRemoveExamples,
    .options = {},
    .exit_statuses = kSimExits,
    .run = run_remove,
};

}  // namespace quoin::cli
