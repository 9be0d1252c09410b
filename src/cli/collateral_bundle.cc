#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/exit_status.h"
#include "src/cli/files.h"
#include "src/cli/named_files.h"
#include "src/net/http.h"
#include "src/pcs/bundle.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Puts collateral that was fetched by other means into one bundle. TCB info and QE identity "
    "are\n"
    "the service's answers as they came, since their exact bytes are signed. Chains are in PEM, "
    "or\n"
    "percent-encoded as they stand in the answers' headers. CRLs are in DER, PEM, hex or Base64.";

constexpr std::array kExamples = {
    Example{"from what curl -D headers fetched",
            "quoin collateral bundle --tcb-info tcb.json --tcb-info-chain tcb-chain.pem \\\n"
            "  --qe-identity qe.json --qe-identity-chain qe-chain.pem \\\n"
            "  --pck-crl pck.crl --pck-crl-chain pck-chain.pem --root-ca-crl root.crl \\\n"
            "  --out collateral.json"},
};
constexpr std::array kOptions = {
    Option{"--tcb-info", "FILE", "{\"tcbInfo\": ..., \"signature\": ...}"},
    Option{"--tcb-info-chain", "FILE", "TCB-Info-Issuer-Chain"},
    Option{"--qe-identity", "FILE", "{\"enclaveIdentity\": ..., \"signature\": ...}"},
    Option{"--qe-identity-chain", "FILE", "SGX-Enclave-Identity-Issuer-Chain"},
    Option{"--pck-crl", "FILE", "of the CA that issued the platform's PCK certificate"},
    Option{"--pck-crl-chain", "FILE", "SGX-PCK-CRL-Issuer-Chain"},
    Option{"--root-ca-crl", "FILE", "of the root CA"},
    Option{"--out", "FILE", "write the file instead of standard output"},
};
constexpr std::array kExits = {
    ExitMeaning{kExitOk, "done"},
    ExitMeaning{kExitUsage, "the command line is wrong, or a file cannot be read or written"},
    ExitMeaning{kExitMalformed, "a file is not what it should be"},
    ExitMeaning{kExitCollateralMissing, "a part of the collateral is missing"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

Result<Bytes> read_part(const Arguments& arguments, Inputs& inputs, std::string_view option) {
  const auto path = arguments.get(option);
  if (!path) {
    return usage_error(std::string(option) + " is missing", "a bundle is made of all seven files");
  }
  return read_named(inputs, *path);
}

Result<std::string> read_chain(const Arguments& arguments, Inputs& inputs,
                               std::string_view option) {
  const Bytes file = TRY(read_part(arguments, inputs, option));
  const std::string_view text = as_text(file);
  // A chain in PEM has blanks in its first line; percent-encoded, it has none.
  if (!text.starts_with("-----BEGIN%20")) return std::string(text);
  const size_t end = text.find_last_not_of("\r\n");
  auto chain = net::percent_decoded(text.substr(0, end + 1));
  if (!chain.ok()) return in_file(*arguments.get(option), chain.error());
  return chain;
}

Result<Bytes> read_crl(const Arguments& arguments, Inputs& inputs, std::string_view option) {
  auto crl = pcs::decode_crl(TRY(read_part(arguments, inputs, option)));
  if (!crl.ok()) return in_file(*arguments.get(option), crl.error());
  return crl;
}

Result<pcs::SignedAnswer> read_answer(const Arguments& arguments, Inputs& inputs,
                                      std::string_view option, std::string_view chain_option) {
  const Bytes file = TRY(read_part(arguments, inputs, option));
  return pcs::SignedAnswer{.answer = std::string(as_text(file)),
                           .issuer_chain = TRY(read_chain(arguments, inputs, chain_option))};
}

Result<void> bundle(const Arguments& arguments, Output& output) {
  if (!arguments.positional().empty()) {
    return usage_error("'" + std::string(arguments.positional().front()) + "' is one too many",
                       "every file is named by an option: --help shows an example");
  }
  Inputs inputs(STDIN_FILENO);
  pcs::BundleParts parts;
  parts.tcb_info = TRY(read_answer(arguments, inputs, "--tcb-info", "--tcb-info-chain"));
  parts.qe_identity = TRY(read_answer(arguments, inputs, "--qe-identity", "--qe-identity-chain"));
  parts.pck_crl = TRY(read_crl(arguments, inputs, "--pck-crl"));
  parts.pck_crl_issuer_chain = TRY(read_chain(arguments, inputs, "--pck-crl-chain"));
  parts.root_ca_crl = TRY(read_crl(arguments, inputs, "--root-ca-crl"));
  const Bytes made = TRY(pcs::write_bundle(parts));
  if (const auto path = arguments.get("--out")) return write_file(std::string(*path), made);
  output.data(as_text(made));
  return {};
}

int run_bundle(const Arguments& arguments, Output& output) {
  const Result<void> result = bundle(arguments, output);
  if (result.ok()) return kExitOk;
  output.error(result.error());
  return exit_status_of(result.error().code);
}

}  // namespace

constexpr Command kCollateralBundleCommand = {
    .name = "collateral bundle",
    .summary = "put collateral from separate files into one bundle",
    .positional = "",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_bundle,
};

}  // namespace quoin::cli
