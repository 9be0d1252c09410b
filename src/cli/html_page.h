// The frame of a page: one file that needs nothing else, and runs nothing.

#ifndef QUOIN_SRC_CLI_HTML_PAGE_H_
#define QUOIN_SRC_CLI_HTML_PAGE_H_

#include <string>
#include <string_view>

#include "src/cli/html.h"

namespace quoin::cli {

// The page's style sheet.
std::string_view page_style();

// A whole page, in HTML that is XML too. Its content security policy forbids everything but our
// style sheet.
std::string html_page(std::string_view title, const Html& body);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_HTML_PAGE_H_
