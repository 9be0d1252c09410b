// What keeps a platform from being up to date, SVN by SVN.

#ifndef QUOIN_SRC_VERIFY_TCB_SHORTFALLS_H_
#define QUOIN_SRC_VERIFY_TCB_SHORTFALLS_H_

#include <vector>

#include "quoin/verify.h"

namespace quoin {

// The SVNs of `platform` that are lower than the newest levels of status UpToDate ask for: of TCB
// info, of the TDX modules' identities, and of QE identity. A kind without such a level has none.
std::vector<TcbShortfall> find_tcb_shortfalls(const PlatformTcb& platform, const TcbInfo& tcb_info,
                                              const QeIdentity& qe_identity);

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_TCB_SHORTFALLS_H_
