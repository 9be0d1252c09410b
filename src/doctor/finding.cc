#include "src/doctor/finding.h"

#include <algorithm>
#include <utility>

namespace quoin::doctor {

Finding ok(std::string_view id, std::string seen) {
  return {.id = id, .status = Status::ok, .seen = std::move(seen)};
}

Finding unknown(std::string_view id, std::string_view why) {
  return {.id = id, .status = Status::unknown, .cause = std::string(why)};
}

Finding trouble(std::string_view id, Status status, std::string seen, const Error& error,
                std::string_view mend) {
  return {.id = id,
          .status = status,
          .seen = std::move(seen),
          .cause = error.what,
          .mend = error.hint.empty() ? std::string(mend) : error.hint};
}

std::string_view name_of(Status status) {
  switch (status) {
    case Status::ok:
      return "ok";
    case Status::warning:
      return "warning";
    case Status::failed:
      return "failed";
    case Status::unknown:
      return "unknown";
  }
  return "unknown";
}

bool is_healthy(std::span<const Finding> findings) {
  return std::ranges::find(findings, Status::failed, &Finding::status) == findings.end();
}

const Finding* most_fundamental(std::span<const Finding> findings) {
  for (const Status status : {Status::failed, Status::warning}) {
    const auto finding = std::ranges::find(findings, status, &Finding::status);
    if (finding != findings.end()) return &*finding;
  }
  return nullptr;
}

}  // namespace quoin::doctor
