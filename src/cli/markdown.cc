#include <algorithm>
#include <string>
#include <string_view>

#include "src/cli/usage.h"

namespace quoin::cli {
namespace {

// Text for a cell of a table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '*' || c == '_') out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view text) {
  std::string out = "`";
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out + "`";
}

std::string section(const Command& command) {
  std::string text = "## quoin " + std::string(command.name) + "\n\n" + synopsis(command) + "\n\n";
  text.insert(text.find("\n\n") + 2, "    ");
  std::string summary(command.summary);
  summary.front() = static_cast<char>(summary.front() - ('a' <= summary.front() ? 'a' - 'A' : 0));
  text += summary + ".\n\n";
  if (!command.examples.empty()) text += "```sh\n";
  for (const Example& example : command.examples) {
    text.append("# ").append(example.what).append("\n").append(example.command).append("\n");
  }
  if (!command.examples.empty()) text += "```\n\n";
  if (!command.description.empty()) text += std::string(command.description) + "\n\n";
  if (!command.options.empty()) text += "| option | meaning |\n|---|---|\n";
  for (const Option& option : command.options) {
    std::string name(option.name);
    if (!option.argument.empty()) name.append(" ").append(option.argument);
    text += "| " + code(name) + " | " + cell(option.help) + " |\n";
  }
  if (!command.options.empty()) text += "\n";
  text += "| exit status | meaning |\n|---|---|\n";
  for (const ExitMeaning& exit : command.exit_statuses) {
    text += "| " + std::to_string(exit.status) + " | " + cell(exit.meaning) + " |\n";
  }
  return text;
}

}  // namespace

std::string markdown(std::span<const Command> commands) {
  std::string text =
      "# The command line\n\n"
      "This page is made from the command's own tables by `tools/generate-docs`; so are the man\n"
      "pages. Data goes to standard output. Everything else (errors as `quoin: error: ...` with a\n"
      "`quoin: hint: ...`, notices, progress) goes to standard error. Colour and progress are for\n"
      "terminals, and `NO_COLOR` is honoured. `-` is standard input.\n";
  for (const Command& command : commands) {
    text += "\n" + section(command);
  }
  return text;
}

}  // namespace quoin::cli
