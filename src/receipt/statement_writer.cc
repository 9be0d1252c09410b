#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "quoin/receipt.h"
#include "src/base/hex.h"
#include "src/base/utf8.h"

namespace quoin {
namespace {

using Json = nlohmann::ordered_json;

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

Json digest(ByteView sha256) { return {{"sha256", to_hex(sha256)}}; }

Json subject(const std::string& name, ByteView sha256) {
  return {{"name", name}, {"digest", digest(sha256)}};
}

Json content(const Content& value) {
  return {{"digest", digest(value.sha256)}, {"size", value.size}};
}

Json files(const std::vector<NamedContent>& named) {
  Json list = Json::array();
  for (const NamedContent& file : named) {
    list.push_back({{"name", file.name},
                    {"digest", digest(file.content.sha256)},
                    {"size", file.content.size}});
  }
  return list;
}

Json environment(const std::vector<EnvironmentDigest>& variables) {
  Json list = Json::array();
  for (const EnvironmentDigest& variable : variables) {
    list.push_back({{"name", variable.name}, {"digest", digest(variable.value_sha256)}});
  }
  return list;
}

bool every_text_is_utf8(const Statement& statement) {
  const auto is_file_utf8 = [](const NamedContent& file) { return is_utf8(file.name); };
  return is_utf8(statement.module_name) && is_utf8(statement.quoin_version) &&
         is_utf8(statement.wasm2c_version) && is_utf8(statement.cc_version) &&
         is_utf8(statement.outcome.kind) && is_utf8(statement.outcome.detail) &&
         std::ranges::all_of(statement.arguments, is_utf8) &&
         std::ranges::all_of(statement.environment, is_utf8, &EnvironmentDigest::name) &&
         std::ranges::all_of(statement.inputs, is_file_utf8) &&
         std::ranges::all_of(statement.outputs, is_file_utf8);
}

}  // namespace

Result<Bytes> write_statement(const Statement& statement) {
  if (!every_text_is_utf8(statement)) {
    return Error{ErrorCode::invalid_argument,
                 "receipt: an argument or the name of a file or variable is not UTF-8",
                 "a receipt can only state what JSON can spell: rename it"};
  }
  const Json document = {
      {"_type", "https://in-toto.io/Statement/v1"},
      {"subject",
       {subject(statement.module_name, statement.module_sha256),
        subject("native-object", statement.native_object_sha256)}},
      {"predicateType", kRunPredicateType},
      {"predicate",
       {
           {"simulated", statement.simulated},
           {"runtime",
            {{"version", statement.quoin_version}, {"digest", digest(statement.runtime_sha256)}}},
           {"toolchain",
            {{"wasm2c", statement.wasm2c_version},
             {"cc", statement.cc_version},
             {"digest", digest(statement.toolchain_sha256)}}},
           {"arguments", statement.arguments},
           {"environment", environment(statement.environment)},
           {"nonce", statement.nonce ? Json(to_hex(*statement.nonce)) : Json()},
           {"started", to_string(statement.started)},
           {"finished", to_string(statement.finished)},
           {"stdin", content(statement.standard_input)},
           {"inputs", files(statement.inputs)},
           {"outcome",
            {{"kind", statement.outcome.kind},
             {"exit_status", statement.outcome.exit_status},
             {"detail", statement.outcome.detail}}},
           {"stdout", content(statement.standard_output)},
           {"stderr", content(statement.standard_error)},
           {"outputs", files(statement.outputs)},
       }},
  };
  const std::string text = document.dump();
  const ByteView bytes = as_bytes(text);
  return Bytes(bytes.begin(), bytes.end());
}

}  // namespace quoin
