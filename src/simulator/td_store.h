// A user's TDs in software: one directory each, in the simulator's state.

#ifndef QUOIN_SRC_SIMULATOR_TD_STORE_H_
#define QUOIN_SRC_SIMULATOR_TD_STORE_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/result.h"
#include "src/simulator/software_td.h"

namespace quoin::simulator {

// The TD that is meant where none is named.
inline constexpr std::string_view kDefaultTd = "default";

// `tds/NAME/td.json` in the simulator's directory (src/simulator/state.h), of mode 0600 in
// directories of mode 0700. A change is made under a lock on the TD's directory and replaces the
// file whole: of processes that change one TD at once nothing is lost, and after a crash the file
// is what it was before the change or after it. Cheap to copy; thread-safe, and safe between
// processes.
//
// Names are 1 to 64 lower-case letters, digits, "-" and "_", beginning with a letter or a digit.
// Every function fails with invalid_argument for another name; with refused when a directory or a
// file belongs to another user, is a symbolic link, or is open to others; with malformed or
// too_large when the file is not one of ours; with permission or io.
class TdStore {
 public:
  // `directory` is the simulator's. Fails with refused on a real TD.
  static Result<TdStore> open(std::string directory, bool on_real_td);

  // The names, sorted. None when there is no directory yet.
  Result<std::vector<std::string>> names() const;

  // Fails with invalid_argument when there is one of that name.
  Result<void> create(std::string_view name, const SoftwareTd& td) const;

  // Fails with not_found.
  Result<SoftwareTd> load(std::string_view name) const;
  // The default TD is made when it is not there; others are not.
  Result<SoftwareTd> load_or_create(std::string_view name) const;

  // Calls `change` with the TD as it is, under the lock, and keeps what it makes of it unless it
  // fails. Returns what is kept. Fails with not_found, and as `change` does.
  Result<SoftwareTd> change(std::string_view name,
                            const std::function<Result<void>(SoftwareTd&)>& change) const;

  // The TD, and all that is kept with it. Fails with not_found.
  Result<void> remove(std::string_view name) const;

  // Where the TD's runtime event log is kept: a directory of the TD's own, which remove() takes
  // away with it, and which is made when it is not there.
  Result<std::string> runtime_log_directory(std::string_view name) const;

 private:
  explicit TdStore(std::string directory) : directory_(std::move(directory)) {}

  std::string directory_;
};

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_TD_STORE_H_
