// Putting texts together, for errors and explanations.

#ifndef QUOIN_SRC_BASE_TEXT_H_
#define QUOIN_SRC_BASE_TEXT_H_

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace quoin {

// "a, b, c" with the separator ", ".
inline std::string joined(std::span<const std::string> texts, std::string_view separator) {
  std::string all;
  for (const std::string& text : texts) {
    if (&text != &texts.front()) all += separator;
    all += text;
  }
  return all;
}

// In double quotes, as it is.
inline std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

inline bool is_printable_ascii(char c) { return c >= ' ' && c <= '~'; }

// The first `most` bytes of a text that somebody else chose, fit for a line of ours: what is not
// printable ASCII is '?', and "..." behind them says that there are more.
inline std::string shown(std::string_view text, size_t most) {
  std::string start(text.substr(0, most));
  std::ranges::replace_if(start, [](char c) { return !is_printable_ascii(c); }, '?');
  if (text.size() > most) start += "...";
  return start;
}

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_TEXT_H_
