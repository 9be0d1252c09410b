#include "src/capi/memory_map.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>

namespace quoin::capi {
namespace {

// One line: "begin-end perms offset major:minor inode   name" (proc(5)).
struct Mapping {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  bool own = false;
};

// Takes the text up to the first blank, and the blanks behind it.
std::string_view take_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
  return word;
}

std::optional<uintptr_t> parse_hex(std::string_view text) {
  uintptr_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_anonymous_name(std::string_view name) {
  return name.empty() || name == "[heap]" || name == "[stack]" || name.starts_with("[anon:");
}

std::optional<Mapping> parse_line(std::string_view line) {
  const std::string_view range = take_word(line);
  const size_t dash = range.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::optional<uintptr_t> begin = parse_hex(range.substr(0, dash));
  const std::optional<uintptr_t> end = parse_hex(range.substr(dash + 1));
  if (!begin || !end) return std::nullopt;
  const std::string_view permissions = take_word(line);
  take_word(line);
  const std::string_view device = take_word(line);
  const std::string_view inode = take_word(line);
  const bool own = permissions.size() == 4 && permissions[3] == 'p' && device == "00:00" &&
                   inode == "0" && is_anonymous_name(line);
  return Mapping{.begin = *begin, .end = *end, .own = own};
}

}  // namespace

bool is_own_anonymous_memory(std::string_view maps, uintptr_t begin, size_t size) {
  if (size == 0 || size > std::numeric_limits<uintptr_t>::max() - begin) return false;
  const uintptr_t end = begin + size;
  // Lines stand in the order of their addresses.
  uintptr_t covered = begin;
  while (!maps.empty() && covered < end) {
    const std::string_view line = maps.substr(0, maps.find('\n'));
    maps.remove_prefix(std::min(maps.size(), line.size() + 1));
    const std::optional<Mapping> mapping = parse_line(line);
    if (!mapping) return false;
    if (mapping->end <= covered) continue;
    if (mapping->begin > covered || !mapping->own) return false;
    covered = mapping->end;
  }
  return covered >= end;
}

}  // namespace quoin::capi
