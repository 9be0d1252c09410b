#include "src/cli/named_files.h"

#include <utility>

#include "src/base/try.h"
#include "src/cli/exit_status.h"
#include "src/cli/simulated_td.h"

namespace quoin::cli {
namespace {

Result<TrustRoot> read_simulator_root() {
  const Result<Bytes> root = simulator_root();
  if (!root.ok()) return usage_error(root.error().what, root.error().hint);
  return TrustRoot::parse(*root);
}

// That a file is not there is a mistake of the command line.
template <typename T>
Result<T> named(Result<T> contents) {
  if (contents.ok() || contents.error().code != ErrorCode::not_found) return contents;
  return usage_error(contents.error().what, contents.error().hint);
}

}  // namespace

Result<Bytes> read_named(Inputs& inputs, std::string_view path, size_t max_bytes) {
  return named(inputs.read(path, max_bytes));
}

Result<SecretBytes> read_named_secret(Inputs& inputs, std::string_view path, size_t max_bytes) {
  return named(inputs.read_secret(path, max_bytes));
}

Error in_file(std::string_view path, Error error) {
  error.what = std::string(path) + ": " + error.what;
  return error;
}

std::string path_in(std::string_view directory, std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  return std::string(directory) + "/" + std::string(path);
}

std::string_view directory_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "." : path.substr(0, slash + 1);
}

Result<Policy> read_policy_file(Inputs& inputs, std::string_view path) {
  const Bytes file = TRY(read_named(inputs, path));
  // "-" would be standard input, which a policy cannot mean.
  const auto read_list = [&](std::string_view name) {
    return read_named(inputs, path_in(directory_of(path), name));
  };
  Result<Policy> policy = parse_policy(as_text(file), read_list);
  if (!policy.ok()) return in_file(path, policy.error());
  return policy;
}

Result<RuntimeEventLog> read_event_log_file(Inputs& inputs, std::string_view path) {
  const Bytes file = TRY(read_named(inputs, path));
  Result<RuntimeEventLog> log = RuntimeEventLog::parse(file);
  if (!log.ok()) return in_file(path, log.error());
  return log;
}

Result<Collateral> read_collateral_file(Inputs& inputs, std::string_view path) {
  const Bytes file = TRY(read_named(inputs, path));
  Result<Collateral> collateral = Collateral::parse(file);
  if (!collateral.ok()) return in_file(path, collateral.error());
  return collateral;
}

Result<std::vector<TrustRoot>> read_trust_roots(const Arguments& arguments, Inputs& inputs) {
  std::vector<TrustRoot> roots;
  for (const std::string_view path : arguments.all("--trust-root")) {
    const Bytes file = TRY(read_named(inputs, path));
    Result<TrustRoot> root = TrustRoot::parse(file);
    if (!root.ok()) return in_file(path, root.error());
    roots.push_back(std::move(*root));
  }
  if (roots.empty()) roots.push_back(TrustRoot::intel());
  if (arguments.has("--trust-simulator")) roots.push_back(TRY(read_simulator_root()));
  return roots;
}

int exit_status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::permission:
    case ErrorCode::io:
    case ErrorCode::timed_out:
      return kExitUsage;
    case ErrorCode::not_found:
      return kExitCollateralMissing;
    case ErrorCode::malformed:
    case ErrorCode::truncated:
    case ErrorCode::trailing_bytes:
    case ErrorCode::too_large:
    case ErrorCode::unsupported:
    case ErrorCode::refused:
      return kExitMalformed;
    case ErrorCode::internal:
    case ErrorCode::crypto:
      return kExitBug;
  }
  return kExitBug;
}

}  // namespace quoin::cli
