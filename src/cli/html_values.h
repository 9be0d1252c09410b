// Values as the pages for people show them.

#ifndef QUOIN_SRC_CLI_HTML_VALUES_H_
#define QUOIN_SRC_CLI_HTML_VALUES_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/time.h"
#include "src/cli/html.h"

namespace quoin::cli {

// Hexadecimal digits in groups, between which a narrow screen can break the line; copied without
// blanks. "all zero" where they are.
Html html_hex(ByteView bytes);

// "2025-03-13 07:30:24 UTC", with what machines read.
Html html_time(UtcTime time);

// "2025-03-13".
std::string date_text(UtcTime time);

// "12 days", "1 hour": the largest unit of which there is at least one, cut to whole ones.
std::string duration_text(std::chrono::seconds duration);

// A row of a list of facts: what it is, and its value.
Html html_fact(std::string_view name, const Html& value);
Html html_fact(std::string_view name, std::string_view value);

// What stands above facts that nothing proves; nothing where they are `proven`.
Html html_unproven(bool proven);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_HTML_VALUES_H_
