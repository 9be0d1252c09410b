// Man pages in mdoc(7), which man-db and mandoc both read.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "src/cli/usage.h"

namespace quoin::cli {
namespace {

// The date stands for the text's version: pages must not differ from build to build.
constexpr std::string_view kDate = "November 22, 2026";

// Text that roff shows as it is. A sentence begins a line: roff widens the space before it.
std::string roff(std::string_view text) {
  std::string out;
  bool line_begins = true;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool sentence_ends = text[i] == ' ' && i > 0 && text[i - 1] == '.';
    const char c = sentence_ends ? '\n' : text[i];
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    line_begins = c == '\n';
  }
  return out;
}

// Paragraphs that are separated by empty lines.
std::string paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = text.find("\n\n");
    if (!out.empty()) out += ".Pp\n";
    out += roff(text.substr(0, end)) + "\n";
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 2);
  }
  return out;
}

std::string page_name(const Command& command) {
  std::string name = "quoin-" + std::string(command.name);
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  }
  return text;
}

std::string beginning(const std::string& name, std::string_view summary) {
  return ".Dd " + std::string(kDate) + "\n.Dt " + upper(name) + " 1\n.Os\n.Sh NAME\n.Nm " + name +
         "\n.Nd " + roff(summary) + "\n";
}

std::string item(const std::string& head, std::string_view text) {
  return ".It " + head + "\n" + roff(text) + "\n";
}

}  // namespace

std::string man_page(const Command& command) {
  const std::string name = page_name(command);
  std::string text = beginning(name, command.summary);
  text += ".Sh SYNOPSIS\n.Nm " + roff(synopsis(command)) + "\n";
  text += ".Sh DESCRIPTION\n";
  text += command.description.empty() ? "This command " + roff(command.summary) + ".\n"
                                      : paragraphs(command.description);
  if (!command.options.empty()) {
    text += ".Bl -tag -width Ds\n";
    for (const Option& option : command.options) {
      std::string head = "Fl \\-" + roff(option.name.substr(2));
      if (!option.argument.empty()) head += " Ar " + roff(option.argument);
      text += item(head, option.help);
    }
    text += ".El\n";
  }
  text += ".Sh EXIT STATUS\n.Bl -tag -width Ds\n";
  for (const ExitMeaning& exit : command.exit_statuses) {
    text += item(std::to_string(exit.status), exit.meaning);
  }
  text += ".El\n";
  if (!command.examples.empty()) text += ".Sh EXAMPLES\n";
  bool first = true;
  for (const Example& example : command.examples) {
    if (!first) text += ".Pp\n";
    text += roff(example.what) + ":\n.Dl " + roff(example.command) + "\n";
    first = false;
  }
  return text + ".Sh SEE ALSO\n.Xr quoin 1\n";
}

std::string man_page(std::span<const Command> commands) {
  std::string text =
      beginning("quoin", "run a WebAssembly module in a TDX trust domain, and prove what ran");
  text +=
      ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar options\n.Sh DESCRIPTION\n"
      "Data goes to standard output; errors, hints, notices and progress go to standard error.\n"
      "The commands, each with a page of its own:\n.Bl -tag -width Ds\n";
  std::vector<std::string> pages;
  for (const Command& command : commands) {
    text += item("Cm " + roff(command.name), command.summary);
    pages.push_back(page_name(command));
  }
  std::ranges::sort(pages);
  std::string see_also;
  for (const std::string& page : pages) {
    see_also += (see_also.empty() ? ".Xr " : " ,\n.Xr ") + page + " 1";
  }
  text +=
      ".El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n"
      ".It Ev NO_COLOR\nNo colour, also on a terminal.\n"
      ".It Ev XDG_DATA_HOME\nWhere the simulator keeps its state, below\n.Pa quoin/simulator .\n"
      ".It Ev XDG_CACHE_HOME\nWhere compiled modules are kept, below\n.Pa quoin/objects .\n.El\n";
  return text + ".Sh SEE ALSO\n" + see_also + "\n";
}

}  // namespace quoin::cli
