// What `quoin seal`, `quoin unseal` and `quoin derive-key` have in common: whose key, under which
// policy.

#ifndef QUOIN_SRC_CLI_KEY_OPTIONS_H_
#define QUOIN_SRC_CLI_KEY_OPTIONS_H_

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "quoin/result.h"
#include "quoin/seal.h"
#include "src/cli/arguments.h"
#include "src/cli/command.h"
#include "src/cli/fetch.h"
#include "src/cli/files.h"
#include "src/cli/output.h"
#include "src/cli/td_command.h"

namespace quoin::cli {

inline constexpr Option kPolicyIdOption = {"--policy-id", "ID",
                                           "the policy whose root is asked for (default)"};
inline constexpr Option kModuleOption = {"--module", "FILE|SHA256",
                                         "for this WebAssembly module, by its file or its digest"};

// Who gives the root, and which TD asks for it: the options that all three commands have.
inline constexpr std::array kKeySourceOptions = {
    Option{"--broker", "HOST:PORT", "ask this key broker, with a quote of this TD"},
    Option{"--broker-spki", "HEX|FILE|mr_config_id",
           "the broker's key, as quoin broker init prints it: no other is asked; mr_config_id is "
           "what this TD's MRCONFIGID begins with, which its host chose"},
    Option{"--broker-policy", "FILE",
           "the broker is a TD that this policy (TOML) wants; alone or besides --broker-spki"},
    Option{"--minimum-epoch", "N", "refuse a broker whose policy is at a lower epoch"},
    Option{"--collateral", "FILE",
           "verify the broker's evidence with this collateral; else it is fetched"},
    kPccsOption,
    kPccsCaOption,
    Option{"--trust-root", "FILE", "trust this root for the broker's evidence", true},
    Option{"--trust-simulator", "", "trust this machine's simulator for the broker's evidence"},
    kTdRootOption,
    kViaOption,
    kQgsOption,
    kLogOption,
    Option{"--simulate", "",
           "take the keys of the simulator, which protect nothing; with --broker, ask as a "
           "simulated TD"},
    Option{"--td", "NAME", "the simulated TD that asks: quoin sim td list (default)"},
    Option{
        "--timeout", "S",
        "give the broker that many seconds (30); looking up its name and fetching collateral are "
        "not held to it"},
};

template <size_t Size>
constexpr auto with_key_source_options(const std::array<Option, Size>& own) {
  std::array<Option, Size + kKeySourceOptions.size()> options;
  std::ranges::copy(kKeySourceOptions, std::ranges::copy(own, options.begin()).out);
  return options;
}

// Whose key is wanted.
struct KeyRequest {
  std::string policy_id;
  KeyContext context;
};

// The label of what is sealed without one.
inline constexpr std::string_view kDefaultLabel = "data";

// Reads --policy-id, --module and --label; a label that is not given is kDefaultLabel. Fails with
// invalid_argument, and when the module's file cannot be read.
Result<KeyRequest> read_key_request(const Arguments& arguments);

// Where roots come from. Says SIMULATED where somebody watches. Fails as root_secrets() does.
Result<std::unique_ptr<RootSecretProvider>> key_source(const Arguments& arguments, Output& output);

// What a command ends with that has no key source: kExitUsage where the command line is wrong, else
// kExitRefused.
int exit_status_of_no_source(ErrorCode code);

// Begins to write the file of --out, which will have mode 0600. Fails with invalid_argument,
// permission or io.
Result<PendingFile> begin_private_file(std::string_view path);

// What a command ends with that failed so: kExitRefused where a key is not given or data does not
// open.
int exit_status_of_key_error(ErrorCode code);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_KEY_OPTIONS_H_
