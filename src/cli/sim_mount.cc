#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/options.h"
#include "src/cli/sim_common.h"
#include "src/cli/simulated_tds.h"

namespace quoin::cli {
namespace {

constexpr uint64_t kMaxTimeoutMs = 3'600'000;

constexpr std::string_view kDescription =
    "Mounts the files that Linux shows in a TD, with FUSE, at the directory DIR, which is empty\n"
    "before: dev/tdx_guest, sys/kernel/config/tsm/report, the measurements in\n"
    "sys/devices/virtual/misc/tdx_guest, the tables in sys/firmware/acpi,\n"
    "sys/firmware/efi/efivars, and the boot id. Programs that know nothing of Quoin find a TD "
    "there: bind the\n"
    "directories over the real ones, in a container or behind unshare -m. It proves nothing to\n"
    "anybody, and never runs on a real TD.\n"
    "\n"
    "Prints one line when it is mounted, and serves until SIGINT or SIGTERM. Needs root, or the\n"
    "program fusermount3.\n"
    "\n"
    "What --fault names goes wrong every time, or with =COUNT the first COUNT times:\n"
    "\n"
    "no-provider (no TSM provider: ENXIO), no-tsm (no configfs-tsm), no-device (no\n"
    "/dev/tdx_guest), no-measurements (a kernel that shows no registers), mkdir-eio.\n"
    "\n"
    "inblob-ebusy (what is written is not taken, and close says nothing), generation-jumps\n"
    "(another program writes at the same time), generation-moves (another program writes while\n"
    "the quote is made).\n"
    "\n"
    "outblob-ebusy, outblob-etimedout, outblob-eintr, outblob-eio, outblob-enxio,\n"
    "outblob-wedged (ETIMEDOUT, then EBUSY: the host keeps the buffer), outblob-empty,\n"
    "outblob-truncated.\n"
    "\n"
    "quote-wrong-report-data, quote-wrong-signature, quote-padded (zeros behind it), quote-dice\n"
    "(100 KB of CBOR), slow=MS (a quote takes so much longer; past --quote-timeout the read ends\n"
    "with ETIMEDOUT, and those that follow with EBUSY until the host is done).\n"
    "\n"
    "report-ebusy, report-eio, report-wrong-report-data; rtmr-ebusy, rtmr-einval, rtmr-eio,\n"
    "rtmr-eio-extended (EIO, and the register is extended).\n"
    "\n"
    "ccel-eio, ccel-truncated (half of the event log), ccel-wrong-length (its table says one byte\n"
    "more), ccel-wrong-type (its table is of AMD's type); efivars-eio, efivars-truncated (3 "
    "bytes,\n"
    "less than a variable's attributes).\n"
    "\n"
    "qgs-error, qgs-closes, qgs-garbage (of quoin sim qgs).";

constexpr std::array kExamples = {
    Example{"a TD's files in ./td", "mkdir td && quoin sim mount td"},
    Example{"a host that times out twice", "quoin sim mount --fault outblob-etimedout=2 td"},
    Example{"another program in what looks like a TD to it",
            "unshare -m sh -c 'mount --bind td/sys/kernel/config /sys/kernel/config && exec app'"},
};

constexpr std::array kOptions = {
    kTdOption,
    Option{"--fault", "NAME[=COUNT]", "what goes wrong; see above", true},
    Option{"--quote-timeout", "MS", "how long the kernel waits for the host (30000)"},
};

Result<void> mount(const Arguments& arguments, Output& output) {
  MountRequest request;
  request.directory = TRY(arguments.only_positional("DIR"));
  request.td = td_name(arguments);
  for (const std::string_view fault : arguments.all("--fault")) request.faults.emplace_back(fault);
  if (const auto timeout = arguments.get("--quote-timeout")) {
    request.quote_timeout =
        std::chrono::milliseconds(TRY(parse_number("--quote-timeout", *timeout, 1, kMaxTimeoutMs)));
  }
  return mount_simulated_td(
      request, [&] { output.data("simulated TD mounted at " + request.directory + "\n"); });
}

int run_mount(const Arguments& arguments, Output& output) {
  return finish_sim(mount(arguments, output), output);
}

}  // namespace

constexpr Command kSimMountCommand = {
    .name = "sim mount",
    .summary = "show a simulated TD's files where programs look for a real one's",
    .positional = "DIR",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kSimExits,
    .run = run_mount,
};

}  // namespace quoin::cli
