#include "src/cli/arguments.h"

#include <algorithm>

#include "src/base/try.h"
#include "src/cli/nearest.h"

namespace quoin::cli {
namespace {

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string help_hint(const Command& command) {
  return "quoin " + std::string(command.name) + " --help lists what there is";
}

Error unknown_option(const Command& command, std::string_view name) {
  std::vector<std::string_view> names = {"--help"};
  for (const Option& option : command.options) names.push_back(option.name);
  const std::optional<std::string_view> meant = nearest(name, names);
  return usage_error("quoin " + std::string(command.name) + " has no option " + in_quotes(name),
                     meant ? "did you mean " + std::string(*meant) + "?" : help_hint(command));
}

}  // namespace

Error usage_error(std::string what, std::string hint) {
  return {ErrorCode::invalid_argument, std::move(what), std::move(hint)};
}

Result<Arguments> Arguments::parse(const Command& command,
                                   std::span<const std::string_view> words) {
  Arguments arguments;
  while (!words.empty()) {
    const std::string_view word = words.front();
    if (word == "--") {
      const auto rest = words.subspan(1);
      auto& to = command.passes_arguments ? arguments.passed_ : arguments.positional_;
      to.insert(to.end(), rest.begin(), rest.end());
      break;
    }
    if (word.size() > 1 && word.front() == '-') {
      TRY(arguments.read_option(command, words));
    } else {
      arguments.positional_.push_back(word);
      words = words.subspan(1);
    }
  }
  return arguments;
}

Result<void> Arguments::read_option(const Command& command,
                                    std::span<const std::string_view>& words) {
  const std::string_view word = words.front();
  words = words.subspan(1);
  if (word == "--help" || word == "-h") {
    wants_help_ = true;
    return {};
  }
  const size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const auto option = std::ranges::find(command.options, name, &Option::name);
  if (option == command.options.end()) return unknown_option(command, name);
  if (!option->repeatable && has(name)) {
    return usage_error(std::string(name) + " stands twice", help_hint(command));
  }

  std::string_view value;
  if (option->argument.empty()) {
    if (equals != std::string_view::npos) {
      return usage_error(std::string(name) + " takes no value", help_hint(command));
    }
  } else if (equals != std::string_view::npos) {
    value = word.substr(equals + 1);
  } else {
    if (words.empty()) {
      return usage_error(std::string(name) + " needs " + std::string(option->argument),
                         help_hint(command));
    }
    value = words.front();
    words = words.subspan(1);
  }
  options_.emplace_back(option->name, value);
  return {};
}

bool Arguments::has(std::string_view option) const { return get(option).has_value(); }

std::optional<std::string_view> Arguments::get(std::string_view option) const {
  for (const auto& [name, value] : options_) {
    if (name == option) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Arguments::all(std::string_view option) const {
  std::vector<std::string_view> values;
  for (const auto& [name, value] : options_) {
    if (name == option) values.push_back(value);
  }
  return values;
}

Result<std::string_view> Arguments::only_positional(std::string_view name) const {
  if (positional_.empty()) {
    return usage_error("needs " + std::string(name), "--help shows examples");
  }
  if (positional_.size() > 1) {
    return usage_error("one " + std::string(name) + " at a time: " + in_quotes(positional_[1]) +
                           " is one too many",
                       "--help shows examples");
  }
  return positional_.front();
}

}  // namespace quoin::cli
