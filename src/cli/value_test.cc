#include "src/cli/value.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "src/base/json.h"

namespace quoin::cli {
namespace {

Value sample() {
  return Value::Object{
      {"none", Value()},
      {"yes", true},
      {"number", std::numeric_limits<uint64_t>::max()},
      {"text", "a \"quoted\" \\ line\nbreak"},
      {"list", Value::List{Value(1U), Value::Object{{"a", Value::List()}}}},
      {"empty", Value::Object()},
  };
}

TEST(ValueTest, JsonHasEveryKindOfValue) {
  EXPECT_EQ(to_json(sample()),
            "{\n"
            "  \"none\": null,\n"
            "  \"yes\": true,\n"
            "  \"number\": 18446744073709551615,\n"
            "  \"text\": \"a \\\"quoted\\\" \\\\ line\\u000abreak\",\n"
            "  \"list\": [\n"
            "    1,\n"
            "    {\n"
            "      \"a\": []\n"
            "    }\n"
            "  ],\n"
            "  \"empty\": {}\n"
            "}\n");
}

// Our strict reader takes whatever we print.
TEST(ValueTest, JsonOfAnyBytesIsJson) {
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte) all_bytes += static_cast<char>(byte);
  const std::string json = to_json(Value::Object{{all_bytes, all_bytes}});
  const Result<JsonDocument> document = JsonDocument::parse(as_bytes(json));
  ASSERT_TRUE(document.ok()) << document.error().what;
  EXPECT_EQ(json.find('\x7f'), std::string::npos);
  EXPECT_EQ(json.find('\x1b'), std::string::npos);
}

// JSON may be printed to a terminal too.
TEST(ValueTest, JsonHasNoControlCharacters) {
  EXPECT_EQ(to_json("\x1b[2J"), "\"\\u001b[2J\"\n");
  EXPECT_EQ(to_json("\xc2\x80 \xc2\x9b\x32J \xc2\x9f"), "\"\\u0080 \\u009b2J \\u009f\"\n");
  EXPECT_EQ(to_json("\xc2\xa0\xc3\x9b"), "\"\xc2\xa0\xc3\x9b\"\n") << "letters stay";
}

TEST(ValueTest, TextIsAlignedAndEscaped) {
  EXPECT_EQ(to_text(Value::Object{{"a", "\033[2J"},
                                  {"longer", 7U},
                                  {"inside", Value::Object{{"b", false}, {"c", Value()}}},
                                  {"list", Value::List{"x", "y"}},
                                  {"nothing", Value::List()},
                                  {"e", ""}}),
            "a        \\u{1b}[2J\n"
            "longer   7\n"
            "inside\n"
            "  b  no\n"
            "  c  none\n"
            "list\n"
            "  [0]  x\n"
            "  [1]  y\n"
            "nothing  none\n"
            "e        (empty)\n");
}

}  // namespace
}  // namespace quoin::cli
