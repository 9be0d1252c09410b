#include "src/cli/run_receipt.h"

#include <string>
#include <utility>

#include "quoin/quote.h"
#include "src/base/try.h"
#include "src/cli/evidence.h"
#include "src/cli/system.h"
#include "src/crypto/sha2.h"
#include "src/receipt/report_data.h"

namespace quoin::cli {
namespace {

Content empty_content() { return {.sha256 = sha256(ByteView()), .size = 0}; }

Content content_of(const StreamDigest& stream) {
  return {.sha256 = stream.sha256, .size = stream.size};
}

std::vector<NamedContent> contents_of(const std::vector<FileDigest>& files) {
  std::vector<NamedContent> contents;
  contents.reserve(files.size());
  for (const FileDigest& file : files) {
    contents.push_back({file.guest_path, {.sha256 = file.sha256, .size = file.size}});
  }
  return contents;
}

Result<Receipt> sign(td::Td& td, const Statement& statement) {
  Receipt receipt;
  receipt.payload_type = kReceiptPayloadType;
  receipt.payload = TRY(write_statement(statement));
  receipt.quote = TRY(td.quote(report_data_for(receipt.payload_type, receipt.payload)));
  return receipt;
}

}  // namespace

Statement begin_statement(const RunRequest& request, ByteView module, UtcTime started) {
  Statement statement;
  statement.module_name = request.module_name;
  statement.module_sha256 = sha256(module);
  statement.simulated = request.simulate;
  statement.quoin_version = version();
  statement.arguments = request.options.arguments;
  for (const auto& [name, value] : request.options.environment) {
    statement.environment.push_back({name, sha256(as_bytes(value))});
  }
  statement.nonce = request.nonce;
  statement.started = started;
  statement.finished = started;
  statement.standard_input = empty_content();
  statement.outcome.kind = "refused";
  statement.standard_output = empty_content();
  statement.standard_error = empty_content();
  return statement;
}

void add_toolchain(Statement& statement, const Toolchain& toolchain) {
  statement.runtime_sha256 = toolchain.runtime_digest;
  statement.toolchain_sha256 = toolchain.digest;
  statement.wasm2c_version = toolchain.wasm2c_version;
  statement.cc_version = toolchain.cc_version;
}

void add_record(Statement& statement, const RunRecord& record) {
  statement.standard_input = content_of(record.stdin_digest);
  statement.inputs = contents_of(record.inputs);
  statement.outcome = {.kind = std::string(to_string(record.outcome.kind)),
                       .exit_status = record.outcome.exit_status,
                       .detail = record.outcome.detail};
  statement.standard_output = content_of(record.stdout_digest);
  statement.standard_error = content_of(record.stderr_digest);
  statement.outputs = contents_of(record.outputs);
}

Result<Bytes> make_receipt(td::Td& td, Statement statement, Bytes collateral) {
  Receipt receipt = TRY(sign(td, statement));
  const Quote quote = TRY(parse_quote(receipt.quote));
  if (names_simulator(quote) && !statement.simulated) {
    statement.simulated = true;
    receipt = TRY(sign(td, statement));
  }
  receipt.collateral = std::move(collateral);
  return write_receipt(receipt);
}

}  // namespace quoin::cli
