#include "quoin/seal.h"

#include <unistd.h>

#include <array>
#include <functional>
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
#include "src/cli/key_options.h"
#include "src/cli/security_log.h"
#include "src/cli/system.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kSealDescription =
    "Encrypts a file so that only this TD can open it: AES-256-GCM under a key that is derived "
    "from\n"
    "the root secret of a policy. Whoever gives the root (a key broker, or the simulator) gives "
    "it\n"
    "to a TD that the policy accepts, and to no other. Policy, label and module stand in the "
    "sealed\n"
    "data in clear, and its size says that of the plaintext.\n"
    "\n"
    "Where this machine has no key source, nothing is sealed (NO_KEY_SOURCE): a key from what\n"
    "anybody can compute would protect nothing. --simulate seals under the simulator's key, which\n"
    "lies in a file of yours; such data never opens elsewhere.";

constexpr std::string_view kUnsealDescription =
    "Opens what quoin seal has sealed, under the same root, policy, label and module. Anything "
    "that\n"
    "was changed, cut off, moved or put together from parts does not open.\n"
    "\n"
    "A file is written whole or not at all. On standard output each piece comes as soon as it is\n"
    "authenticated: only the exit status says that it was all.";

constexpr std::array kSealExamples = {
    Example{"in a TD, under a key of a broker that the image pins",
            "quoin seal --broker keys.example:4434 --broker-spki /etc/quoin/broker.spki "
            "--policy-id app --out state.sealed state"},
    Example{"seal a file in a simulated TD",
            "quoin seal --simulate --label db-password --out password.sealed password.txt"},
    Example{"from a pipe, for one module",
            "tar c state | quoin seal --simulate --module app.wasm --out state.sealed -"},
};
constexpr std::array kUnsealExamples = {
    Example{"in a TD",
            "quoin unseal --broker keys.example:4434 --broker-spki /etc/quoin/broker.spki "
            "--policy-id app --out state state.sealed"},
    Example{"open it again",
            "quoin unseal --simulate --label db-password --out password.txt password.sealed"},
    Example{"into a pipe, which acts on it only when all of it has opened",
            "quoin unseal --simulate --module app.wasm --out state.tar state.sealed && tar x -f "
            "state.tar"},
};

constexpr Option kLabelOption = {"--label", "TEXT", "what it is, in 1 to 256 bytes (data)"};
constexpr Option kPrivateOutOption = {"--out", "FILE",
                                      "write the file, mode 0600, instead of standard output"};
constexpr auto kOptions = with_key_source_options(
    std::array{kLabelOption, kModuleOption, kPolicyIdOption, kPrivateOutOption});
constexpr auto kUnsealOptions = with_key_source_options(std::array{
    kLabelOption, kModuleOption, kPolicyIdOption, kPrivateOutOption, kSecurityLogOption});
