#include "src/cli/html_values.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "src/base/hex.h"

namespace quoin::cli {
namespace {

constexpr size_t kGroupBytes = 4;
// What is no longer stays whole.
constexpr size_t kShortBytes = 8;

struct Unit {
  int64_t seconds;
  std::string_view name;
};
constexpr std::array kUnits = {
    Unit{int64_t{365} * 86'400, "year"},
    Unit{86'400, "day"},
    Unit{3'600, "hour"},
    Unit{60, "minute"},
    Unit{1, "second"},
};

}  // namespace

Html html_hex(ByteView bytes) {
  if (!bytes.empty() && all_zero(bytes)) {
    return html("<span class='zero'>all zero ({} bytes)</span>", bytes.size());
  }
  const size_t group_bytes = bytes.size() <= kShortBytes ? kShortBytes : kGroupBytes;
  Html digits;
  while (!bytes.empty()) {
    const ByteView group = bytes.first(std::min(group_bytes, bytes.size()));
    digits.add("<span>{}</span><wbr/>", to_hex(group));
    bytes = bytes.subspan(group.size());
  }
  return html("<code class='hex'>{}</code>", digits);
}

Html html_time(UtcTime time) {
  const std::string text = to_string(time);
  return html("<time datetime='{}'>{} {} UTC</time>", text, text.substr(0, 10), text.substr(11, 8));
}

std::string date_text(UtcTime time) { return to_string(time).substr(0, 10); }

std::string duration_text(std::chrono::seconds duration) {
  const int64_t seconds = duration.count();
  for (const Unit& unit : kUnits) {
    const int64_t count = seconds / unit.seconds;
    if (count == 0) continue;
    return std::to_string(count) + " " + std::string(unit.name) + (count == 1 ? "" : "s");
  }
  return "0 seconds";
}

Html html_fact(std::string_view name, const Html& value) {
  return html("<div><dt>{}</dt><dd>{}</dd></div>\n", name, value);
}

Html html_fact(std::string_view name, std::string_view value) {
  return html_fact(name, html("{}", value));
}

Html html_unproven(bool proven) {
  if (proven) return {};
  return html(
      "<p class='unproven'>✗ Not proven: what follows is only what the file says of itself.</p>\n");
}

}  // namespace quoin::cli
