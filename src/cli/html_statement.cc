#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/cli/html_sections.h"
#include "src/cli/html_values.h"

namespace quoin::cli {
namespace {

// Of lists that a statement makes as long as it likes.
constexpr size_t kMaxListed = 50;

Html html_content(const Content& content) {
  if (content.size == 0) return html("nothing");
  return html("{} bytes, SHA-256 {}", content.size, html_hex(content.sha256));
}

// A list's first elements, as `item` shows them, and how many were left out.
template <typename Element, typename Item>
Html html_list(const std::vector<Element>& elements, const Item& item) {
  if (elements.empty()) return html("none");
  Html list;
  for (const Element& element : std::span(elements).first(std::min(elements.size(), kMaxListed))) {
    list.add("<li>{}</li>\n", item(element));
  }
  if (elements.size() > kMaxListed) {
    list.add("<li>and {} more, which quoin inspect lists</li>\n", elements.size() - kMaxListed);
  }
  return html("<ul>{}</ul>", list);
}

Html html_file(const NamedContent& file) {
  return html("<code>{}</code>: {}", file.name, html_content(file.content));
}

Html html_variable(const EnvironmentDigest& variable) {
  return html("<code>{}</code>: SHA-256 {}", variable.name, html_hex(variable.value_sha256));
}

Html html_argument(const std::string& argument) { return html("<code>{}</code>", argument); }

Html html_outcome(const RunOutcome& outcome) {
  if (outcome.kind == "exited") return html("exited with {}", outcome.exit_status);
  if (outcome.detail.empty()) return html("{}", outcome.kind);
  return html("{}: {}", outcome.kind, outcome.detail);
}

}  // namespace

Html html_statement(const Statement& statement, bool proven) {
  Html main;
  main.add(html_fact("Module", html("<code>{}</code><br/>SHA-256 {}", statement.module_name,
                                    html_hex(statement.module_sha256))));
  main.add(html_fact("Arguments", html_list(statement.arguments, html_argument)));
  main.add(html_fact("Outcome", html_outcome(statement.outcome)));
  main.add(html_fact("Standard output", html_content(statement.standard_output)));
  main.add(html_fact("Standard error", html_content(statement.standard_error)));
  main.add(html_fact("Standard input", html_content(statement.standard_input)));
  main.add(html_fact("Files read", html_list(statement.inputs, html_file)));
  main.add(html_fact("Files written", html_list(statement.outputs, html_file)));
  main.add(html_fact("Environment", html_list(statement.environment, html_variable)));
  main.add(html_fact("Nonce", statement.nonce ? html_hex(*statement.nonce) : html("none")));
  main.add(html_fact("Ran", html("{} to {}<br/>(its claim: the host sets that clock)",
                                 html_time(statement.started), html_time(statement.finished))));
  Html tools;
  tools.add(
      html_fact("Native object", html("SHA-256 {}", html_hex(statement.native_object_sha256))));
  tools.add(html_fact("Runtime", html("quoin {}, SHA-256 {}", statement.quoin_version,
                                      html_hex(statement.runtime_sha256))));
  tools.add(
      html_fact("Toolchain", html("wasm2c {}, {}, SHA-256 {}", statement.wasm2c_version,
                                  statement.cc_version, html_hex(statement.toolchain_sha256))));
  return html(
      "<section id='statement'><h2>What ran</h2>\n{}<dl>{}</dl>\n<details><summary>What it was "
      "compiled with</summary>\n<dl>{}</dl></details></section>\n",
      html_unproven(proven), main, tools);
}

}  // namespace quoin::cli
