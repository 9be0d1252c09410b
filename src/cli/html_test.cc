#include "src/cli/html.h"

#include <gtest/gtest.h>

namespace quoin::cli {
namespace {

TEST(HtmlTest, ValuesAreShownAndNeverObeyed) {
  struct Case {
    std::string_view text;
    std::string_view shown;
  };
  constexpr Case kCases[] = {
      {"", ""},
      {"plain {} text", "plain {} text"},
      {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
      {"\" onload='x'", "&quot; onload=&#39;x&#39;"},
      {"a & b &amp; c", "a &amp; b &amp;amp; c"},
      {"line\nline\x1b[2J", "line\\u{a}line\\u{1b}[2J"},
      {"\xe2\x80\xaemoc.elgoog", "\\u{202e}moc.elgoog"},  // right-to-left override
      {"caf\xc3\xa9", "caf\\u{e9}"},
      {"\xff\xfe", "\\xff\\xfe"},
      {std::string_view("\0", 1), "\\u{0}"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(escaped(c.text), c.shown);
    EXPECT_EQ(html("<p class='{}'>{}</p>", c.text, c.text).text(),
              "<p class='" + std::string(c.shown) + "'>" + std::string(c.shown) + "</p>");
  }
}

TEST(HtmlTest, LongValuesAreCut) {
  const std::string shown = escaped(std::string(1'000'000, 'y'));
  EXPECT_EQ(shown, std::string(kMaxHtmlValueColumns - 3, 'y') + "...");
}

TEST(HtmlTest, TemplatesAreFilledInOrder) {
  Html page;
  EXPECT_TRUE(page.empty());
  page.add("<ul>");
  for (const int number : {1, -2}) {
    page.add("<li id='n{}'>{}</li>", number, html("<b>{}</b>", std::string("<{}>")));
  }
  page.add(html("</ul>"));
  EXPECT_EQ(page.text(),
            "<ul><li id='n1'><b>&lt;{}&gt;</b></li><li id='n-2'><b>&lt;{}&gt;</b></li></ul>");
}

}  // namespace
}  // namespace quoin::cli
