#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/try.h"
#include "src/cli/commands.h"
#include "src/cli/options.h"
#include "src/cli/sim_common.h"
#include "src/cli/td_command.h"
#include "src/cli/value.h"
#include "src/crypto/sha2.h"
#include "src/pcs/registration.h"
#include "src/td/guest.h"
#include "src/td/linux_td.h"

namespace quoin::cli {
namespace {

constexpr uint64_t kDefaultTimeoutSeconds = 30;
constexpr uint64_t kMaxTimeoutSeconds = 3600;

constexpr std::string_view kManifestDescription =
    "Writes the platform manifest of this host: what the firmware of a machine with several\n"
    "processors leaves in the variable SgxRegistrationServerRequest for Intel's registration\n"
    "service, until the platform has been registered. Nothing is changed.\n"
    "\n"
    "A TD has no manifest: quoin inspect of its quote shows PPID, FMSPC and platform instance.";

constexpr std::string_view kRegisterDescription =
    "Says which platform manifest of this host would go where, and sends it there with --send.\n"
    "Intel certifies a machine with several processors once it has its manifest. It is sent once,\n"
    "and has been registered where the service says so (HTTP status 201). Nothing of the "
    "firmware's\n"
    "variables is changed.\n"
    "\n"
    "A TD has no manifest: quoin inspect of its quote shows PPID, FMSPC and platform instance.";

constexpr std::array kManifestExamples = {
    Example{"the manifest, to register the platform from another machine",
            "quoin platform manifest --out manifest.bin"},
};
constexpr std::array kRegisterExamples = {
    Example{"what would be sent, and where", "quoin platform register"},
    Example{"register this platform with Intel", "quoin platform register --send"},
};
constexpr Option kUefiPathOption = {
    "--uefi-path", "DIR",
    "where the firmware's variables are; /sys/firmware/efi/efivars if not given"};
constexpr std::array kManifestOptions = {kUefiPathOption, kOutOption, kJsonOption, kTdRootOption};
constexpr std::array kRegisterOptions = {
    Option{"--send", "", "send it: without this nothing is sent"},
    Option{"--server", "URL",
           "send it to this service instead of Intel's; plain http only to this machine"},
    Option{"--timeout", "S", "give up after that many seconds (30)"},
    kUefiPathOption,
    kJsonOption,
    kTdRootOption,
};
constexpr std::array kManifestExits = {
    ExitMeaning{kExitOk, "done"},
    ExitMeaning{kExitRefused, "there is no manifest that can be read, or this is a TD"},
    ExitMeaning{kExitUsage, "the command line is wrong"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};
constexpr std::array kRegisterExits = {
    ExitMeaning{kExitOk, "done; without --send, it could be sent"},
    ExitMeaning{kExitRefused,
                "there is no manifest that can be read, this is a TD, or it was not registered"},
    ExitMeaning{kExitUsage, "the command line is wrong"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

// What a host puts before a TD that cannot be asked is not taken for the machine's own: only where
// nothing of a TD is there is it a host.
Result<void> refuse_in_td(const Arguments& arguments, const td::LinuxPaths& paths) {
  td::LinuxTd td({.paths = paths});
  const td::Guest guest = td::ask_guest(td, arguments.has("--td-root") ? nullptr : &paths);
  if (guest.answer == td::Answer::no) return {};
  Error error{
      ErrorCode::unsupported, "a TD has no platform manifest: the host has it",
      "quoin inspect of a quote shows the PPID, FMSPC and platform instance of a TD's host"};
  if (guest.answer != td::Answer::yes) {
    error.what = "this may be a TD, which has no platform manifest: " + guest.error.what;
    if (!guest.error.hint.empty()) error.hint.append("; ").append(guest.error.hint);
  }
  return error;
}

struct Manifest {
  std::string variable;  // the file that it stands in
  Bytes bytes;
};

Result<Manifest> find_manifest(const Arguments& arguments) {
  const td::LinuxPaths paths = linux_paths(arguments);
  TRY(refuse_in_td(arguments, paths));
  const std::string efivars(arguments.get("--uefi-path").value_or(paths.efivars));
  Result<Bytes> bytes = pcs::read_platform_manifest(efivars);
  if (bytes.ok()) return Manifest{pcs::registration_variable(efivars), *std::move(bytes)};
  Error error = std::move(bytes).error();
  if (error.code == ErrorCode::not_found) {
    error.hint = "there is none on a platform with one processor, or that has been registered";
  }
  return error;
}

Value::Object describe(const Manifest& manifest) {
  return {{"variable", manifest.variable},
          {"bytes", manifest.bytes.size()},
          {"sha256", Value::hex(sha256(manifest.bytes))}};
}

Result<void> print_manifest(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  const Manifest manifest = TRY(find_manifest(arguments));
  if (!arguments.has("--json")) return emit(arguments, manifest.bytes, output);
  Value::Object object = describe(manifest);
  object.emplace_back("manifest", Value::hex(manifest.bytes));
  const std::string json = to_json(object);
  return emit(arguments, as_bytes(json), output);
}

Result<std::string> read_address(const Arguments& arguments) {
  Result<std::string> address = pcs::registration_address(arguments.get("--server"));
  if (!address.ok()) {
    return usage_error("--server: " + address.error().what, "wanted https://HOST:PORT");
  }
  TRY(pcs::check_registration_address(*address));
  return address;
}

Result<std::chrono::seconds> read_timeout(const Arguments& arguments) {
  const auto text = arguments.get("--timeout");
  if (!text) return std::chrono::seconds(kDefaultTimeoutSeconds);
  return std::chrono::seconds(TRY(parse_number("--timeout", *text, 1, kMaxTimeoutSeconds)));
}

Result<void> register_this(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  const std::string address = TRY(read_address(arguments));
  const std::chrono::seconds timeout = TRY(read_timeout(arguments));
  const Manifest manifest = TRY(find_manifest(arguments));
  const bool send = arguments.has("--send");
  if (send) TRY(pcs::register_platform(manifest.bytes, address, timeout));
  Value::Object object = describe(manifest);
  object.emplace_back("address", address);
  object.emplace_back("sent", send);
  output.data(arguments.has("--json") ? to_json(object) : to_text(object));
  output.notice(send ? "the platform is registered" : "nothing was sent: --send sends it");
  return {};
}

int run_manifest(const Arguments& arguments, Output& output) {
  return finish(print_manifest(arguments, output), output);
}
int run_register(const Arguments& arguments, Output& output) {
  return finish(register_this(arguments, output), output);
}

}  // namespace

constexpr Command kPlatformManifestCommand = {
    .name = "platform manifest",
    .summary = "print the platform manifest of this host",
    .positional = "",
    .description = kManifestDescription,
    .examples = kManifestExamples,
    .options = kManifestOptions,
    .exit_statuses = kManifestExits,
    .run = run_manifest,
};

constexpr Command kPlatformRegisterCommand = {
    .name = "platform register",
    .summary = "register this host's platform with Intel",
    .positional = "",
    .description = kRegisterDescription,
    .examples = kRegisterExamples,
    .options = kRegisterOptions,
    .exit_statuses = kRegisterExits,
    .run = run_register,
};

}  // namespace quoin::cli
