#include "src/cli/key_options.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/cli/exit_status.h"
#include "src/cli/named_files.h"
#include "src/cli/root_secret.h"
#include "src/crypto/sha2.h"
#include "src/wasm/module.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDefaultPolicyId = "default";

// A digest, or the file that has it. What looks like a digest is one: a file of such a name can be
// written ./NAME.
Result<ByteArray<32>> read_module_digest(std::string_view text) {
  ByteArray<32> digest{};
  if (from_hex(text, digest).ok()) return digest;
  Inputs inputs(STDIN_FILENO);
  if (text == "-") {
    return usage_error("--module -: standard input is what is sealed",
                       "name a file, or give the module's SHA-256");
  }
  return sha256(TRY(read_named(inputs, text, kMaxModuleBytes)));
}

}  // namespace

Result<KeyRequest> read_key_request(const Arguments& arguments) {
  KeyRequest request;
  request.policy_id = arguments.get("--policy-id").value_or(kDefaultPolicyId);
  if (!is_policy_id(request.policy_id)) {
    return usage_error("--policy-id " + request.policy_id + ": no policy can be called so",
                       "letters, digits and ._- are allowed, 128 at most");
  }
  request.context.label = arguments.get("--label").value_or(kDefaultLabel);
  if (request.context.label.empty() || request.context.label.size() > kMaxKeyLabelBytes) {
    return usage_error("--label: " + std::to_string(request.context.label.size()) + " bytes",
                       "a label has 1 to 256 bytes");
  }
  if (const auto module = arguments.get("--module")) {
    request.context.module = TRY(read_module_digest(*module));
  }
  return request;
}

Result<std::unique_ptr<RootSecretProvider>> key_source(const Arguments& arguments, Output& output) {
  Result<std::unique_ptr<RootSecretProvider>> roots = root_secrets(arguments, output);
  if (!roots.ok()) return roots.error();
  if (arguments.has("--simulate") && output.watched()) {
    output.warning(arguments.has("--broker")
                       ? "SIMULATED: whoever can read this user's files can be given these keys"
                       : "SIMULATED: whoever can read this user's files can make these keys");
  }
  return roots;
}

int exit_status_of_no_source(ErrorCode code) {
  return code == ErrorCode::invalid_argument ? kExitUsage : kExitRefused;
}

Result<PendingFile> begin_private_file(std::string_view path) {
  Result<OutputFile> file = OutputFile::open(std::string(path));
  if (file.ok()) return file->begin(S_IRUSR | S_IWUSR);
  Error error = file.error();
  // Its directory is a mistake of the command line.
  if (error.code == ErrorCode::not_found) error.code = ErrorCode::invalid_argument;
  return error;
}

int exit_status_of_key_error(ErrorCode code) {
  switch (code) {
    case ErrorCode::refused:
    case ErrorCode::not_found:
      return kExitRefused;
    case ErrorCode::malformed:
    case ErrorCode::truncated:
    case ErrorCode::trailing_bytes:
    case ErrorCode::too_large:
    case ErrorCode::unsupported:
      return kExitMalformed;
    case ErrorCode::invalid_argument:
    case ErrorCode::permission:
    case ErrorCode::timed_out:
    case ErrorCode::io:
      return kExitUsage;
    case ErrorCode::crypto:
    case ErrorCode::internal:
      return kExitBug;
  }
  return kExitBug;
}

}  // namespace quoin::cli
