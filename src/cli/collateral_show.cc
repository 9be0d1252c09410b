#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "quoin/collateral.h"
#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/exit_status.h"
#include "src/cli/files.h"
#include "src/cli/named_files.h"
#include "src/cli/system.h"
#include "src/cli/value.h"
#include "src/collateral/parts.h"
#include "src/pcs/bundle.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Shows which platforms a bundle of collateral is for, and until when it holds. Nothing is\n"
    "verified: quoin verify does that. quoin inspect shows every field.";

constexpr std::array kExamples = {
    Example{"does it still hold?", "quoin collateral show collateral.json"},
};
constexpr std::array kOptions = {Option{"--json", "", "print JSON"}};
constexpr std::array kExits = {
    ExitMeaning{kExitOk, "it holds, by its own word"},
    ExitMeaning{kExitRefused, "it does not hold any more"},
    ExitMeaning{kExitUsage, "the command line is wrong, or the file cannot be read"},
    ExitMeaning{kExitMalformed, "the file is no bundle of collateral"},
    ExitMeaning{kExitCollateralMissing, "a part of the bundle is missing"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

template <typename Issued>
Value::Object describe_issued(const Issued& issued) {
  return {{"issued", to_string(issued.issue_date)},
          {"next_update", to_string(issued.next_update)},
          {"tcb_evaluation_data_number", uint64_t{issued.tcb_evaluation_data_number}},
          {"repeated_name", issued.repeated_name ? Value(*issued.repeated_name) : Value()}};
}

Value::Object describe_crl(const x509::Crl& crl) {
  return {{"issuer", crl.issuer.common_name},
          {"this_update", to_string(crl.this_update)},
          {"next_update", to_string(crl.next_update)},
          {"revoked", uint64_t{crl.revoked.size()}}};
}

Value describe_summary(ByteView bundle, const Collateral& collateral, bool holds) {
  const Collateral::Parts& parts = collateral.parts();
  const Result<pcs::Provenance> provenance = pcs::read_provenance(bundle);
  Value source;
  Value fetched_at;
  if (provenance.ok()) {
    source = provenance->source;
    fetched_at = to_string(provenance->fetched_at);
  }
  return Value::Object{
      {"tee", parts.tcb_info.id == TcbInfoId::tdx ? "TDX" : "SGX"},
      {"fmspc", Value::hex(parts.tcb_info.fmspc)},
      {"holds_until", to_string(pcs::next_update(collateral))},
      {"holds", holds},
      {"source", std::move(source)},
      {"fetched_at", std::move(fetched_at)},
      {"tcb_info", describe_issued(parts.tcb_info)},
      {"qe_identity", describe_issued(parts.qe_identity)},
      {"pck_crl", describe_crl(parts.pck_crl.crl)},
      {"root_ca_crl", describe_crl(parts.root_ca_crl.crl)},
  };
}

Result<int> show(const Arguments& arguments, Output& output) {
  Inputs inputs(STDIN_FILENO);
  const std::string_view path = TRY(arguments.only_positional("FILE"));
  const Bytes file = TRY(read_named(inputs, path));
  const Result<Collateral> collateral = Collateral::parse(file);
  if (!collateral.ok()) return in_file(path, collateral.error());
  const bool holds = now() <= pcs::next_update(*collateral);
  const Value summary = describe_summary(file, *collateral, holds);
  output.data(arguments.has("--json") ? to_json(summary) : to_text(summary));
  return holds ? kExitOk : kExitRefused;
}

int run_show(const Arguments& arguments, Output& output) {
  const Result<int> status = show(arguments, output);
  if (status.ok()) return *status;
  output.error(status.error());
  return exit_status_of(status.error().code);
}

}  // namespace

constexpr Command kCollateralShowCommand = {
    .name = "collateral show",
    .summary = "show which platforms collateral is for, and until when it holds",
    .positional = "FILE|-",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_show,
};

}  // namespace quoin::cli
