#include <gtest/gtest.h>

#include <string_view>

#include "src/base/json.h"

namespace quoin {
namespace {

using std::string_view_literals::operator""sv;

Result<JsonDocument> parse(std::string_view text) { return JsonDocument::parse(as_bytes(text)); }

TEST(JsonValueTest, RawIsTheExactRange) {
  const std::string_view text =
      "  { \"tcbInfo\" : { \"a\" : [ 1 , 2.50 ] } ,\n \"signature\":\"00ff\", \"n\": null } ";
  const auto document = parse(text);
  ASSERT_TRUE(document.ok());
  const JsonValue root = document->root();
  EXPECT_EQ(root.raw(), text.substr(2, text.size() - 3));
  EXPECT_EQ(root.raw().data(), text.data() + 2);
  const auto info = root.get("tcbInfo");
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->raw(), "{ \"a\" : [ 1 , 2.50 ] }");
  EXPECT_EQ(info->get("a")->raw(), "[ 1 , 2.50 ]");
  EXPECT_EQ(info->get("a")->elements()->at(1).raw(), "2.50");
  EXPECT_EQ(root.get("signature")->raw(), "\"00ff\"");
  EXPECT_EQ(root.get("n")->raw(), "null");
}

TEST(JsonValueTest, ResolvesEscapes) {
  struct Case {
    std::string_view text;
    std::string_view resolved;
  };
  constexpr Case kCases[] = {
      {R"("")", ""},
      {R"("plain")", "plain"},
      {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
      {R"("a\u0041b")", "aAb"},
      {R"("\u0000")", "\0"sv},
      {R"("\u007f\u0080\u07ff")", "\x7f\xc2\x80\xdf\xbf"},
      {R"("\u0800\ud7ff\ue000\uFFFF")", "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"},
      {R"("\ud800\udc00\uDBFF\uDFFF")", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
      {R"("\ud83d\ude00 \\u0041")", "\xf0\x9f\x98\x80 \\u0041"},
      {"\"\xe2\x82\xac\\u20ac\"", "\xe2\x82\xac\xe2\x82\xac"},
  };
  for (const auto& [text, resolved] : kCases) {
    const auto document = parse(text);
    ASSERT_TRUE(document.ok()) << text;
    EXPECT_EQ(*document->root().string(), resolved) << text;
    const auto plain = document->root().plain_string();
    EXPECT_EQ(plain.ok(), text.find('\\') == text.npos) << text;
    if (plain.ok()) {
      EXPECT_EQ(*plain, resolved) << text;
    }
  }
}

TEST(JsonValueTest, ReadsUnsignedIntegers) {
  struct Case {
    std::string_view text;
    uint64_t max;
    bool ok;
    uint64_t number;
  };
  constexpr uint64_t kMost = UINT64_MAX;
  constexpr Case kCases[] = {
      {"0", 0, true, 0},
      {"255", 255, true, 255},
      {"256", 255, false, 0},
      {"1", 0, false, 0},
      {"18446744073709551615", kMost, true, kMost},
      {"18446744073709551616", kMost, false, 0},
      {"99999999999999999999999", kMost, false, 0},
      {"-0", kMost, false, 0},
      {"-1", kMost, false, 0},
      {"1.0", kMost, false, 0},
      {"1e2", kMost, false, 0},
      {"0e0", kMost, false, 0},
      {"\"1\"", kMost, false, 0},
      {"true", kMost, false, 0},
  };
  for (const auto& [text, max, ok, number] : kCases) {
    const auto document = parse(text);
    ASSERT_TRUE(document.ok()) << text;
    const auto read = document->root().unsigned_integer(max);
    ASSERT_EQ(read.ok(), ok) << text;
    if (ok) {
      EXPECT_EQ(*read, number) << text;
    } else {
      EXPECT_EQ(read.error().code, ErrorCode::malformed) << text;
    }
  }
}

TEST(JsonValueTest, GettersRefuseOtherKinds) {
  for (const std::string_view text : {"null", "true", "1", "\"s\"", "[]", "{}"}) {
    const auto document = parse(text);
    ASSERT_TRUE(document.ok());
    const JsonValue root = document->root();
    EXPECT_EQ(root.boolean().ok(), root.kind() == JsonKind::boolean) << text;
    EXPECT_EQ(root.unsigned_integer(9).ok(), root.kind() == JsonKind::number) << text;
    EXPECT_EQ(root.string().ok(), root.is_string()) << text;
    EXPECT_EQ(root.plain_string().ok(), root.is_string()) << text;
    EXPECT_EQ(root.elements().ok(), root.is_array()) << text;
    EXPECT_EQ(root.members().ok(), root.is_object()) << text;
    EXPECT_FALSE(root.has("a")) << text;
    EXPECT_EQ(root.get("a").error().code,
              root.is_object() ? ErrorCode::not_found : ErrorCode::malformed)
        << text;
  }
  EXPECT_EQ(parse("1")->root().string().error().what,
            "json: wanted a string at byte 0, found a number");
  EXPECT_TRUE(*parse("true")->root().boolean());
  EXPECT_FALSE(*parse("false")->root().boolean());
}

TEST(JsonValueTest, FindsMembersAndElements) {
  const auto document =
      parse(R"({"a":[{"x":1},[2,[3]],"s"],"\u0062":{"a":"inner"},"":true,"z":[]})");
  ASSERT_TRUE(document.ok());
  const JsonValue root = document->root();

  const auto elements = root.get("a")->elements();
  ASSERT_TRUE(elements.ok());
  ASSERT_EQ(elements->size(), 3u);
  EXPECT_EQ((*elements)[0].raw(), R"({"x":1})");
  EXPECT_EQ((*elements)[1].raw(), "[2,[3]]");
  EXPECT_EQ((*elements)[2].raw(), "\"s\"");
  EXPECT_TRUE(root.get("z")->elements()->empty());

  EXPECT_EQ(*root.get("b")->get("a")->string(), "inner");
  EXPECT_TRUE(*root.get("")->boolean());
  EXPECT_TRUE(root.has("b"));
  EXPECT_FALSE(root.has("\\u0062"));
  EXPECT_FALSE(root.has("x"));  // deeper, not here
  EXPECT_FALSE(root.has("inner"));

  const auto members = root.members();
  ASSERT_TRUE(members.ok());
  ASSERT_EQ(members->size(), 4u);
  EXPECT_EQ((*members)[0].name, "a");
  EXPECT_EQ((*members)[1].name, "b");
  EXPECT_EQ((*members)[1].value.raw(), R"({"a":"inner"})");
  EXPECT_EQ((*members)[2].name, "");
  EXPECT_EQ((*members)[3].name, "z");
}

}  // namespace
}  // namespace quoin
