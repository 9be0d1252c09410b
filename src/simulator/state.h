// A user's simulator: where its seed and its root certificate are kept between runs.

#ifndef QUOIN_SRC_SIMULATOR_STATE_H_
#define QUOIN_SRC_SIMULATOR_STATE_H_

#include <string>

#include "quoin/result.h"
#include "src/simulator/derive.h"

namespace quoin::simulator {

// A simulator never runs where a real platform could: what it says would be mistaken. Fails with
// refused when `on_real_td` (see src/td/detect.h).
Result<void> refuse_on_real_td(bool on_real_td);

// The directory holds `seed` (32 random bytes, mode 0600) and `root.pem` (the root certificate of
// that seed, mode 0644), and is itself of mode 0700.

// The seed in `directory`, which is made first if there is none, with whatever directories are
// missing above it. When several processes do this at once, one seed wins and all return it. Fails
// as load_state() does, and with io when the file system does not let us write.
Result<Seed> init_state(const std::string& directory, bool on_real_td);

// The seed in `directory`. Fails with refused on a real TD, and when the directory or the seed
// belongs to another user, is a symbolic link, or can be read or changed by others; with not_found
// when there is none; with malformed when it does not have 32 bytes; with permission or io.
Result<Seed> load_state(const std::string& directory, bool on_real_td);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_STATE_H_
