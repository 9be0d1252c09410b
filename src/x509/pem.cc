#include "src/x509/pem.h"

#include <algorithm>
#include <optional>
#include <string>

#include "src/base/base64.h"
#include "src/base/error.h"
#include "src/base/try.h"

namespace quoin::x509 {
namespace {

constexpr size_t kMaxTextBytes = size_t{8} << 20;
constexpr size_t kLineLength = 64;  // RFC 7468, 2

std::string boundary(std::string_view kind, std::string_view label) {
  return "-----" + std::string(kind) + " " + std::string(label) + "-----";
}

// Takes `prefix` off the front of `text`, if it stands there.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_line_break(std::string_view& text) { return take(text, "\r\n") || take(text, "\n"); }

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

// Takes a line off the front of `text`, without its line break. Nothing where there is none.
std::optional<std::string_view> take_line(std::string_view& text) {
  const size_t length = text.find('\n');
  if (length == std::string_view::npos) return std::nullopt;
  std::string_view line = text.substr(0, length);
  if (line.ends_with('\r')) line.remove_suffix(1);
  text.remove_prefix(length + 1);
  return line;
}

// The lines of base64 up to the next '-', which must be at the start of a line, without their
// line breaks.
Result<std::string> take_base64_lines(std::string_view& text) {
  std::string base64;
  base64.reserve(std::min(text.find('-'), text.size()));
  while (!text.empty() && text.front() != '-') {
    const std::optional<std::string_view> line = take_line(text);
    if (!line || line->empty()) return malformed("PEM: a line is empty or open");
    base64 += *line;
  }
  return base64;
}

}  // namespace

// textualmsg = preeb eol *( base64 eol ) posteb (RFC 7468, 3, its strict form but for the length of
// the lines, which may be any).
Result<std::vector<Bytes>> parse_pem(std::string_view text, std::string_view label,
                                     size_t max_blocks) {
  if (text.size() > kMaxTextBytes) return too_large("PEM: over 8 MiB");
  if (text.ends_with('\0')) text.remove_suffix(1);
  const std::string begin = boundary("BEGIN", label);
  const std::string end = boundary("END", label);

  std::vector<Bytes> blocks;
  for (skip_blanks(text); !text.empty(); skip_blanks(text)) {
    if (!take(text, begin) || !take_line_break(text)) return malformed("PEM: wanted " + begin);
    if (blocks.size() == max_blocks) {
      return too_large("PEM: more than " + std::to_string(max_blocks) + " blocks");
    }
    const std::string base64 = TRY(take_base64_lines(text));
    if (base64.empty()) return malformed("PEM: an empty block");
    if (!take(text, end)) return malformed("PEM: wanted " + end);
    if (text.starts_with('-')) return malformed("PEM: two blocks on one line");
    blocks.push_back(TRY(from_base64(base64)));
  }
  if (blocks.empty()) return Error{ErrorCode::not_found, "PEM: no block"};
  return blocks;
}

size_t first_block_size(std::string_view text, std::string_view label) {
  const std::string end = boundary("END", label);
  const size_t found = text.find(end);
  if (found == std::string_view::npos) return text.size();
  const size_t size = found + end.size();
  // Two blocks on one line are none: left together, they are refused.
  return text.substr(size).starts_with('-') ? text.size() : size;
}

std::string to_pem(ByteView der, std::string_view label) {
  const std::string base64 = to_base64(der);
  std::string text = boundary("BEGIN", label) + "\n";
  for (size_t i = 0; i < base64.size(); i += kLineLength) {
    text.append(base64, i, kLineLength).push_back('\n');
  }
  return text + boundary("END", label) + "\n";
}

}  // namespace quoin::x509
