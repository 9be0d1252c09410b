#include "src/cli/root_secret.h"

#include "src/cli/simulated_td.h"
#include "src/td/detect.h"

namespace quoin::cli {

Result<std::unique_ptr<RootSecretProvider>> root_secrets(const Arguments& arguments) {
  if (arguments.has("--simulate")) return simulated_root_secrets();
  if (td::detect().any()) {
    return no_key_source(
        "this TD has no key broker, and its kernel offers no sealing key",
        "a key from what anybody can compute would protect nothing, so none is made");
  }
  return no_key_source("this machine is not a TDX trust domain",
                       "--simulate takes this user's simulator, which protects nothing");
}

}  // namespace quoin::cli
