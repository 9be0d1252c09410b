#include "src/cli/html_page.h"

#include "src/base/base64.h"
#include "src/crypto/sha2.h"

namespace quoin::cli {
namespace {

// Content Security Policy Level 3, 2.3.1: a hash allows exactly the style sheet that has it.
std::string style_source() { return "sha256-" + to_base64(sha256(as_bytes(page_style()))); }

}  // namespace

std::string html_page(std::string_view title, const Html& body) {
  const Html before = html(
      "<!DOCTYPE html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'/>\n"
      "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src '{}'; "
      "base-uri 'none'; form-action 'none'\"/>\n"
      "<meta name='viewport' content='width=device-width, initial-scale=1'/>\n"
      "<meta name='color-scheme' content='light dark'/>\n"
      "<meta name='referrer' content='no-referrer'/>\n<title>{}</title>\n",
      style_source(), title);
  return before.text() + "<style>" + std::string(page_style()) + "</style>\n</head>\n<body>\n" +
         body.text() + "</body>\n</html>\n";
}

}  // namespace quoin::cli
