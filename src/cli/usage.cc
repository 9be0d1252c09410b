#include "src/cli/usage.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace quoin::cli {
namespace {

std::string option_synopsis(const Option& option) {
  std::string text(option.name);
  if (!option.argument.empty()) text.append(" ").append(option.argument);
  return text;
}

// Two columns: names, and behind them what they mean.
std::string table(const std::vector<std::pair<std::string, std::string>>& rows) {
  size_t width = 0;
  for (const auto& [name, meaning] : rows) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, meaning] : rows) {
    text.append("  ").append(name).append(width - name.size() + 2, ' ');
    text.append(meaning).append("\n");
  }
  return text;
}

}  // namespace

std::string synopsis(const Command& command) {
  std::string text = "quoin " + std::string(command.name);
  if (!command.options.empty()) text += " [options]";
  if (!command.positional.empty()) text += " " + std::string(command.positional);
  if (command.passes_arguments) text += " [-- ARGS]";
  return text;
}

std::string help_text(const Command& command) {
  std::string text =
      "quoin " + std::string(command.name) + ": " + std::string(command.summary) + "\n\n";
  for (const Example& example : command.examples) {
    text.append("  # ").append(example.what).append("\n  ").append(example.command).append("\n");
  }
  text += "\nusage: " + synopsis(command) + "\n";
  if (!command.description.empty()) {
    text.append("\n").append(command.description).append("\n");
  }
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Option& option : command.options) {
    rows.emplace_back(option_synopsis(option), option.help);
  }
  if (!rows.empty()) text += "\noptions:\n" + table(rows);
  rows.clear();
  for (const ExitMeaning& exit : command.exit_statuses) {
    rows.emplace_back(std::to_string(exit.status), exit.meaning);
  }
  return text + "\nexit status:\n" + table(rows);
}

std::string help_text(std::span<const Command> commands) {
  std::string text =
      "quoin: run a WebAssembly module in a TDX trust domain, and prove what ran\n\n"
      "  quoin run --simulate --receipt receipt.json app.wasm\n"
      "  quoin verify --trust-simulator receipt.json\n\n"
      "usage: quoin COMMAND [options] ...\n\ncommands:\n";
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Command& command : commands) {
    rows.emplace_back(command.name, command.summary);
  }
  return text + table(rows) + "\nquoin COMMAND --help shows examples, options and exit statuses\n";
}

}  // namespace quoin::cli
