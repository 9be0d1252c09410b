// The texts that bytes, characters and times are written as: each has one reading, and what is
// read is written as it was.

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include "fuzz/require.h"
#include "quoin/time.h"
#include "src/base/base64.h"
#include "src/base/hex.h"
#include "src/base/time.h"
#include "src/base/utf8.h"
#include "src/cli/html.h"
#include "src/cli/printable.h"

namespace {

using quoin::ByteView;
using quoin::fuzz::require;

void check_base64(ByteView bytes, std::string_view text) {
  const auto decoded = quoin::from_base64(text);
  if (decoded.ok()) require(quoin::to_base64(*decoded) == text);
  const auto again = quoin::from_base64(quoin::to_base64(bytes));
  require(again.ok() && quoin::equal(*again, bytes));
}

void check_hex(ByteView bytes, std::string_view text) {
  const auto decoded = quoin::from_hex(text);
  if (decoded.ok()) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    require(quoin::to_hex(*decoded) == lower);
  }
  const auto again = quoin::from_hex(quoin::to_hex(bytes));
  require(again.ok() && quoin::equal(*again, bytes));
}

// The character that stands in the first `length` bytes of `text` (RFC 3629, section 3).
char32_t character_at(std::string_view text, size_t length) {
  constexpr unsigned kLeadBits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  char32_t character = static_cast<uint8_t>(text[0]) & kLeadBits[length];
  for (size_t i = 1; i < length; ++i) {
    character = character << 6 | (static_cast<uint8_t>(text[i]) & 0x3fu);
  }
  return character;
}

void check_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = quoin::utf8_length(text);
    require(length <= 4 && length <= text.size());
    if (length == 0) return;
    std::string written;
    quoin::append_utf8(written, character_at(text, length));
    require(written == text.substr(0, length));
    text.remove_prefix(length);
  }
}

void check_times(std::string_view text) {
  const auto time = quoin::parse_rfc3339(text);
  if (time.ok()) require(quoin::to_string(*time) == text);
  const auto compact = quoin::parse_compact_time(text);
  if (!compact.ok()) return;
  std::string digits = quoin::to_string(*compact);
  std::erase_if(digits, [](unsigned char c) { return std::isdigit(c) == 0; });
  require(digits == text);
}

// What is shown of a file is printable ASCII, whatever is in the file.
void check_printable(std::string_view text) {
  constexpr size_t kColumns = 20;
  const auto is_shown = [](char c) { return c >= ' ' && c <= '~'; };
  const std::string shown = quoin::cli::printable(text);
  require(std::ranges::all_of(shown, is_shown));
  const std::string shortened = quoin::cli::shortened(shown, kColumns);
  require(shortened.size() <= kColumns && std::ranges::all_of(shortened, is_shown));
}

// In a page it stands as itself: whoever resolves the references has what was shown.
void check_html(std::string_view text) {
  constexpr std::pair<std::string_view, char> kReferences[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
  const std::string html = quoin::cli::escaped(text);
  require(html.find_first_of("<>\"'") == std::string::npos);
  std::string resolved;
  for (std::string_view rest = html; !rest.empty();) {
    const auto* reference = std::ranges::find_if(
        kReferences, [&](const auto& known) { return rest.starts_with(known.first); });
    const bool is_reference = reference != std::end(kReferences);
    require(is_reference || rest.front() != '&');
    resolved += is_reference ? reference->second : rest.front();
    rest.remove_prefix(is_reference ? reference->first.size() : 1);
  }
  require(resolved ==
          quoin::cli::shortened(quoin::cli::printable(text), quoin::cli::kMaxHtmlValueColumns));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes(data, size);
  const std::string_view text = quoin::as_text(bytes);
  check_base64(bytes, text);
  check_hex(bytes, text);
  check_utf8(text);
  check_times(text);
  check_printable(text);
  check_html(text);
  return 0;
}
