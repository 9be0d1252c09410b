#include "src/base/json.h"

#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quoin {
namespace {

using std::string_view_literals::operator""sv;

Result<JsonDocument> parse(std::string_view text, const JsonLimits& limits = {}) {
  return JsonDocument::parse(as_bytes(text), limits);
}

// The code with which a text is refused; what is accepted fails the test.
ErrorCode refusal(std::string_view text, const JsonLimits& limits = {}) {
  const auto document = parse(text, limits);
  if (!document.ok()) return document.error().code;
  ADD_FAILURE() << "accepted: " << text;
  return ErrorCode::internal;
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) all += part;
  return all;
}

std::string repeated(std::string_view text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(JsonTest, RefusesWhatTheGrammarDoesNotAllow) {
  constexpr std::string_view kTexts[] = {
      // Nothing, or more than one value.
      "",
      " ",
      "\n",
      "1 2",
      "{}{}",
      "[],",
      "[]]",
      "{}}",
      "null\0"sv,
      "\"a\" \"b\"",
      "[1]x",
      // Structure.
      "[",
      "]",
      "{",
      "}",
      ",",
      ":",
      "[1,",
      "[1,]",
      "[,1]",
      "[1,,2]",
      "[1 2]",
      "[1:2]",
      "[1}",
      "[[]",
      "{]",
      "{\"a\"}",
      "{\"a\":}",
      "{\"a\":1,}",
      "{,\"a\":1}",
      "{\"a\":1,,\"b\":2}",
      "{\"a\":1 \"b\":2}",
      "{\"a\" 1}",
      "{\"a\",1}",
      "{\"a\"::1}",
      "{\"a\":1",
      "{\"a\":1]",
      "{\"a\":",
      "{\"a\"",
      "{a:1}",
      "{'a':1}",
      "{1:1}",
      "{null:1}",
      "{[]:1}",
      "{\"a\":1:2}",
      "{\"a\":1,\"b\"}",
      "[\"a\"",
      // Blanks that JSON does not know, and comments.
      "\f1",
      "\v1",
      "\xc2\xa0"
      "1",
      "\0001"sv,
      "1\0"sv,
      "[1,\f2]",
      "/**/1",
      "1//",
      "1 # one",
      // Literals.
      "tru",
      "True",
      "TRUE",
      "truee",
      "fals",
      "nul",
      "nulL",
      "NaN",
      "nan",
      "Infinity",
      "-Infinity",
      "undefined",
      "t",
      "f",
      "n",
      // Numbers.
      "-",
      "+1",
      "+",
      "01",
      "00",
      "-01",
      "-00",
      ".5",
      "-.5",
      "1.",
      "1.e1",
      "-1.",
      "1e",
      "1E",
      "1e+",
      "1e-",
      "1e+-1",
      "1e1.5",
      "1.5.5",
      "1..5",
      "--1",
      "1-",
      "1+1",
      "0x10",
      "0x",
      "1_000",
      "1,000",
      "1a",
      "0e",
      "- 1",
      "1 .5",
      "1 e5",
      "\xef\xbc\x91",  // a full-width digit one
      // Strings.
      "\"",
      "\"a",
      "a\"",
      "'a'",
      "\"\\\"",
      "\"\\",
      "\"\\a\"",
      "\"\\x41\"",
      "\"\\'\"",
      "\"\\0\"",
      "\"\\\n\"",
      "\"\\ \"",
      "\"\\U0041\"",
      "\"a\nb\"",
      "\"a\tb\"",
      "\"a\rb\"",
      "\"\x1f\"",
      "\"\0\""sv,
      "\"\\u\"",
      "\"\\u0\"",
      "\"\\u00\"",
      "\"\\u004\"",
      "\"\\u004",
      "\"\\u00g0\"",
      "\"\\u-041\"",
      "\"\\u+041\"",
      "\"\\u 041\"",
      "\"\\u0x41\"",
      "\"\\u\xe2\x82\xac\"",
      "\"a\"b\"",
  };
  for (const std::string_view text : kTexts) {
    EXPECT_EQ(refusal(text), ErrorCode::malformed) << text;
  }
}

TEST(JsonTest, RefusesByteOrderMarks) {
  EXPECT_EQ(refusal("\xef\xbb\xbf{}"), ErrorCode::malformed);
  EXPECT_EQ(refusal("\xff\xfe{\0}\0"sv), ErrorCode::malformed);
  EXPECT_EQ(refusal("\xfe\xff\0{\0}"sv), ErrorCode::malformed);
  EXPECT_EQ(refusal("{\0}\0"sv), ErrorCode::malformed);
}

TEST(JsonTest, RefusesStringsThatAreNotUnicode) {
  constexpr std::string_view kInsides[] = {
      "\x80",              // a continuation without a beginning
      "\xbf",              //
      "\xc3",              // cut off by the quote
      "\xe2\x82",          //
      "\xf0\x9f\x98",      //
      "\xc0\x80",          // a longer form of U+0000
      "\xc0\xaf",          // of '/'
      "\xc1\xbf",          //
      "\xe0\x80\xaf",      //
      "\xe0\x9f\xbf",      //
      "\xf0\x80\x80\xaf",  //
      "\xf0\x8f\xbf\xbf",  //
      "\xed\xa0\x80",      // U+D800
      "\xed\xbf\xbf",      // U+DFFF
      "\xf4\x90\x80\x80",  // U+110000
      "\xf5\x80\x80\x80",  //
      "\xfe",              //
      "\xff",              //
      "\\ud800",           // a high surrogate alone
      "\\ud800x",          //
      "\\ud800\\n",        //
      "\\ud800\\u0041",    //
      "\\ud800\\ud800",    // followed by another
      "\\udbff\\ue000",    //
      "\\udc00",           // a low one alone
      "\\udfff",           //
      "\\udc00\\ud800",    // in the wrong order
      "\\ud800\\udc0",     // cut off
      "\\ud800\\u",        //
      "\\ud800\\",         //
      "\\ud800\xed\xb0\x80",
  };
  for (const std::string_view inside : kInsides) {
    const std::string text = joined({"\"", inside, "\""});
    EXPECT_EQ(refusal(text), ErrorCode::malformed) << text;
    EXPECT_EQ(refusal(joined({"{", text, ":1}"})), ErrorCode::malformed) << text;
  }
  EXPECT_EQ(refusal("\"\xe2\x82"), ErrorCode::malformed);
}

// In each a name stands twice in one object.
constexpr std::string_view kRepeatedNames[] = {
    R"({"a":1,"a":1})",
    R"({"a":1,"b":2,"a":3})",
    R"({"":1,"":2})",
    R"({"a":{},"b":[{"a":1}],"a":{}})",
    R"([{"x":{"a":1,"a":2}}])",
    // Equal with their escapes resolved.
    R"({"a":1,"\u0061":2})",
    R"({"\u0061":1,"a":2})",
    R"({"\u0061":1,"\u0061":2})",
    R"({"/":1,"\/":2})",
    R"({"\n":1,"\u000a":2})",
    R"({"\u000A":1,"\u000a":2})",
    R"({"\u0000":1,"\u0000":2})",
    "{\"\\u20ac\":1,\"\xe2\x82\xac\":2}",
    "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}",
    R"({"b":1,"tcbInfo":{},"c":[],"\u0074cbInfo":{}})",
};

TEST(JsonTest, RefusesDuplicateNames) {
  for (const std::string_view text : kRepeatedNames) {
    EXPECT_EQ(refusal(text), ErrorCode::malformed) << text;
  }
  // With many others between them.
  std::string members;
  for (size_t i = 0; i < 100; ++i)
    members += joined({",\"name", std::to_string(i), "\":{\"a\":1}"});
  EXPECT_TRUE(parse(joined({"{\"a\":1", members, "}"})).ok());
  EXPECT_EQ(refusal(joined({"{\"name50\":1", members, "}"})), ErrorCode::malformed);
}

Result<JsonDocument> record(std::string_view text, const JsonLimits& limits = {}) {
  return JsonDocument::parse(as_bytes(text), limits, RepeatedNames::record);
}

TEST(JsonTest, RecordsThatANameIsRepeated) {
  for (const std::string_view text : kRepeatedNames) {
    const auto document = record(text);
    ASSERT_TRUE(document.ok()) << text;
    EXPECT_TRUE(document->repeated_name()) << text;
    EXPECT_EQ(document->root().raw(), text);
  }
  const std::pair<std::string_view, std::string_view> named[] = {
      {R"({"a":1,"b":2,"b":3})", "b"},           {R"({"":1,"":2})", ""},
      {R"({"x":1,"\u0078":2,"\u0078":3})", "x"}, {R"({"x\n":1,"x\u000a":2})", "x\n"},
      {R"({"\u0000":1,"\u0000":2})", "\0"sv},    {R"([{"b":{"a":1,"a":2}},{"b":1,"b":2}])", "a"},
  };
  for (const auto& [text, name] : named) EXPECT_EQ(record(text)->repeated_name(), name) << text;
}

TEST(JsonTest, TheFirstMemberOfARepeatedNameCounts) {
  const auto document = record(R"({"b":0,"\u0061":{"c":[1]},"a":2,"a":3})");
  const JsonValue root = document->root();
  EXPECT_EQ(root.get("a")->raw(), R"({"c":[1]})");
  EXPECT_TRUE(root.has("a"));
  const auto members = root.members().value();
  ASSERT_EQ(members.size(), 4u);
  EXPECT_EQ(members[3].name, "a");
  EXPECT_EQ(members[3].value.raw(), "3");
}

// Nothing else that is refused is read for it.
TEST(JsonTest, RecordingRefusesWhatElseIsWrong) {
  for (const std::string_view text :
       {R"({"a":1,"a":2}x)", R"({"a":1,"a":2,})", R"({"a":1,"a":x})", R"({"a":1 "a":2})"}) {
    EXPECT_EQ(record(text).error().code, ErrorCode::malformed) << text;
  }
  EXPECT_EQ(record(R"({"a":1,"a":[2]})", {.max_depth = 1}).error().code, ErrorCode::too_large);
  EXPECT_EQ(record(R"({"a":1,"a":2})", {.max_values = 4}).error().code, ErrorCode::too_large);
}

TEST(JsonTest, AcceptsNamesThatOnlyLookAlike) {
  constexpr std::string_view kTexts[] = {
      R"({"a":1,"A":2})",
      R"({"a":1,"a ":2,"":3})",
      R"({"a":{"a":{"a":1}}})",
      R"([{"a":1},{"a":1}])",
      R"({"a":"a","b":"a"})",
      R"({"a":["b","b"],"b":1})",
      R"({"\\u0061":1,"a":2})",
      R"({"a\u0000":1,"a":2})",
      "{\"e\xcc\x81\":1,\"\xc3\xa9\":2}",  // names are not normalised
  };
  for (const std::string_view text : kTexts) {
    const auto document = parse(text);
    ASSERT_TRUE(document.ok()) << text;
    EXPECT_EQ(document->repeated_name(), std::nullopt) << text;
    EXPECT_EQ(record(text)->repeated_name(), std::nullopt) << text;
  }
}

TEST(JsonTest, HoldsTheLimitsToTheByte) {
  const JsonLimits bytes{.max_bytes = 4};
  EXPECT_TRUE(parse("1234", bytes).ok());
  EXPECT_EQ(refusal("12345", bytes), ErrorCode::too_large);
  EXPECT_EQ(refusal("1    ", bytes), ErrorCode::too_large);

  const JsonLimits depth{.max_depth = 2};
  EXPECT_TRUE(parse("[[],{},[]]", depth).ok());
  EXPECT_TRUE(parse("{\"a\":[1]}", depth).ok());
  EXPECT_EQ(refusal("[[[]]]", depth), ErrorCode::too_large);
  EXPECT_EQ(refusal("[[],[{}]]", depth), ErrorCode::too_large);
  EXPECT_EQ(refusal("{\"a\":{\"b\":{}}}", depth), ErrorCode::too_large);
  EXPECT_TRUE(parse("1", {.max_depth = 0}).ok());
  EXPECT_EQ(refusal("[]", {.max_depth = 0}), ErrorCode::too_large);

  const JsonLimits values{.max_values = 3};
  EXPECT_TRUE(parse("[1,2]", values).ok());
  EXPECT_TRUE(parse("{\"a\":1}", values).ok());
  EXPECT_EQ(refusal("[1,2,3]", values), ErrorCode::too_large);
  EXPECT_EQ(refusal("{\"a\":[1]}", values), ErrorCode::too_large);
  EXPECT_EQ(refusal("[[[[]]]]", values), ErrorCode::too_large);
  EXPECT_EQ(refusal("1", {.max_values = 0}), ErrorCode::too_large);
}

TEST(JsonTest, HoldsTheDefaultLimits) {
  EXPECT_TRUE(parse(repeated("[", 16) + repeated("]", 16)).ok());
  EXPECT_EQ(refusal(repeated("[", 17) + repeated("]", 17)), ErrorCode::too_large);
  EXPECT_TRUE(parse(joined({"[", repeated("1,", 199'998), "1]"})).ok());
  EXPECT_EQ(refusal(joined({"[", repeated("1,", 199'999), "1]"})), ErrorCode::too_large);
  const size_t most = size_t{4} << 20;
  EXPECT_TRUE(parse(joined({"\"", std::string(most - 2, 'a'), "\""})).ok());
  EXPECT_EQ(refusal(joined({"\"", std::string(most - 1, 'a'), "\""})), ErrorCode::too_large);
}

// A parser that recurses runs out of stack here.
TEST(JsonTest, DepthTakesNoStack) {
  constexpr size_t kDepth = 1'000'000;
  const JsonLimits limits{.max_depth = kDepth, .max_values = kDepth};
  EXPECT_TRUE(parse(repeated("[", kDepth) + repeated("]", kDepth), limits).ok());
  EXPECT_EQ(refusal(repeated("[", kDepth), limits), ErrorCode::malformed);
}

// Looking for duplicates pair by pair takes more than a minute here.
TEST(JsonTest, ManyMembersTakeNoQuadraticTime) {
  constexpr size_t kMembers = 200'000;
  const JsonLimits limits{.max_bytes = size_t{16} << 20, .max_values = 2 * kMembers + 1};
  for (const std::string_view escape : {"", "\\u0061"}) {
    for (const bool repeated : {false, true}) {
      std::string text = "{";
      for (size_t i = 0; i < kMembers; ++i) {
        const std::string number = std::to_string(1'000'000 + (repeated ? i % 2 : i));
        text += joined({i > 0 ? ",\"" : "\"", escape, number, "\":1"});
      }
      text += "}";
      const auto start = std::chrono::steady_clock::now();
      const auto document = repeated ? record(text, limits) : parse(text, limits);
      EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
      ASSERT_TRUE(document.ok());
      EXPECT_EQ(document->repeated_name().has_value(), repeated);
      EXPECT_EQ(document->root().members()->size(), kMembers);
    }
  }
}

TEST(JsonTest, AcceptsWhatTheGrammarAllows) {
  struct Case {
    std::string_view text;
    JsonKind kind;
  };
  constexpr Case kCases[] = {
      {"null", JsonKind::null},
      {"true", JsonKind::boolean},
      {"false", JsonKind::boolean},
      {" \t\r\n true \t\r\n ", JsonKind::boolean},
      {"0", JsonKind::number},
      {"-0", JsonKind::number},
      {"-1", JsonKind::number},
      {"10", JsonKind::number},
      {"1234567890", JsonKind::number},
      {"0.0", JsonKind::number},
      {"-0.5", JsonKind::number},
      {"1.25", JsonKind::number},
      {"1e5", JsonKind::number},
      {"1E5", JsonKind::number},
      {"1e+5", JsonKind::number},
      {"1E-05", JsonKind::number},
      {"0e0", JsonKind::number},
      {"-1.5e300", JsonKind::number},
      {"1e999999999999", JsonKind::number},
      {"123456789012345678901234567890123456789012345678901234567890", JsonKind::number},
      {"\"\"", JsonKind::string},
      {"\"a\"", JsonKind::string},
      {"\"\x7f\"", JsonKind::string},
      {"\"/\"", JsonKind::string},
      {"\"'\"", JsonKind::string},
      {"\"[{,:}]\"", JsonKind::string},
      {"\"\xc2\x80\xdf\xbf\"", JsonKind::string},
      {"\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"", JsonKind::string},
      {"\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"", JsonKind::string},
      {"\"\xef\xbb\xbf\"", JsonKind::string},
      {"[]", JsonKind::array},
      {"[ ]", JsonKind::array},
      {"[1]", JsonKind::array},
      {" [ 1 , \"a\" , null , [ ] , { } ] ", JsonKind::array},
      {"[[[[[[[[[[]]]]]]]]]]", JsonKind::array},
      {"{}", JsonKind::object},
      {"{ }", JsonKind::object},
      {"{\"\":0}", JsonKind::object},
      {"{\r\n\t\"a\" : 1 ,\r\n\t\"b\" : [ 2 ]\r\n}", JsonKind::object},
  };
  for (const auto& [text, kind] : kCases) {
    const auto document = parse(text);
    ASSERT_TRUE(document.ok()) << text << ": " << document.error().what;
    const JsonValue root = document->root();
    EXPECT_EQ(root.kind(), kind) << text;
    EXPECT_EQ(root.is_null(), kind == JsonKind::null) << text;
    EXPECT_EQ(root.is_string(), kind == JsonKind::string) << text;
    EXPECT_EQ(root.is_array(), kind == JsonKind::array) << text;
    EXPECT_EQ(root.is_object(), kind == JsonKind::object) << text;
  }
}

TEST(JsonTest, SaysWhereARefusalIs) {
  EXPECT_EQ(parse("[1,x]").error().what, "json: wanted a value at byte 3");
  EXPECT_EQ(parse("{\"a\":1,\"a\":2}").error().what,
            "json: a name stands twice in the object at byte 0");
}

}  // namespace
}  // namespace quoin
