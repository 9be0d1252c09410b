#include "src/cli/td_command.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/cli/files.h"
#include "src/cli/options.h"
#include "src/cli/sim_common.h"
#include "src/cli/simulated_td.h"
#include "src/receipt/report_data.h"
#include "src/td/detect.h"
#include "src/td/linux_td.h"

namespace quoin::cli {
namespace {

constexpr uint64_t kMaxTimeoutSeconds = 3600;
constexpr std::string_view kRuntimeLogDirectory = "/run/quoin/runtime-log";

Result<td::QuoteWay> read_way(std::string_view text) {
  if (text == "tsm") return td::QuoteWay::tsm;
  if (text == "qgs") return td::QuoteWay::qgs;
  return usage_error("--via " + std::string(text) + ": not understood", "wanted tsm or qgs");
}

Result<std::unique_ptr<td::Td>> open_simulated(const Arguments& arguments, Output& output) {
  const SimulatorState state = TRY(prepare_simulator());
  if (state.created) output.notice("made a simulator in " + state.directory);
  output.warning("SIMULATED: proves nothing to others");
  return open_simulated_td(td_name(arguments));
}

// Where the kernel's TD is, and how it gets its quotes.
Result<td::LinuxTdOptions> read_linux_td(const Arguments& arguments) {
  td::LinuxTdOptions options;
  options.paths = linux_paths(arguments);
  if (const auto address = arguments.get("--qgs")) {
    options.qgs = TRY(td::parse_qgs_address(*address));
  }
  if (arguments.has("--via")) options.quote_ways.clear();
  for (const std::string_view way : arguments.all("--via")) {
    options.quote_ways.push_back(TRY(read_way(way)));
  }
  return options;
}

Result<void> require_td(const td::LinuxPaths& paths) {
  const td::Evidence evidence = td::detect(paths);
  if (evidence.device.answer == td::Answer::yes) return {};
  return usage_error("this is no TDX trust domain: " + evidence.device.seen,
                     "--simulate takes a simulated one, which proves nothing to others");
}

void set_timeout(std::chrono::milliseconds quote_timeout, td::LinuxTdOptions& options) {
  options.quote_timeout = quote_timeout;
  options.way_timeout = std::min(options.way_timeout, quote_timeout);
}

}  // namespace

td::LinuxPaths linux_paths(const Arguments& arguments) {
  const auto root = arguments.get("--td-root");
  return root ? td::LinuxPaths::under(std::string(*root)) : td::LinuxPaths();
}

Result<void> check_td_options(const Arguments& arguments) {
  if (!arguments.has("--simulate")) {
    if (arguments.has("--td")) return usage_error("--td names a simulated TD", "add --simulate");
    return {};
  }
  for (const std::string_view option : {"--td-root", "--qgs", "--via"}) {
    if (arguments.has(option)) {
      return usage_error("--simulate and " + std::string(option) + " do not go together",
                         "a simulated TD makes its quotes itself");
    }
  }
  return {};
}

Result<std::unique_ptr<td::Td>> open_linux_td(const Arguments& arguments,
                                              std::chrono::milliseconds quote_timeout) {
  td::LinuxTdOptions options = TRY(read_linux_td(arguments));
  TRY(require_td(options.paths));
  set_timeout(quote_timeout, options);
  return std::unique_ptr<td::Td>(std::make_unique<td::LinuxTd>(std::move(options)));
}

Result<std::unique_ptr<td::Td>> open_td(const Arguments& arguments, Output& output) {
  TRY(check_td_options(arguments));
  if (arguments.has("--simulate")) return open_simulated(arguments, output);
  td::LinuxTdOptions options = TRY(read_linux_td(arguments));
  if (const auto text = arguments.get("--timeout")) {
    const std::chrono::seconds timeout{
        TRY(parse_number("--timeout", *text, 1, kMaxTimeoutSeconds))};
    set_timeout(timeout, options);
  }
  return std::unique_ptr<td::Td>(std::make_unique<td::LinuxTd>(std::move(options)));
}

Result<std::optional<ByteArray<64>>> read_report_data(const Arguments& arguments) {
  const auto file = arguments.get("--data");
  const auto hex = arguments.get("--insecure-report-data");
  if (file && hex) {
    return usage_error("--data and --insecure-report-data do not go together",
                       "--data is the one to take");
  }
  if (file) {
    const Bytes data = TRY(Inputs(STDIN_FILENO).read(*file));
    return std::optional(report_data_for(kQuotedDataType, data));
  }
  if (!hex) return std::optional<ByteArray<64>>();
  ByteArray<64> report_data{};
  if (!from_hex(*hex, report_data).ok()) {
    return usage_error("--insecure-report-data " + std::string(*hex) + ": not understood",
                       "wanted 64 bytes: 128 hex digits");
  }
  return std::optional(report_data);
}

Result<std::string> runtime_log_directory(const Arguments& arguments) {
  if (const auto directory = arguments.get("--log")) return std::string(*directory);
  if (arguments.has("--simulate")) return simulated_td_log_directory(td_name(arguments));
  std::string root(arguments.get("--td-root").value_or(""));
  return root.append(kRuntimeLogDirectory);
}

Result<void> emit(const Arguments& arguments, ByteView bytes, Output& output) {
  if (const auto path = arguments.get("--out")) return write_file(std::string(*path), bytes);
  output.data(as_text(bytes));
  return {};
}

int finish(const Result<void>& result, Output& output) {
  if (result.ok()) return kExitOk;
  output.error(result.error());
  return result.error().code == ErrorCode::invalid_argument ? kExitUsage : kExitRefused;
}

}  // namespace quoin::cli
