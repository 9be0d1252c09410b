#include "src/cli/options.h"

#include <charconv>
#include <chrono>
#include <optional>
#include <string>

#include "src/base/hex.h"
#include "src/cli/arguments.h"

namespace quoin::cli {
namespace {

constexpr uint64_t kLastSecondOf9999 = 253'402'300'799;

std::optional<uint64_t> read_decimal(std::string_view text) {
  uint64_t number = 0;
  const std::from_chars_result result =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// RFC 3339 as people and `date` write it, over what parse_rfc3339 reads: a lower-case or blank
// separator, fractions of seconds, which are cut off, and offsets from UTC.
std::optional<UtcTime> read_rfc3339(std::string_view text) {
  constexpr size_t kSecondsEnd = std::string_view("2025-03-13T07:30:24").size();
  if (text.size() <= kSecondsEnd) return std::nullopt;
  std::string utc(text.substr(0, kSecondsEnd));
  if (utc[10] == 't' || utc[10] == ' ') utc[10] = 'T';
  std::string_view rest = text.substr(kSecondsEnd);
  if (rest.starts_with('.')) {
    const size_t end = rest.find_first_not_of("0123456789", 1);
    if (end == 1 || end == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(end);
  }
  const Result<UtcTime> local = parse_rfc3339(utc + "Z");
  if (!local.ok()) return std::nullopt;
  if (rest == "Z" || rest == "z") return *local;
  if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':') return std::nullopt;
  const std::optional<uint64_t> hours = read_decimal(rest.substr(1, 2));
  const std::optional<uint64_t> minutes = read_decimal(rest.substr(4, 2));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return rest[0] == '+' ? *local - offset : *local + offset;
}

Error bad_value(std::string_view option, std::string_view text, std::string hint) {
  return usage_error(std::string(option) + " " + std::string(text) + ": not understood",
                     std::move(hint));
}

}  // namespace

Result<Bytes> parse_nonce(std::string_view option, std::string_view text) {
  Result<Bytes> bytes = from_hex(text);
  if (bytes.ok() && bytes->size() >= kMinNonceBytes && bytes->size() <= kMaxNonceBytes) {
    return bytes;
  }
  return bad_value(option, text, "a nonce is 8 to 64 bytes in hex: openssl rand -hex 16 makes one");
}

Result<UtcTime> parse_time(std::string_view option, std::string_view text) {
  if (const std::optional<uint64_t> seconds = read_decimal(text)) {
    if (*seconds <= kLastSecondOf9999) return UtcTime(std::chrono::seconds(*seconds));
  } else if (const std::optional<UtcTime> time = read_rfc3339(text)) {
    return *time;
  }
  return bad_value(option, text, "wanted seconds since 1970, or a time like 2025-03-13T07:30:24Z");
}

Result<uint64_t> parse_number(std::string_view option, std::string_view text, uint64_t least,
                              uint64_t most) {
  const std::optional<uint64_t> number = read_decimal(text);
  if (number && *number >= least && *number <= most) return *number;
  return bad_value(option, text,
                   "wanted a number from " + std::to_string(least) + " to " + std::to_string(most));
}

}  // namespace quoin::cli
