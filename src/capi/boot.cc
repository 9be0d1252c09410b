#include "src/capi/boot.h"

#include "src/base/try.h"
#include "src/td/boot_log.h"
#include "src/td/secure_boot.h"

namespace quoin::capi {
namespace {

td::Answer answer_of(SecureBoot logged) {
  switch (logged) {
    case SecureBoot::on:
      return td::Answer::yes;
    case SecureBoot::off:
      return td::Answer::no;
    case SecureBoot::not_logged:
    case SecureBoot::not_known:
      return td::Answer::unknown;
  }
  return td::Answer::unknown;
}

}  // namespace

Result<CcEventLog> read_boot_log(const td::LinuxPaths& paths) {
  const Bytes area = TRY(td::read_boot_log(paths));
  return CcEventLog::parse(area);
}

SecureBootState secure_boot_state(const std::string& efivars, const CcEventLog* log,
                                  const ByteArray<48>* rtmr0) {
  SecureBootState state;
  state.variable = td::local_secure_boot(efivars).answer;
  if (log == nullptr) return state;
  state.logged = answer_of(secure_boot_from_log(*log).state);
  if (rtmr0 != nullptr) {
    state.log_replays = log->replayed_rtmrs()[0] == *rtmr0 ? td::Answer::yes : td::Answer::no;
  }
  return state;
}

}  // namespace quoin::capi