constexpr std::array kSealExits = {
    ExitMeaning{kExitOk, "sealed"},
    ExitMeaning{kExitRefused, "there is no key source, or it gives no root for this policy"},
    ExitMeaning{kExitUsage,
                "the command line is wrong, a file cannot be read or written, or the key broker is "
                "not reached or cannot decide"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};
constexpr std::array kUnsealExits = {
    ExitMeaning{kExitOk, "all of it has opened"},
    ExitMeaning{kExitRefused, "it does not open, or there is no key source"},
    ExitMeaning{kExitUsage,
                "the command line is wrong, a file cannot be read or written, or the key broker is "
                "not reached or cannot decide"},
    ExitMeaning{kExitMalformed, "this is no sealed data, or its header is malformed"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

// Tells a terminal how far a large file has got.
class Progress {
 public:
  Progress(Output& output, std::string verb, std::optional<uint64_t> size)
      : output_(output), verb_(std::move(verb)), size_(size) {}
  ~Progress() { output_.end_progress(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void add(size_t count) {
    constexpr uint64_t kStep = uint64_t{32} << 20;
    const uint64_t before = done_;
    done_ += count;
    if (before / kStep == done_ / kStep) return;
    std::string far = std::to_string(done_ >> 20) + " MiB";
    if (size_ && *size_ >= done_) far += " of " + std::to_string(*size_ >> 20);
    output_.progress(verb_ + " " + far);
  }

 private:
  Output& output_;
  std::string verb_;
  std::optional<uint64_t> size_;
  uint64_t done_ = 0;
};

using Transform = std::function<Result<void>(const ByteSource&, const ByteSink&)>;

// From the file that the command line names to the one of --out, or to standard output.
Result<void> transform_file(const Arguments& arguments, Output& output, std::string verb,
                            const Transform& transform) {
  const std::string_view path = TRY(arguments.only_positional("FILE"));
  const InputStream input = TRY(InputStream::open(path, STDIN_FILENO));
  Progress progress(output, std::move(verb), input.size());
  const ByteSource source = [&](std::span<uint8_t> out) {
    const Result<size_t> count = input.read(out);
    if (count.ok()) progress.add(*count);
    return count;
  };
  if (const auto out = arguments.get("--out")) {
    PendingFile pending = TRY(begin_private_file(*out));
    TRY(transform(source, [&](ByteView bytes) { return pending.write(bytes); }));
    return pending.commit();
  }
  return transform(source, [&](ByteView bytes) -> Result<void> {
    output.data(as_text(bytes));
    if (!output.failed()) return {};
    return Error{ErrorCode::io, "cannot write to standard output"};
  });
}

int finish_key(const Result<void>& result, Output& output) {
  if (result.ok()) return kExitOk;
  // It has been told.
  if (output.failed()) return kExitOutput;
  output.error(result.error());
  return exit_status_of_key_error(result.error().code);
}

int run_seal(const Arguments& arguments, Output& output) {
  const Result<KeyRequest> request = read_key_request(arguments);
  if (!request.ok()) return finish_key(request.error(), output);
  if (!arguments.has("--out") && isatty(STDOUT_FILENO) == 1) {
    return finish_key(usage_error("sealed data is not for a terminal", "name a file with --out"),
                      output);
  }
  const Result<std::unique_ptr<RootSecretProvider>> key_roots = key_source(arguments, output);
  if (!key_roots.ok()) {
    output.error(key_roots.error());
    return exit_status_of_no_source(key_roots.error().code);
  }
  RootSecretProvider& roots = **key_roots;
  const auto seal_to = [&](const ByteSource& source, const ByteSink& sink) -> Result<void> {
    const RootSecret root =
        TRY(roots.root_secret({.policy_id = request->policy_id, .epoch = std::nullopt}));
    return seal_stream(root, request->context, fresh_seal_salt(), source, sink);
  };
  return finish_key(transform_file(arguments, output, "sealing", seal_to), output);
}

// Remembers whether there was no root: that says nothing of the data.
class WatchedRoots final : public RootSecretProvider {
 public:
  explicit WatchedRoots(RootSecretProvider& roots) : roots_(roots) {}

  Result<RootSecret> root_secret(const RootRequest& request) override {
    Result<RootSecret> root = roots_.root_secret(request);
    failed_ = !root.ok();
    return root;
  }
  bool failed() const { return failed_; }

 private:
  RootSecretProvider& roots_;
  bool failed_ = false;
};

SecurityEventId event_of_unsealing(const Result<void>& opened, bool has_root) {
  if (opened.ok()) return SecurityEventId::seal_opened;
  if (!has_root) return SecurityEventId::seal_failed;
  switch (opened.error().code) {
    case ErrorCode::refused:
    case ErrorCode::malformed:
    case ErrorCode::truncated:
    case ErrorCode::trailing_bytes:
    case ErrorCode::too_large:
    case ErrorCode::unsupported:
      return SecurityEventId::seal_refused;
    default:
      return SecurityEventId::seal_failed;
  }
}

int run_unseal(const Arguments& arguments, Output& output) {
  const Result<KeyRequest> request = read_key_request(arguments);
  if (!request.ok()) return finish_key(request.error(), output);
  const Result<SecurityLog> log = open_security_log(arguments);
  if (!log.ok()) return finish_key(log.error(), output);
  const auto write_down = [&](SecurityEventId id, const Result<void>& opened) {
    SecurityEvent event(id, now());
    event.text("label", request->context.label);
    return log->write(opened.ok() ? event : event.error(opened.error()));
  };
  const Result<std::unique_ptr<RootSecretProvider>> key_roots = key_source(arguments, output);
  if (!key_roots.ok()) {
    output.error(key_roots.error());
    const Result<void> written = write_down(SecurityEventId::seal_failed, key_roots.error());
    if (!written.ok()) return finish_key(written, output);
    return exit_status_of_no_source(key_roots.error().code);
  }
  WatchedRoots roots(**key_roots);
  const auto unseal_to = [&](const ByteSource& source, const ByteSink& sink) -> Result<void> {
    const Result<void> opened =
        unseal_stream(roots, request->policy_id, request->context, source, sink);
    TRY(write_down(event_of_unsealing(opened, !roots.failed()), opened));
    return opened;
  };
  return finish_key(transform_file(arguments, output, "unsealing", unseal_to), output);
}

}  // namespace

constexpr Command kSealCommand = {
    .name = "seal",
    .summary = "encrypt a file so that only this TD can open it",
    .positional = "FILE|-",
    .description = kSealDescription,
    .examples = kSealExamples,
    .options = kOptions,
    .exit_statuses = kSealExits,
    .run = run_seal,
};

constexpr Command kUnsealCommand = {
    .name = "unseal",
    .summary = "open what quoin seal has sealed",
    .positional = "FILE|-",
    .description = kUnsealDescription,
    .examples = kUnsealExamples,
    .options = kUnsealOptions,
    .exit_statuses = kUnsealExits,
    .run = run_unseal,
};

}  // namespace quoin::cli
