// The key broker, as a TD asks it for root secrets (docs/key-broker.md).

#ifndef QUOIN_BROKER_H_
#define QUOIN_BROKER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "quoin/bytes.h"
#include "quoin/channel.h"
#include "quoin/result.h"
#include "quoin/seal.h"
#include "quoin/time.h"

namespace quoin {

// Which broker, and how the TD proves to it what it is.
struct BrokerOptions {
  // "HOST:PORT". Names are looked up by the system, which is not held to the timeout; whoever
  // answers must be the broker that is pinned below.
  std::string address;

  // Who the broker is: its key, the evidence that it must give, or both. These come from where the
  // TD's measurements reach: from the image, or from MRCONFIGID. Whoever can choose them can choose
  // the TD's keys.
  std::optional<ByteArray<32>> key_sha256;  // as `quoin broker init` prints it
  std::optional<WantedEvidence> evidence;   // of a broker that is a TD itself

  // Has the TD quote what the connection needs.
  Attester attester;

  // The current epoch that the broker has of a policy must be at least so high.
  uint64_t minimum_epoch = 0;

  // For one root secret: connecting, the evidence of both sides, and the answer.
  std::chrono::milliseconds timeout = std::chrono::seconds(60);

  // The time for verifying the broker's evidence.
  std::function<UtcTime()> clock;
};

// A provider that asks that broker, by a connection of its own for each root. It remembers the
// highest epoch of each policy that it was given, and refuses a broker that, asked afterwards,
// comes with a lower one: somebody turned it back. Where another thread is given a higher one while
// the broker answers, the broker is asked once more.
//
// Fails with invalid_argument: an address that is none, nothing pinned, no attester, or no clock.
// Nothing is sent yet. root_secret() fails with refused (the broker, or by the broker, or an epoch
// that was turned back), with not_found only where the broker has no such epoch, or no longer gives
// it, with timed_out (also where the broker says that it has too much to do, and where other
// threads are given a higher epoch both times), and with io: the broker is not reached, has no
// collateral for its evidence, hangs up, says what is no answer, or cannot decide; or this TD gives
// no evidence. With invalid_argument where no policy can be called so.
Result<std::unique_ptr<RootSecretProvider>> broker_root_secrets(BrokerOptions options);

}  // namespace quoin

#endif  // QUOIN_BROKER_H_
