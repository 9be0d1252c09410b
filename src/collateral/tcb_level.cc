#include "src/collateral/tcb_level.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "src/base/error.h"
#include "src/base/try.h"

namespace quoin {
namespace {

Result<TcbStatus> read_isv_svn_status(const JsonObject& level) {
  const auto status = parse_tcb_status(TRY(level.text("tcbStatus")));
  switch (status) {
    case TcbStatus::up_to_date:
    case TcbStatus::out_of_date:
    case TcbStatus::revoked:
      return status;
    default:
      return TcbStatus::unrecognized;
  }
}

// { "tcb": { "isvsvn" }, "tcbDate", "tcbStatus", "advisoryIDs"? }
Result<IsvSvnTcbLevel> read_isv_svn_tcb_level(JsonValue value) {
  const auto level = TRY(JsonObject::of(value, "TCB level"));
  const auto tcb = TRY(level.object("tcb"));
  IsvSvnTcbLevel read;
  read.isv_svn = TRY(tcb.number<uint16_t>("isvsvn"));
  read.tcb_date = TRY(level.time("tcbDate"));
  read.status = TRY(read_isv_svn_status(level));
  read.advisory_ids = TRY(read_advisory_ids(level));
  return read;
}

}  // namespace

Result<TcbStatus> read_platform_status(const JsonObject& level) {
  const auto status = parse_tcb_status(TRY(level.text("tcbStatus")));
  switch (status) {
    case TcbStatus::td_relaunch_advised:
    case TcbStatus::td_relaunch_advised_configuration_needed:
    case TcbStatus::not_supported:
      return TcbStatus::unrecognized;
    default:
      return status;
  }
}

Result<std::vector<std::string>> read_advisory_ids(const JsonObject& level) {
  std::vector<std::string> ids;
  if (!level.has("advisoryIDs")) return ids;
  const auto elements = TRY(level.array("advisoryIDs", kMaxAdvisoryIds));
  ids.reserve(elements.size());
  for (const auto& element : elements) {
    auto id = element.string();
    if (!id.ok()) return level.wrong("advisoryIDs", "not a string");
    if (id->size() > kMaxAdvisoryIdSize) {
      return too_large("TCB level: advisoryIDs: a name too long");
    }
    ids.push_back(std::move(id).value());
  }
  return ids;
}

Result<std::vector<IsvSvnTcbLevel>> read_isv_svn_tcb_levels(const JsonObject& owner) {
  const auto elements = TRY(owner.array("tcbLevels", kMaxTcbLevels));
  if (elements.empty()) return owner.wrong("tcbLevels", "empty");
  std::vector<IsvSvnTcbLevel> levels;
  levels.reserve(elements.size());
  for (const auto& element : elements) levels.push_back(TRY(read_isv_svn_tcb_level(element)));

  // As Intel's parser sorts them, and what it takes for a duplicate (IdentityTcbLevel.cpp).
  constexpr auto key = [](const IsvSvnTcbLevel& level) {
    return std::tuple(level.isv_svn, level.tcb_date);
  };
  std::ranges::sort(levels, std::greater(), key);
  if (std::ranges::adjacent_find(levels, std::equal_to(), key) != levels.end()) {
    return owner.wrong("tcbLevels", "two levels are the same");
  }
  return levels;
}

}  // namespace quoin
