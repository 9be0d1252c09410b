// What a key broker must not forget: the epochs of its policies, and what it has decided. Nothing
// in it is secret. Only this file knows SQLite.

#ifndef QUOIN_SRC_SERVICE_BROKER_STORE_H_
#define QUOIN_SRC_SERVICE_BROKER_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin::broker {

// Which of a policy's roots are given. They count from 1.
struct Epochs {
  uint64_t current = 1;
  // Older ones than this are retired.
  uint64_t oldest = 1;

  friend bool operator==(const Epochs&, const Epochs&) = default;
};

struct PolicyEpochs {
  std::string policy_id;
  Epochs epochs;
};

enum class Outcome : uint8_t { refused, released };

struct DecisionRecord {
  Outcome outcome = Outcome::refused;
  std::string line;
};

inline constexpr uint64_t kMaxEpoch = uint64_t{1} << 53;

// An SQLite database in WAL mode with synchronous=FULL: what a call has changed is on the disk when
// the call returns, and a call that was cut short has changed nothing. Several processes can use
// one at a time. Thread-safe. All calls fail with malformed (the database is damaged), io (also
// where another process keeps it locked for seconds), and permission.
class Store {
 public:
  // A new file, mode 0600, for the broker whose root key has that id. Fails with refused where
  // there is one.
  static Result<void> make(const std::string& path, const ByteArray<16>& root_key_id);

  // Fails with not_found, with refused where it belongs to another root key, and with unsupported
  // (of a later version). Looks at all of the database.
  static Result<Store> open(const std::string& path, const ByteArray<16>& root_key_id);

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // Policies that are not known yet begin at epoch 1; the others stay as they are.
  Result<void> add_policies(std::span<const std::string> policy_ids);

  // All of them, in the order of their ids.
  Result<std::vector<PolicyEpochs>> policies();

  // Raises the policy's epoch by one, or to `to`, and with `retire` retires all before it. Fails
  // with not_found, and with invalid_argument where `to` is not higher, or over kMaxEpoch.
  Result<Epochs> rotate(std::string_view policy_id, std::optional<uint64_t> to, bool retire);

  // A decision: `decide` is told its number, which no other has, and the policy's epochs (nothing:
  // there is no such policy), and returns the line that is kept of it. `decide` may be called
  // without anything being kept: only success says that the decision stands. Of each outcome the
  // last kKeptDecisions are kept: whoever is refused often makes no release forgotten.
  using Decide =
      std::function<DecisionRecord(uint64_t number, const std::optional<Epochs>& epochs)>;
  Result<void> record(std::string_view policy_id, const Decide& decide);

  static constexpr uint64_t kKeptDecisions = 100'000;

  // The lines of the last `most` decisions of both outcomes, the oldest first.
  Result<std::vector<std::string>> decisions(uint64_t most);

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace quoin::broker

#endif  // QUOIN_SRC_SERVICE_BROKER_STORE_H_
