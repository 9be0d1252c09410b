// Putting texts together, for errors and explanations.

#ifndef QUOIN_SRC_BASE_TEXT_H_
#define QUOIN_SRC_BASE_TEXT_H_

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

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_TEXT_H_
