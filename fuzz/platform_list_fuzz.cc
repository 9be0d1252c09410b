// A list of platforms that is read says the same when it is written again, and names each
// platform that stands in it.

#include <algorithm>
#include <cstdint>
#include <string>

#include "fuzz/require.h"
#include "quoin/policy.h"
#include "src/base/hex.h"

namespace {

template <typename Entries>
void write(std::string& text, std::string_view kind, const Entries& entries) {
  for (const auto& entry : entries) {
    text += kind;
    text += " " + quoin::to_hex(entry) + "\n";
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using quoin::fuzz::require;
  const std::string_view text = quoin::as_text({data, size});
  const auto list = quoin::parse_platform_list(text);
  if (!list.ok()) return 0;
  // One entry a line.
  require(list->size() <= static_cast<size_t>(std::ranges::count(text, '\n')) + 1);
  std::string written;
  write(written, "ppid", list->ppids);
  write(written, "platform_instance_id", list->platform_instance_ids);
  write(written, "fmspc", list->fmspcs);
  const auto again = quoin::parse_platform_list(written);
  require(again.ok() && again->ppids == list->ppids && again->fmspcs == list->fmspcs);
  require(again->platform_instance_ids == list->platform_instance_ids);
  for (const auto& ppid : list->ppids) {
    quoin::PlatformIdentity platform;
    platform.ppid = ppid;
    require(list->names(platform));
  }
  for (const auto& fmspc : list->fmspcs) {
    quoin::PlatformIdentity platform;
    platform.fmspc = fmspc;
    require(list->names(platform));
  }
  if (list->empty()) require(!list->names({}));
  return 0;
}
