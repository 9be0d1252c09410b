// Keys of a TD, and data that only it can open.
//
// A TD has no key of its own that outlives it: what it keeps on disk is sealed under a root secret
// that somebody else gave it, who looked at what it runs. Everything here is derived from such a
// root (docs/formats.md, "Keys and sealed data"). What sealing promises, and to whom, is in
// docs/threat-model.md.

#ifndef QUOIN_SEAL_H_
#define QUOIN_SEAL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/secret.h"

namespace quoin {

// Who gives root secrets. The values stand in sealed data.
enum class RootSource : uint8_t {
  simulator = 1,  // a file of the user's: protects nothing, proves nothing
  broker = 2,     // a key broker, for a quote that its policy accepts
  kernel = 3,     // the TDX module's sealing key (TDG.MR.KEY.GET), where a kernel offers it
};

// "simulator", "broker", "kernel".
std::string_view to_string(RootSource source);

inline constexpr size_t kMaxRootIdentityBytes = 256;
inline constexpr size_t kMaxPolicyIdBytes = 128;
inline constexpr size_t kMaxKeyLabelBytes = 256;

// Whether a policy can be called that: 1 to kMaxPolicyIdBytes letters, digits and "._-", of which
// the first is a letter or a digit.
bool is_policy_id(std::string_view id);

// The secret that all keys under one policy come from, and who gave it for what. Movable; wipes its
// secret at its end. Immutable use is thread-safe.
struct RootSecret {
  Secret<32> secret;
  RootSource source = RootSource::simulator;
  // Which one of that kind: of a broker, SHA-256 of its SubjectPublicKeyInfo; of the kernel, what
  // the key was asked for. 1 to kMaxRootIdentityBytes.
  Bytes source_identity;
  // What the source accepted the TD by.
  std::string policy_id;
  // Counts up when the source replaces the policy's secret.
  uint64_t epoch = 0;
};

// The root that is wanted.
struct RootRequest {
  std::string policy_id;
  // Nothing: the current one. An older one opens what was sealed before; whether a TD may have it
  // is for the source to decide.
  std::optional<uint64_t> epoch;
};

// Where root secrets come from. Implementations say how long a call may take, and may be called
// from several threads at once.
class RootSecretProvider {
 public:
  virtual ~RootSecretProvider() = default;
  RootSecretProvider(const RootSecretProvider&) = delete;
  RootSecretProvider& operator=(const RootSecretProvider&) = delete;

  // Fails with unsupported (no_key_source()), with not_found (no such policy or epoch), with
  // refused (this TD may not have it), and with the errors of whatever carries it. Never gives a
  // secret that public values could be computed into.
  virtual Result<RootSecret> root_secret(const RootRequest& request) = 0;

 protected:
  RootSecretProvider() = default;
};

// What the text of no_key_source() begins with.
inline constexpr std::string_view kNoKeySource = "NO_KEY_SOURCE";

// There is nobody here to get a root secret from: `why`, and in `hint` what to do. Its code is
// unsupported.
Error no_key_source(std::string_view why, std::string hint);

// What a key is for. Keys for different purposes have nothing to do with each other.
enum class KeyPurpose : uint8_t {
  application = 2,  // whatever runs in the TD
  guest = 3,        // one WebAssembly module, and no other
};

// Whose key, and which of its keys. Sealed data carries both in clear.
struct KeyContext {
  // SHA-256 of the WebAssembly module whose the key is. Nothing: the TD's.
  std::optional<ByteArray<32>> module;
  // Any bytes, 1 to kMaxKeyLabelBytes.
  std::string label;
};

// Of one derived key: no shorter one is a key, and no longer one is to be had from HKDF.
inline constexpr size_t kMinDerivedKeyBytes = 16;
inline constexpr size_t kMaxDerivedKeyBytes = 8160;

// Fills `out` with the key for that purpose, context and size: the same under the same root, and
// unrelated to every other. A key for a guest needs a module, and one for an application has none.
// Fails with invalid_argument where a size is not as above or the root's secret is zero, and with
// crypto; `out` is then zero. Thread-safe.
Result<void> derive_key(const RootSecret& root, KeyPurpose purpose, const KeyContext& context,
                        std::span<uint8_t> out);

// What makes the key of one piece of sealed data its own. Must be random, and must never serve
// twice.
using SealSalt = ByteArray<32>;

// From OpenSSL's generator, which the operating system seeds. Thread-safe.
SealSalt fresh_seal_salt();

// How many bytes seal() makes of so many.
size_t sealed_size(const RootSecret& root, const KeyContext& context, size_t plaintext_size);

// Seals `plaintext`, which may be empty: AES-256-GCM under a key of its own. What comes out opens
// whole and unchanged, under the same root (secret, source, policy, epoch) and context, or not at
// all. Its size says that of the plaintext. Fails as derive_key() does. Thread-safe.
Result<Bytes> seal(const RootSecret& root, const KeyContext& context, ByteView plaintext,
                   const SealSalt& salt);

// The plaintext of what was sealed so. Fails with malformed, truncated, trailing_bytes or too_large
// (no sealed data), unsupported (of a later version), refused (sealed under another root or
// context, or changed), and as derive_key() does. Thread-safe.
Result<SecretBytes> unseal(const RootSecret& root, const KeyContext& context, ByteView sealed);

// What stands at the front of sealed data. A claim, until the data has been opened.
struct SealedHeader {
  RootSource source = RootSource::simulator;
  Bytes source_identity;
  std::string policy_id;
  uint64_t epoch = 0;
  KeyContext context;
  SealSalt salt{};
  // Of the header itself, in the data. At most kMaxSealedHeaderBytes.
  size_t size = 0;
};

inline constexpr size_t kMaxSealedHeaderBytes = 768;

// Reads the header at the front of sealed data; what stands behind it is not looked at. Fails as
// unseal() does.
Result<SealedHeader> parse_sealed_header(ByteView sealed);

// Takes up to as many bytes as the span has, and says how many: 0 at the end and not before.
using ByteSource = std::function<Result<size_t>(std::span<uint8_t>)>;
// Takes all of the bytes, which are valid during the call.
using ByteSink = std::function<Result<void>(ByteView)>;

// The same as seal(), of any size and in constant memory: 129 KiB. Fails besides as source and sink
// do; what the sink has got by then does not open.
Result<void> seal_stream(const RootSecret& root, const KeyContext& context, const SealSalt& salt,
                         const ByteSource& source, const ByteSink& sink);

// The same as unseal(), likewise, under the root of that policy that the data was sealed under: the
// data says which epoch to ask `roots` for, and nothing else. The sink gets the plaintext piece by
// piece: each has been authenticated, with its place, before. Only success says that these were
// all: whoever must not act on a part holds it back until then. Fails besides as source, sink and
// `roots` do.
Result<void> unseal_stream(RootSecretProvider& roots, std::string_view policy_id,
                           const KeyContext& context, const ByteSource& source,
                           const ByteSink& sink);

// The same for what is in memory, which is read where it is: large data goes through at the speed
// of the cipher, without the copy that a source makes. Nobody may change it during the call.
Result<void> seal_stream(const RootSecret& root, const KeyContext& context, const SealSalt& salt,
                         ByteView plaintext, const ByteSink& sink);
Result<void> unseal_stream(RootSecretProvider& roots, std::string_view policy_id,
                           const KeyContext& context, ByteView sealed, const ByteSink& sink);

}  // namespace quoin

#endif  // QUOIN_SEAL_H_
