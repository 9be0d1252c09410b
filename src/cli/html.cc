#include "src/cli/html.h"

#include "src/cli/printable.h"

namespace quoin::cli {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : shortened(printable(text), kMaxHtmlValueColumns)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

HtmlValue::HtmlValue(std::string_view text) : escaped_(escaped(text)) {}
HtmlValue::HtmlValue(const Html& html) : escaped_(html.text()) {}

}  // namespace quoin::cli
