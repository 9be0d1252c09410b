#include <string>

#include "src/base/hex.h"
#include "src/cli/describe.h"

namespace quoin::cli {
namespace {

Value::Object describe_content(const Content& content) {
  return {{"sha256", Value::hex(content.sha256)}, {"size", content.size}};
}

Value::List describe_files(const std::vector<NamedContent>& files) {
  Value::List list;
  for (const NamedContent& file : files) {
    list.emplace_back(Value::Object{{"name", file.name},
                                    {"sha256", Value::hex(file.content.sha256)},
                                    {"size", file.content.size}});
  }
  return list;
}

Value::List describe_environment(const std::vector<EnvironmentDigest>& environment) {
  Value::List list;
  for (const EnvironmentDigest& variable : environment) {
    list.emplace_back(Value::Object{{"name", variable.name},
                                    {"value_sha256", Value::hex(variable.value_sha256)}});
  }
  return list;
}

}  // namespace

Value::Object describe(const Statement& statement) {
  return {
      {"module_name", statement.module_name},
      {"module_sha256", Value::hex(statement.module_sha256)},
      {"native_object_sha256", Value::hex(statement.native_object_sha256)},
      {"simulated", statement.simulated},
      {"quoin_version", statement.quoin_version},
      {"runtime_sha256", Value::hex(statement.runtime_sha256)},
      {"toolchain_sha256", Value::hex(statement.toolchain_sha256)},
      {"wasm2c_version", statement.wasm2c_version},
      {"cc_version", statement.cc_version},
      {"arguments", Value::List(statement.arguments.begin(), statement.arguments.end())},
      {"environment", describe_environment(statement.environment)},
      {"nonce", statement.nonce ? Value::hex(*statement.nonce) : Value()},
      {"started", to_string(statement.started)},
      {"finished", to_string(statement.finished)},
      {"standard_input", describe_content(statement.standard_input)},
      {"inputs", describe_files(statement.inputs)},
      {"outcome",
       Value::Object{
           {"kind", statement.outcome.kind},
           {"exit_status", statement.outcome.exit_status},
           {"detail", statement.outcome.detail},
       }},
      {"standard_output", describe_content(statement.standard_output)},
      {"standard_error", describe_content(statement.standard_error)},
      {"outputs", describe_files(statement.outputs)},
  };
}

}  // namespace quoin::cli
