#include "src/cli/arguments.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "src/cli/commands.h"

namespace quoin::cli {
namespace {

constexpr std::array kOptions = {
    Option{"--json", "", "a switch"},
    Option{"--policy", "FILE", "a value"},
    Option{"--dir", "DIR", "many values", true},
};
constexpr Command kCommand = {.name = "test", .options = kOptions};
constexpr Command kPassing = {.name = "test", .options = kOptions, .passes_arguments = true};

using Words = std::vector<std::string_view>;

TEST(ArgumentsTest, RefusesWhatTheTableDoesNotHave) {
  const struct {
    Words words;
    std::string_view what;
    std::string_view hint;
  } kTests[] = {
      {{"--polciy", "x"}, "no option '--polciy'", "did you mean --policy?"},
      {{"--frobnicate"}, "no option '--frobnicate'", "--help"},
      {{"-x"}, "no option '-x'", "--help"},
      {{"--policy"}, "--policy needs FILE", "--help"},
      {{"--json=yes"}, "--json takes no value", "--help"},
      {{"--json", "--json"}, "--json stands twice", "--help"},
      {{"--policy", "a", "--policy=b"}, "--policy stands twice", "--help"},
      {{"--=x"}, "no option '--'", "--help"},
  };
  for (const auto& test : kTests) {
    const Result<Arguments> arguments = Arguments::parse(kCommand, test.words);
    ASSERT_FALSE(arguments.ok()) << test.what;
    EXPECT_EQ(arguments.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(arguments.error().what.find(test.what), std::string::npos) << arguments.error().what;
    EXPECT_NE(arguments.error().hint.find(test.hint), std::string::npos) << arguments.error().hint;
  }
}

TEST(ArgumentsTest, ReadsOptionsAndArguments) {
  const Words words = {"a", "--dir", "x", "--policy=p=q", "-", "--dir=y", "--json", "--", "--json"};
  const Result<Arguments> arguments = Arguments::parse(kCommand, words);
  ASSERT_TRUE(arguments.ok()) << arguments.error().what;
  EXPECT_TRUE(arguments->has("--json"));
  EXPECT_EQ(arguments->get("--policy"), "p=q");
  EXPECT_EQ(arguments->all("--dir"), (Words{"x", "y"}));
  EXPECT_EQ(Words(arguments->positional().begin(), arguments->positional().end()),
            (Words{"a", "-", "--json"}));
  EXPECT_FALSE(arguments->only_positional("FILE").ok());
}

TEST(ArgumentsTest, PassesOnWhatIsNotOurs) {
  const Words words = {"a.wasm", "--", "--json", "--", "-x"};
  const Result<Arguments> arguments = Arguments::parse(kPassing, words);
  ASSERT_TRUE(arguments.ok());
  EXPECT_FALSE(arguments->has("--json"));
  EXPECT_EQ(Words(arguments->passed().begin(), arguments->passed().end()),
            (Words{"--json", "--", "-x"}));
  const Result<std::string_view> only = arguments->only_positional("FILE");
  ASSERT_TRUE(only.ok());
  EXPECT_EQ(*only, "a.wasm");
}

TEST(ArgumentsTest, EveryCommandExplainsItself) {
  for (const Command& command : all_commands()) {
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_FALSE(command.summary.ends_with('.')) << command.name;
    EXPECT_FALSE(command.examples.empty()) << command.name;
    EXPECT_FALSE(command.exit_statuses.empty()) << command.name;
    EXPECT_NE(command.run, nullptr) << command.name;
    for (const Option& option : command.options) {
      EXPECT_TRUE(option.name.starts_with("--")) << option.name;
      EXPECT_FALSE(option.help.empty()) << option.name;
    }
  }
}

}  // namespace
}  // namespace quoin::cli
