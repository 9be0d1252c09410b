#include <unistd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "quoin/seal.h"
#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/exit_status.h"
#include "src/cli/files.h"
#include "src/cli/key_options.h"
#include "src/cli/options.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Derives a key from the root secret of a policy: the same each time, for as long as whoever\n"
    "gives the root (a key broker, or the simulator) keeps it, and unrelated to the key of any\n"
    "other label, size, module or policy. With --module it is the key that this module derives "
    "for\n"
    "itself, and that no other can.\n"
    "\n"
    "A broker's operator can give a policy a new root (quoin broker rotate), and all of its keys\n"
    "change. --epoch asks for those of an older root, until that is retired.\n"
    "\n"
    "Where this machine has no key source, there is no key (NO_KEY_SOURCE): one from what anybody\n"
    "can compute would be a secret from nobody.";

constexpr std::array kExamples = {
    Example{"a key for a disk, in a TD whose image pins the broker",
            "quoin derive-key --broker keys.example:4434 --broker-spki /etc/quoin/broker.spki "
            "--policy-id app --label disk --out disk.key"},
    Example{"the key from before a rotation, to change the disk to the new one",
            "quoin derive-key --broker keys.example:4434 --broker-spki /etc/quoin/broker.spki "
            "--policy-id app --epoch 1 --label disk --out old.key"},
    Example{"a key for a disk, in a simulated TD",
            "quoin derive-key --simulate --label disk --out disk.key"},
    Example{"as hex", "quoin derive-key --simulate --label session --size 16 --hex"},
};
constexpr auto kOptions = with_key_source_options(std::array{
    Option{"--label", "TEXT", "which key, in 1 to 256 bytes"},
    Option{"--size", "BYTES", "how large, from 16 to 8160 (32)"},
    kModuleOption,
    kPolicyIdOption,
    Option{"--epoch", "N", "which root of the policy, from 1 (the current one)"},
    Option{"--hex", "", "write hex digits and a line break, also to a terminal"},
    Option{"--out", "FILE", "write the file, mode 0600, instead of standard output"},
});
constexpr std::array kExits = {
    ExitMeaning{kExitOk, "the key was written"},
    ExitMeaning{kExitRefused, "there is no key source, or it gives no root for this policy"},
    ExitMeaning{kExitUsage,
                "the command line is wrong, a file cannot be read or written, or the key broker is "
                "not reached or cannot decide"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

// In hex with a line break. to_hex() would leave a copy behind.
SecretBytes hex_line(ByteView key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  SecretBytes line(2 * key.size() + 1);
  const std::span<uint8_t> out = line.mutable_view();
  for (size_t i = 0; i < key.size(); ++i) {
    out[2 * i] = static_cast<uint8_t>(kDigits[key[i] >> 4]);
    out[2 * i + 1] = static_cast<uint8_t>(kDigits[key[i] & 15]);
  }
  out.back() = '\n';
  return line;
}

Result<void> emit_key(const Arguments& arguments, ByteView key, Output& output) {
  if (const auto path = arguments.get("--out")) {
    PendingFile pending = TRY(begin_private_file(*path));
    TRY(pending.write(key));
    return pending.commit();
  }
  output.data(as_text(key));
  return {};
}

struct DeriveRequest {
  KeyRequest key;
  size_t size = 32;
  std::optional<uint64_t> epoch;
};

Result<DeriveRequest> read_request(const Arguments& arguments) {
  if (!arguments.positional().empty()) {
    return usage_error("'" + std::string(arguments.positional().front()) + "' is one too many",
                       "--help shows examples");
  }
  if (!arguments.has("--label")) {
    return usage_error("needs --label", "every key has a name of its own: --label disk, say");
  }
  if (!arguments.has("--out") && !arguments.has("--hex") && isatty(STDOUT_FILENO) == 1) {
    return usage_error("a key is not for a terminal", "name a file with --out, or ask for --hex");
  }
  DeriveRequest request;
  request.key = TRY(read_key_request(arguments));
  if (const auto size = arguments.get("--size")) {
    request.size = TRY(parse_number("--size", *size, kMinDerivedKeyBytes, kMaxDerivedKeyBytes));
  }
  if (const auto epoch = arguments.get("--epoch")) {
    request.epoch = TRY(parse_number("--epoch", *epoch, 1, UINT64_MAX));
  }
  return request;
}

Result<void> derive(const Arguments& arguments, const DeriveRequest& request,
                    RootSecretProvider& roots, Output& output) {
  const RootSecret root =
      TRY(roots.root_secret({.policy_id = request.key.policy_id, .epoch = request.epoch}));
  SecretBytes key(request.size);
  const KeyPurpose purpose =
      request.key.context.module ? KeyPurpose::guest : KeyPurpose::application;
  TRY(derive_key(root, purpose, request.key.context, key.mutable_view()));
  if (arguments.has("--hex")) key = hex_line(key.view());
  return emit_key(arguments, key.view(), output);
}

int finish_key(const Result<void>& result, Output& output) {
  if (result.ok()) return kExitOk;
  output.error(result.error());
  return exit_status_of_key_error(result.error().code);
}

int run_derive_key(const Arguments& arguments, Output& output) {
  const Result<DeriveRequest> request = read_request(arguments);
  if (!request.ok()) return finish_key(request.error(), output);
  const Result<std::unique_ptr<RootSecretProvider>> source = key_source(arguments, output);
  if (!source.ok()) {
    output.error(source.error());
    return exit_status_of_no_source(source.error().code);
  }
  RootSecretProvider& roots = **source;
  return finish_key(derive(arguments, *request, roots, output), output);
}

}  // namespace

constexpr Command kDeriveKeyCommand = {
    .name = "derive-key",
    .summary = "derive a key that only this TD can have",
    .positional = "",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_derive_key,
};

}  // namespace quoin::cli
