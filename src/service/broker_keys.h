// The keys of a key broker, and the directory where they are.

#ifndef QUOIN_SRC_SERVICE_BROKER_KEYS_H_
#define QUOIN_SRC_SERVICE_BROKER_KEYS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/channel.h"
#include "quoin/result.h"
#include "quoin/secret.h"
#include "src/os/unique_fd.h"

namespace quoin::broker {

// What a broker's roots are for. It stands in its root key and in each root that comes of it, so
// that none of one kind is ever one of the other.
enum class StateKind : uint8_t {
  production = 1,
  simulated = 2,  // for simulated TDs, which prove nothing
};

// "production", "simulated".
std::string_view to_string(StateKind kind);

// What all roots of a broker come from. Movable; immutable use is thread-safe.
class RootKey {
 public:
  static constexpr size_t kFileBytes = 8 + 1 + 1 + 32 + 8;

  static RootKey generate(StateKind kind);

  // Reads what file() has written. Fails with malformed (also where a bit has changed: other roots
  // would come of it), unsupported (another version), truncated or trailing_bytes.
  static Result<RootKey> parse(ByteView file);
  SecretBytes file() const;

  StateKind kind() const { return kind_; }

  // The root secret of that policy and epoch: HKDF of this key (docs/formats.md). Fails with
  // crypto.
  Result<Secret<32>> policy_root(std::string_view policy_id, uint64_t epoch) const;

  // Which root key it is; not secret. Fails with crypto.
  Result<ByteArray<16>> id() const;

 private:
  RootKey(StateKind kind, Secret<32> secret) : kind_(kind), secret_(std::move(secret)) {}

  StateKind kind_;
  Secret<32> secret_;
};

struct BrokerKeys {
  RootKey root;
  // What TDs pin.
  ChannelKey channel;
};

// The names in a state directory.
inline constexpr std::string_view kRootKeyName = "root.key";
inline constexpr std::string_view kChannelKeyName = "channel.key";
inline constexpr std::string_view kDatabaseName = "broker.db";

// A broker's state directory. Fails with not_found, permission, io, and refused where it belongs
// to another user, is a symbolic link, or can be read or changed by others.
Result<UniqueFd> open_state_directory(const std::string& path);

// Reads the two keys. Fails likewise, as for the files themselves, and as those do who read them.
Result<BrokerKeys> load_keys(const std::string& path);

// Refuses a database that others can read or change, or that is no file of this user's. Fails as
// load_keys() does.
Result<void> check_database_file(const std::string& path);

// Makes a state directory with fresh keys and a database, whole or not at all: nothing stands under
// `path`, or an empty directory. Returns what TDs pin. Fails with refused where there is something
// already, and with permission, io or crypto.
Result<ByteArray<32>> make_state(const std::string& path, StateKind kind);

// A new database for the keys in a state directory that has none. Fails with refused where it has,
// and as load_keys() does.
Result<ByteArray<32>> recover_state(const std::string& path);

}  // namespace quoin::broker

#endif  // QUOIN_SRC_SERVICE_BROKER_KEYS_H_
