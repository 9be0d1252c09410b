#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "quoin/receipt.h"
#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/base/try.h"
#include "src/receipt/json_fields.h"

namespace quoin {
namespace {

constexpr JsonLimits kLimits = {.max_bytes = size_t{8} << 20, .max_depth = 8};

Result<void> read_digest(const JsonValue& object, ByteArray<32>& out) {
  const JsonValue digest = TRY(object.get("digest"));
  TRY(check_members(digest, {"sha256"}));
  const std::string text = TRY(get_string(digest, "sha256"));
  return from_hex(text, out);
}

Result<uint64_t> read_size(const JsonValue& object) {
  const JsonValue size = TRY(object.get("size"));
  return size.unsigned_integer(std::numeric_limits<uint64_t>::max());
}

Result<Content> read_content(const JsonValue& predicate, std::string_view name) {
  const JsonValue object = TRY(predicate.get(name));
  TRY(check_members(object, {"digest", "size"}));
  Content content;
  TRY(read_digest(object, content.sha256));
  content.size = TRY(read_size(object));
  return content;
}

Result<std::vector<NamedContent>> read_files(const JsonValue& predicate, std::string_view name) {
  const JsonValue list = TRY(predicate.get(name));
  const std::vector<JsonValue> elements = TRY(list.elements());
  std::vector<NamedContent> files;
  for (const JsonValue& element : elements) {
    TRY(check_members(element, {"name", "digest", "size"}));
    NamedContent file;
    file.name = TRY(get_string(element, "name"));
    TRY(read_digest(element, file.content.sha256));
    file.content.size = TRY(read_size(element));
    files.push_back(std::move(file));
  }
  return files;
}

Result<std::vector<EnvironmentDigest>> read_environment(const JsonValue& predicate) {
  const JsonValue list = TRY(predicate.get("environment"));
  const std::vector<JsonValue> elements = TRY(list.elements());
  std::vector<EnvironmentDigest> variables;
  for (const JsonValue& element : elements) {
    TRY(check_members(element, {"name", "digest"}));
    EnvironmentDigest variable;
    variable.name = TRY(get_string(element, "name"));
    TRY(read_digest(element, variable.value_sha256));
    variables.push_back(std::move(variable));
  }
  return variables;
}

Result<std::vector<std::string>> read_arguments(const JsonValue& predicate) {
  const JsonValue list = TRY(predicate.get("arguments"));
  const std::vector<JsonValue> elements = TRY(list.elements());
  std::vector<std::string> arguments;
  arguments.reserve(elements.size());
  for (const JsonValue& element : elements) arguments.push_back(TRY(element.string()));
  return arguments;
}

Result<UtcTime> read_time(const JsonValue& predicate, std::string_view name) {
  const std::string text = TRY(get_string(predicate, name));
  return parse_rfc3339(text);
}

Result<std::optional<Bytes>> read_nonce(const JsonValue& predicate) {
  const JsonValue value = TRY(predicate.get("nonce"));
  if (value.is_null()) return std::optional<Bytes>();
  const std::string text = TRY(value.string());
  return std::optional<Bytes>(TRY(from_hex(text)));
}

Result<RunOutcome> read_outcome(const JsonValue& predicate) {
  const JsonValue object = TRY(predicate.get("outcome"));
  TRY(check_members(object, {"kind", "exit_status", "detail"}));
  RunOutcome outcome;
  outcome.kind = TRY(get_string(object, "kind"));
  const JsonValue exit_status = TRY(object.get("exit_status"));
  outcome.exit_status = static_cast<uint32_t>(
      TRY(exit_status.unsigned_integer(std::numeric_limits<uint32_t>::max())));
  outcome.detail = TRY(get_string(object, "detail"));
  return outcome;
}

// Two subjects: the module under its name, and the native object that was made of it.
Result<void> read_subjects(const JsonValue& document, Statement& statement) {
  const JsonValue list = TRY(document.get("subject"));
  const std::vector<JsonValue> subjects = TRY(list.elements());
  if (subjects.size() != 2) return malformed("receipt: wanted two subjects");
  for (const JsonValue& subject : subjects) TRY(check_members(subject, {"name", "digest"}));
  statement.module_name = TRY(get_string(subjects[0], "name"));
  TRY(read_digest(subjects[0], statement.module_sha256));
  const std::string object_name = TRY(get_string(subjects[1], "name"));
  if (object_name != "native-object") {
    return malformed("receipt: the second subject is not the native object");
  }
  return read_digest(subjects[1], statement.native_object_sha256);
}

Result<void> read_software(const JsonValue& predicate, Statement& statement) {
  const JsonValue runtime = TRY(predicate.get("runtime"));
  TRY(check_members(runtime, {"version", "digest"}));
  statement.quoin_version = TRY(get_string(runtime, "version"));
  TRY(read_digest(runtime, statement.runtime_sha256));

  const JsonValue toolchain = TRY(predicate.get("toolchain"));
  TRY(check_members(toolchain, {"wasm2c", "cc", "digest"}));
  statement.wasm2c_version = TRY(get_string(toolchain, "wasm2c"));
  statement.cc_version = TRY(get_string(toolchain, "cc"));
  return read_digest(toolchain, statement.toolchain_sha256);
}

Result<void> read_predicate(const JsonValue& predicate, Statement& statement) {
  TRY(check_members(predicate, {"simulated", "runtime", "toolchain", "arguments", "environment",
                                "nonce", "started", "finished", "stdin", "inputs", "outcome",
                                "stdout", "stderr", "outputs"}));
  const JsonValue simulated = TRY(predicate.get("simulated"));
  statement.simulated = TRY(simulated.boolean());
  TRY(read_software(predicate, statement));
  statement.arguments = TRY(read_arguments(predicate));
  statement.environment = TRY(read_environment(predicate));
  statement.nonce = TRY(read_nonce(predicate));
  statement.started = TRY(read_time(predicate, "started"));
  statement.finished = TRY(read_time(predicate, "finished"));
  statement.standard_input = TRY(read_content(predicate, "stdin"));
  statement.inputs = TRY(read_files(predicate, "inputs"));
  statement.outcome = TRY(read_outcome(predicate));
  statement.standard_output = TRY(read_content(predicate, "stdout"));
  statement.standard_error = TRY(read_content(predicate, "stderr"));
  statement.outputs = TRY(read_files(predicate, "outputs"));
  return {};
}

}  // namespace

Result<Statement> parse_statement(ByteView payload) {
  const JsonDocument json = TRY(JsonDocument::parse(payload, kLimits));
  const JsonValue document = json.root();
  TRY(check_members(document, {"_type", "subject", "predicateType", "predicate"}));
  const std::string type = TRY(get_string(document, "_type"));
  if (type != "https://in-toto.io/Statement/v1") {
    return unsupported("receipt: not an in-toto Statement v1");
  }
  const std::string predicate_type = TRY(get_string(document, "predicateType"));
  if (predicate_type != kRunPredicateType) {
    return unsupported("receipt: predicate type \"" + predicate_type + "\", wanted " +
                       std::string(kRunPredicateType));
  }
  Statement statement;
  TRY(read_subjects(document, statement));
  const JsonValue predicate = TRY(document.get("predicate"));
  TRY(read_predicate(predicate, statement));
  return statement;
}

}  // namespace quoin
