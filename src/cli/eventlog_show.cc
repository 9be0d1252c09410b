#include <unistd.h>

#include <array>
#include <string>

#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/describe.h"
#include "src/cli/event_log_file.h"
#include "src/cli/named_files.h"
#include "src/cli/printable.h"
#include "src/cli/value.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Shows what firmware, boot loader, kernel and services of a TD measured, event by event. LOG "
    "is\n"
    "what the kernel has as /sys/firmware/acpi/tables/data/CCEL, or JSON as dstack's tools write "
    "it.\n"
    "\n"
    "A register vouches for the digests, and for them alone: an event's type and data are what "
    "the\n"
    "log's writer says. The column \"data\" says whether the digest is that of the data: "
    "measured;\n"
    "DIFFERS, so that the data is not to be believed; or - where what was measured is not in the\n"
    "event. Nothing is verified: quoin eventlog replay compares the log with a quote.\n"
    "\n"
    "With --json, the object has the members rtmr (the registers that the log gives), secure_boot\n"
    "(on, off, not_logged or not_known) and events (a list of {number, register, mr_index, type,\n"
    "type_name, extended, digest, data_measured, description, name, data}; data_measured is true,\n"
    "false or null).";

constexpr std::array kExamples = {
    Example{"what this machine measured while it booted",
            "quoin eventlog show /sys/firmware/acpi/tables/data/CCEL"},
    Example{
        "what was measured into RTMR2, for a program",
        "quoin eventlog show --json ccel.bin | jq '.events[] | select(.register == \"RTMR2\")'"},
};
constexpr std::array kOptions = {
    Option{"--table", "FILE", "the ACPI table CCEL, which must be TDX's and fit the log"},
    Option{"--json", "", "print JSON"},
};
constexpr std::array kExits = {
    ExitMeaning{kExitOk, "shown"},
    ExitMeaning{kExitUsage, "the command line is wrong, or a file cannot be read"},
    ExitMeaning{kExitMalformed, "the log or the table is malformed, or they do not fit"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

constexpr size_t kRegisterColumns = 8;
constexpr size_t kTypeColumns = 32;
constexpr size_t kDigestBytes = 6;
constexpr size_t kDataColumns = 8;
constexpr size_t kDescriptionColumns = 100;

std::string padded(std::string text, size_t columns) {
  if (text.size() < columns) text.resize(columns, ' ');
  return text + "  ";
}

std::string type_text(uint32_t type) {
  const std::string_view name = event_type_name(type);
  if (!name.empty()) return std::string(name);
  return "0x" +
         to_hex(ByteArray<4>{static_cast<uint8_t>(type >> 24), static_cast<uint8_t>(type >> 16),
                             static_cast<uint8_t>(type >> 8), static_cast<uint8_t>(type)});
}

std::string_view data_text(DataMeasured measured) {
  switch (measured) {
    case DataMeasured::yes:
      return "measured";
    case DataMeasured::no:
      return "DIFFERS";
    case DataMeasured::not_in_event:
      break;
  }
  return "-";
}

std::string as_text(const CcEventLog& log, bool colour) {
  const size_t number_columns = std::to_string(log.events().size()).size();
  std::string text = styled(Style::strong,
                            padded("#", number_columns) + padded("register", kRegisterColumns) +
                                padded("type", kTypeColumns) + padded("digest", 2 * kDigestBytes) +
                                padded("data", kDataColumns) + "what it says",
                            colour) +
                     "\n";
  for (size_t i = 0; i < log.events().size(); ++i) {
    const CcEvent& event = log.events()[i];
    const DataMeasured measured = data_is_measured(event);
    text += padded(std::to_string(i), number_columns);
    text += padded(register_name(event.mr_index), kRegisterColumns);
    text += padded(type_text(event.type), kTypeColumns);
    text += padded(event.is_extended() ? to_hex(ByteView(event.digest).first(kDigestBytes)) : "-",
                   2 * kDigestBytes);
    text += styled(measured == DataMeasured::no ? Style::bad : Style::plain,
                   padded(std::string(data_text(measured)), kDataColumns), colour);
    text += shortened(describe_event(event), kDescriptionColumns) + "\n";
  }
  text += "\n";
  for (size_t i = 0; i < kRtmrCount; ++i) {
    text += "RTMR" + std::to_string(i) + "  " + to_hex(log.replayed_rtmrs()[i]) + "\n";
  }
  text += "\n";
  text += secure_boot_sentence(secure_boot_from_log(log).state);
  return text + "\n";
}

Result<int> show(const Arguments& arguments, Output& output) {
  Inputs inputs(STDIN_FILENO);
  const CcEventLog log = TRY(read_cc_event_log(inputs, arguments));
  output.data(arguments.has("--json") ? to_json(describe(log)) : as_text(log, output.colour()));
  return kExitOk;
}

int run_show(const Arguments& arguments, Output& output) {
  const Result<int> status = show(arguments, output);
  if (status.ok()) return *status;
  output.error(status.error());
  return exit_status_of(status.error().code);
}

}  // namespace

constexpr Command kEventlogShowCommand = {
    .name = "eventlog show",
    .summary = "show what a TD measured, event by event",
    .positional = "LOG|-",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_show,
};

}  // namespace quoin::cli
