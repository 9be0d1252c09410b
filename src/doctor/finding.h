// What `quoin doctor` says of one thing that it looked at.

#ifndef QUOIN_SRC_DOCTOR_FINDING_H_
#define QUOIN_SRC_DOCTOR_FINDING_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "quoin/result.h"

namespace quoin::doctor {

enum class Status : uint8_t {
  ok,
  warning,  // what is needed works, and something about it is not as it should be
  failed,   // something that is needed does not work
  unknown,  // it could not be looked at: `cause` says why
};

// "ok", "warning", "failed", "unknown".
std::string_view name_of(Status status);

struct Finding {
  std::string_view id;  // stable: programs may branch on it
  Status status = Status::unknown;
  std::string seen = {};
  std::string cause = {};  // empty where it is ok
  std::string mend = {};   // what to do: of everything that failed or is a warning
};

// What works, and what could not be looked at.
Finding ok(std::string_view id, std::string seen);
Finding unknown(std::string_view id, std::string_view why);

// What an error says went wrong, and what to do: the error's hint, or `mend` where it has none.
Finding trouble(std::string_view id, Status status, std::string seen, const Error& error,
                std::string_view mend);

// The finding to begin with, of findings in the order of judge(): the first that failed, else the
// first warning; null where there is neither.
const Finding* most_fundamental(std::span<const Finding> findings);

// Whether none has failed.
bool is_healthy(std::span<const Finding> findings);

}  // namespace quoin::doctor

#endif  // QUOIN_SRC_DOCTOR_FINDING_H_
