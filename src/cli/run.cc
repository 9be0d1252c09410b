#include "src/wasm/run.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/exit_status.h"
#include "src/cli/files.h"
#include "src/cli/run_receipt.h"
#include "src/cli/run_request.h"
#include "src/cli/simulated_td.h"
#include "src/cli/system.h"
#include "src/cli/td_command.h"
#include "src/td/td.h"
#include "src/wasm/compile.h"
#include "src/wasm/module.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Compiles a WebAssembly module (a WASI preview 1 command) to native code, ahead of time and "
    "by\n"
    "digest from a cache, and runs it in a sandbox. Its standard input, output and error are "
    "yours;\n"
    "it sees no directory, no variable and no network but what --dir and --env give it.\n"
    "\n"
    "With --receipt, what ran, what went in and what came out is written down and signed by a "
    "quote\n"
    "of the TD, also where the module trapped, timed out, or was refused before it ran.\n"
    "\n"
    "With --simulate, the TD is this user's simulator, which is made when it is not there yet. It\n"
    "never runs on a real TD. Without --simulate, this machine must be a TD; its receipts bring "
    "no\n"
    "collateral, which quoin verify fetches.\n"
    "\n"
    "An exit status over 255 is given as 255; the receipt has it exactly. So it does where a "
    "module\n"
    "itself ends with one of the statuses from 124 to 126 or 141.";

constexpr std::array kExamples = {
    Example{"run a module in a simulated TD, with a receipt",
            "quoin run --simulate --receipt receipt.json app.wasm"},
    Example{"give it a directory, to read only, and arguments",
            "quoin run --simulate --dir /data=./input:ro wordcount.wasm -- /data/text.txt"},
    Example{"with the nonce that a verifier asks for",
            "quoin run --simulate --nonce 8f1c0e6a5b7d9241 --receipt receipt.json app.wasm"},
};

constexpr std::array kOptions = {
    Option{"--simulate", "", "run in a simulated TD: proves nothing to others"},
    Option{"--receipt", "FILE", "write the receipt of the run"},
    Option{"--nonce", "HEX", "put this nonce (8 to 64 bytes) into the receipt"},
    Option{"--dir", "GUEST=HOST[:ro]", "let the module see the directory HOST as GUEST", true},
    Option{"--env", "K=V", "set a variable of the module's environment", true},
    Option{"--timeout", "S", "end it after that many seconds (600)"},
    Option{"--memory", "MiB", "limit its memory (1024)"},
    kTdRootOption,
    kViaOption,
    kQgsOption,
};

constexpr std::array kExits = {
    ExitMeaning{kExitOk, "the module exited with 0; any other status is the module's, except:"},
    ExitMeaning{kExitRunTimedOut, "the module took longer than --timeout"},
    ExitMeaning{kExitRunFailed, "Quoin failed: usage, files, tools, no TD"},
    ExitMeaning{kExitRunRefused, "the module was refused, trapped, or was ended by a limit"},
    ExitMeaning{kExitRunOutputClosed, "whoever read the module's output went away"},
};

// The TD that the user asks for, which must be there before anything runs.
Result<std::unique_ptr<td::Td>> open_platform(const Arguments& arguments, Output& output) {
  TRY(check_td_options(arguments));
  if (arguments.has("--simulate")) {
    const SimulatorState state = TRY(prepare_simulator());
    if (state.created) output.notice("made a simulator in " + state.directory);
    return open_simulated_td(kDefaultSimulatedTd);
  }
  return open_linux_td(arguments);
}

// How the module's run went, as far as it got.
struct Run {
  std::optional<Statement> statement;  // none where no honest one can be made
  int exit_status = kExitRunFailed;
  Error error;  // of a module that was refused
};

Run refused(Statement statement, Error error) {
  statement.outcome = {.kind = "refused", .exit_status = 0, .detail = error.what};
  return {std::move(statement), kExitRunRefused, std::move(error)};
}

int exit_status_of(const Outcome& outcome) {
  switch (outcome.kind) {
    case OutcomeKind::exited:
      return static_cast<int>(std::min<uint32_t>(outcome.exit_status, 255));
    case OutcomeKind::timed_out:
      return kExitRunTimedOut;
    case OutcomeKind::output_closed:
      return kExitRunOutputClosed;
    case OutcomeKind::trapped:
    case OutcomeKind::killed:
    case OutcomeKind::output_limit:
      return kExitRunRefused;
  }
  return kExitRunFailed;
}

