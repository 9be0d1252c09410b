#include <algorithm>
#include <string>

#include "quoin/policy.h"
#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/policy/platform_entry.h"

namespace quoin {
namespace {

constexpr size_t kMaxListBytes = size_t{16} << 20;
constexpr size_t kMaxEntries = 200'000;
constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

template <size_t N>
Result<void> add(std::set<ByteArray<N>>& entries, std::string_view name, std::string_view hex) {
  ByteArray<N> id{};
  if (const auto read = from_hex(hex, id); !read.ok()) {
    return malformed(std::string(name) + " wants " + std::to_string(2 * N) + " hex digits");
  }
  entries.insert(id);
  return {};
}

}  // namespace

bool PlatformList::names(const PlatformIdentity& platform) const {
  return ppids.contains(platform.ppid) || fmspcs.contains(platform.fmspc) ||
         (platform.platform_instance_id &&
          platform_instance_ids.contains(*platform.platform_instance_id));
}

Result<void> add_platform_entry(PlatformList& list, std::string_view entry) {
  if (list.size() >= kMaxEntries) return too_large("more than 200000 platforms");
  const size_t blank = entry.find_first_of(kBlanks);
  const std::string_view kind = entry.substr(0, blank);
  const std::string_view hex = blank == std::string_view::npos ? "" : trimmed(entry.substr(blank));
  if (kind == "ppid") return add(list.ppids, kind, hex);
  if (kind == "platform_instance_id") return add(list.platform_instance_ids, kind, hex);
  if (kind == "fmspc") return add(list.fmspcs, kind, hex);
  return malformed("wanted ppid, platform_instance_id or fmspc, a blank, and hex digits");
}

Result<PlatformList> parse_platform_list(std::string_view text) {
  if (text.size() > kMaxListBytes) return too_large("list of platforms: over 16 MiB");
  PlatformList list;
  for (size_t line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view written = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view entry = trimmed(written.substr(0, written.find('#')));
    if (entry.empty()) continue;
    if (const auto added = add_platform_entry(list, entry); !added.ok()) {
      Error error = added.error();
      error.what = "list of platforms, line " + std::to_string(line) + ": " + error.what;
      return error;
    }
  }
  return list;
}

}  // namespace quoin
