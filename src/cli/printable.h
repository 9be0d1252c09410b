// What comes out of files is shown, never obeyed.

#ifndef QUOIN_SRC_CLI_PRINTABLE_H_
#define QUOIN_SRC_CLI_PRINTABLE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace quoin::cli {

// `text` in printable ASCII: a backslash is doubled, any other character is written as \u{hex}, and
// a byte that is no UTF-8 as \xhh. So no text from a file can move a terminal's cursor, hide what
// stands behind it, or look like another. One column a character.
std::string printable(std::string_view text);

// Printable ASCII in at most `columns` (at least 4): what is longer ends in "...".
std::string shortened(std::string_view text, size_t columns);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_PRINTABLE_H_
