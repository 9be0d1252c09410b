#include "src/cli/run_request.h"

#include <chrono>
#include <string_view>
#include <utility>

#include "src/base/try.h"
#include "src/cli/options.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kReadOnly = ":ro";
constexpr uint64_t kMaxTimeoutSeconds = uint64_t{365} * 24 * 3600;
constexpr uint64_t kMaxMemoryMib = 4095;  // of the 4 GiB that 32 bits address, one page is not ours

// "GUEST=HOST", or "GUEST=HOST:ro".
Result<Preopen> parse_preopen(std::string_view text) {
  Preopen preopen;
  std::string_view paths = text;
  preopen.read_only = paths.ends_with(kReadOnly);
  if (preopen.read_only) paths.remove_suffix(kReadOnly.size());
  const size_t equals = paths.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == paths.size()) {
    return usage_error("--dir " + std::string(text) + ": not understood",
                       "wanted GUEST=HOST or GUEST=HOST:ro, such as /data=./input:ro");
  }
  preopen.guest_path = paths.substr(0, equals);
  preopen.host_path = paths.substr(equals + 1);
  return preopen;
}

// "K=V"; V may be empty.
Result<std::pair<std::string, std::string>> parse_variable(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return usage_error("--env " + std::string(text) + ": not understood",
                       "wanted NAME=VALUE, such as LANG=C");
  }
  return std::pair(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
}

Result<std::string_view> module_path(const Arguments& arguments) {
  if (arguments.positional().size() > 1) {
    return usage_error("'" + std::string(arguments.positional()[1]) + "' is one too many",
                       "the module's own arguments stand behind --");
  }
  return arguments.only_positional("MODULE.wasm");
}

}  // namespace

Result<RunRequest> read_run_request(const Arguments& arguments) {
  RunRequest request;
  request.module_path = TRY(module_path(arguments));
  request.module_name = request.module_path.substr(request.module_path.rfind('/') + 1);
  request.simulate = arguments.has("--simulate");
  if (const auto nonce = arguments.get("--nonce")) {
    request.nonce = TRY(parse_nonce("--nonce", *nonce));
  }
  if (const auto path = arguments.get("--receipt")) {
    if (path->empty() || *path == "-") {
      return usage_error("--receipt needs a file", "standard output is the module's");
    }
    request.receipt_path = *path;
  }
  if (request.nonce && !request.receipt_path) {
    return usage_error("--nonce goes into a receipt, and none is asked for", "add --receipt FILE");
  }

  RunOptions& options = request.options;
  options.arguments.push_back(request.module_name);
  for (const std::string_view word : arguments.passed()) options.arguments.emplace_back(word);
  for (const std::string_view text : arguments.all("--env")) {
    options.environment.push_back(TRY(parse_variable(text)));
  }
  for (const std::string_view text : arguments.all("--dir")) {
    options.preopens.push_back(TRY(parse_preopen(text)));
  }
  if (const auto seconds = arguments.get("--timeout")) {
    options.timeout =
        std::chrono::seconds(TRY(parse_number("--timeout", *seconds, 1, kMaxTimeoutSeconds)));
  }
  if (const auto mebibytes = arguments.get("--memory")) {
    options.memory_bytes = TRY(parse_number("--memory", *mebibytes, 1, kMaxMemoryMib)) << 20;
  }
  return request;
}

}  // namespace quoin::cli