// What to tell somebody whose module did not end by itself; the empty text where there is nothing
// to tell.
std::string outcome_message(const Outcome& outcome, const RunRequest& request) {
  switch (outcome.kind) {
    case OutcomeKind::exited:
    case OutcomeKind::output_closed:
      return "";
    case OutcomeKind::trapped:
      return "the module trapped: " + outcome.detail;
    case OutcomeKind::killed:
      return "the module was killed: " + outcome.detail;
    case OutcomeKind::timed_out:
      return "the module took longer than " +
             std::to_string(
                 std::chrono::duration_cast<std::chrono::seconds>(request.options.timeout)
                     .count()) +
             " s";
    case OutcomeKind::output_limit:
      return "the module wrote too much";
  }
  return "";
}

Result<void> check_module(ByteView module, uint64_t memory_bytes) {
  const WasmModule parsed = TRY(read_wasm_module(module));
  TRY(check_runnable(parsed));
  for (const MemoryLimits& memory : parsed.memories) {
    if (memory.initial_pages * kWasmPageBytes > memory_bytes) {
      return Error{ErrorCode::refused,
                   "the module begins with " + std::to_string(memory.initial_pages) +
                       " pages of memory, over --memory (" +
                       std::to_string(memory_bytes / kWasmPageBytes) + " pages of 64 KiB)",
                   "give it more with --memory"};
    }
  }
  return {};
}

Result<NativeObject> compile(ByteView module, const RunRequest& request, Output& output) {
  CompileOptions options;
  options.cache_dir = TRY(object_cache_directory());
  options.progress = [&](std::string_view step) {
    output.progress(std::string(step) + " " + request.module_name);
  };
  Result<NativeObject> object = compile_module(module, options);
  output.end_progress();
  return object;
}

// Fails where Quoin fails; a module that is refused is a Run.
Result<Run> run_module(ByteView module, const RunRequest& request, Statement statement,
                       Output& output) {
  if (const Result<void> checked = check_module(module, request.options.memory_bytes);
      !checked.ok()) {
    if (const Result<Toolchain> toolchain = find_toolchain(); toolchain.ok()) {
      add_toolchain(statement, *toolchain);
    }
    return refused(std::move(statement), checked.error());
  }
  const Result<NativeObject> object = compile(module, request, output);
  if (!object.ok()) {
    if (object.error().code != ErrorCode::refused) return object.error();
    add_toolchain(statement, TRY(find_toolchain()));
    return refused(std::move(statement), object.error());
  }
  add_toolchain(statement, object->toolchain);
  statement.native_object_sha256 = object->sha256;

  RunOptions options = request.options;
  options.stdin_fd = STDIN_FILENO;
  options.stdout_fd = STDOUT_FILENO;
  options.stderr_fd = STDERR_FILENO;
  statement.started = now();  // compiling is not running
  const Result<RunRecord> record = run_object(object->bytes, options);
  if (!record.ok()) {
    if (record.error().code != ErrorCode::refused) return record.error();
    // It may have run for a while: nobody knows what went in and out.
    return Run{std::nullopt, kExitRunRefused, record.error()};
  }
  add_record(statement, *record);
  const std::string message = outcome_message(record->outcome, request);
  return Run{std::move(statement), exit_status_of(record->outcome), {.what = message}};
}

Result<int> run(const Arguments& arguments, Output& output) {
  const RunRequest request = TRY(read_run_request(arguments));
  const std::unique_ptr<td::Td> td = TRY(open_platform(arguments, output));
  std::optional<OutputFile> receipt_file;
  if (request.receipt_path) receipt_file.emplace(TRY(OutputFile::open(*request.receipt_path)));
  const Bytes module = TRY(Inputs(STDIN_FILENO).read(request.module_path, kMaxModuleBytes));

  Statement statement = begin_statement(request, module, now());
  // Whatever cannot be stated is better known before the module has run.
  if (request.receipt_path) TRY(write_statement(statement));
  Run done = TRY(run_module(module, request, std::move(statement), output));
  const UtcTime finished = now();
  if (!done.error.what.empty()) output.error(done.error);

  if (receipt_file && !done.statement) {
    output.warning("no receipt: what the module did could not be recorded");
  } else if (receipt_file) {
    done.statement->finished = finished;
    Bytes collateral;
    if (request.simulate) collateral = TRY(simulator_collateral(finished));
    const Bytes receipt = TRY(make_receipt(*td, std::move(*done.statement), std::move(collateral)));
    TRY(receipt_file->write(receipt));
    if (output.watched()) {
      output.warning("receipt written to " + *request.receipt_path +
                     (request.simulate ? " (SIMULATED)" : ""));
    }
  }
  return done.exit_status;
}

int run_run(const Arguments& arguments, Output& output) {
  const Result<int> status = run(arguments, output);
  if (status.ok()) return *status;
  output.error(status.error());
  return kExitRunFailed;
}

}  // namespace

constexpr Command kRunCommand = {
    .name = "run",
    .summary = "run a WebAssembly module, and write a receipt of what ran",
    .positional = "MODULE.wasm",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_run,
    .passes_arguments = true,
    .usage_status = kExitRunFailed,
};

}  // namespace quoin::cli
