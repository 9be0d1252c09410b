// HTML in which what comes out of files is shown, never obeyed. Markup is made of literals, which
// the compiler reads; every value that is put into one is escaped.

#ifndef QUOIN_SRC_CLI_HTML_H_
#define QUOIN_SRC_CLI_HTML_H_

#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace quoin::cli {

// What is longer is cut: nothing that is worth reading is.
inline constexpr size_t kMaxHtmlValueColumns = 1000;

// `text` in printable ASCII (src/cli/printable.h) of at most kMaxHtmlValueColumns columns, with
// references for what HTML gives a meaning. Stands safely between tags and inside quotes.
std::string escaped(std::string_view text);

class Html;

namespace html_internal {

// Not defined: a template that needs one of them does not compile.
void there_are_more_or_fewer_values_than_places();
void a_value_in_a_tag_stands_outside_of_quotes();
void markup_stands_inside_of_a_tag();
void a_link_does_not_begin_with_a_number_sign();

// Reads a template. `is_markup` says of each value whether it is Html.
consteval void check_template(std::string_view text, std::initializer_list<bool> is_markup) {
  const bool* value = is_markup.begin();
  bool in_tag = false;
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{' && text.substr(i).starts_with("{}")) {
      if (value == is_markup.end()) there_are_more_or_fewer_values_than_places();
      if (in_tag && quote == 0) a_value_in_a_tag_stands_outside_of_quotes();
      if (in_tag && *value) markup_stands_inside_of_a_tag();
      ++value;
    } else if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (in_tag) {
      if (c == '\'' || c == '"') quote = c;
      if (c == '>') in_tag = false;
      const std::string_view rest = text.substr(i);
      if ((rest.starts_with("href=") && !rest.substr(6).starts_with('#')) ||
          rest.starts_with("src=")) {
        a_link_does_not_begin_with_a_number_sign();
      }
    } else if (c == '<') {
      in_tag = true;
    }
  }
  if (value != is_markup.end()) there_are_more_or_fewer_values_than_places();
}

}  // namespace html_internal

// A literal with "{}" where values go: between tags, or inside an attribute's quotes. Anything else
// does not compile, nor does a link that leaves the page.
template <typename... Values>
class HtmlTemplate {
 public:
  // Implicit: a literal is one.
  consteval HtmlTemplate(const char* text) : text_(text) {
    html_internal::check_template(text_, {std::same_as<Values, Html>...});
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// What goes into one place of a template.
class HtmlValue {
 public:
  HtmlValue(std::string_view text);
  HtmlValue(const std::string& text) : HtmlValue(std::string_view(text)) {}
  HtmlValue(const char* text) : HtmlValue(std::string_view(text)) {}
  HtmlValue(const Html& html);
  template <std::integral Number>
  HtmlValue(Number number) : escaped_(std::to_string(number)) {}

  const std::string& text() const { return escaped_; }

 private:
  std::string escaped_;
};

// A piece of a page, in HTML that is XML too. Not thread-safe.
class Html {
 public:
  // Appends `form` with each value in its place.
  template <typename... Values>
  void add(HtmlTemplate<std::type_identity_t<Values>...> form, const Values&... values) {
    add_filled(form.text(), std::array<HtmlValue, sizeof...(Values)>{HtmlValue(values)...});
  }
  void add(const Html& more) { text_ += more.text_; }

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }

 private:
  template <size_t N>
  void add_filled(std::string_view form, const std::array<HtmlValue, N>& values) {
    for (const HtmlValue& value : values) {
      const size_t place = form.find("{}");
      text_ += form.substr(0, place);
      text_ += value.text();
      form.remove_prefix(place + 2);
    }
    text_ += form;
  }

  std::string text_;
};

// A piece that is one template.
template <typename... Values>
Html html(HtmlTemplate<std::type_identity_t<Values>...> form, const Values&... values) {
  Html piece;
  piece.add<Values...>(form, values...);
  return piece;
}

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_HTML_H_
