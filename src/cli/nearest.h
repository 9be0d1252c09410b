// What somebody who mistyped a word may have meant.

#ifndef QUOIN_SRC_CLI_NEAREST_H_
#define QUOIN_SRC_CLI_NEAREST_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace quoin::cli {

// How many characters must be inserted, deleted, replaced, or swapped with their neighbour to make
// one text of the other (optimal string alignment). Time and memory are the product of the sizes.
size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `words`, the first of several, if it is near enough to be what was meant: at most
// a third of its letters differ, or it continues what was typed.
std::optional<std::string_view> nearest(std::string_view typed,
                                        std::span<const std::string_view> words);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_NEAREST_H_
