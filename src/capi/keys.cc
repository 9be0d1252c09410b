// tdx_security.h: keys and sealed data.

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "quoin/broker.h"
#include "quoin/seal.h"
#include "quoin/secret.h"
#include "src/base/try.h"
#include "src/capi/report.h"
#include "src/capi/session.h"
#include "src/os/deadline.h"
#include "tdx_security.h"

namespace quoin::capi {
namespace {

constexpr size_t kMaxSealedAtOnce = size_t{1} << 30;
// The label of what tdx_seal_data() seals: a key of tdx_derive_key() can have it too, and is
// derived for another purpose.
constexpr std::string_view kSealLabel = "tdx_seal_data";
constexpr std::string_view kDefaultPolicyId = "default";
// For one root.
constexpr std::chrono::seconds kBrokerTimeout{60};

Outcome key_failure(Error error) {
  if (error.code == ErrorCode::unsupported && error.what.starts_with(kNoKeySource)) {
    return {TDX_ERROR_NO_KEY_SOURCE, std::move(error)};
  }
  if (error.code == ErrorCode::invalid_argument) return error;
  const bool refused = error.code == ErrorCode::refused || error.code == ErrorCode::not_found;
  return {refused ? TDX_ERROR_ATTESTATION : TDX_ERROR_COMMUNICATION, std::move(error)};
}

// A call that asks for a root: the settings that it began with, and by when it must have the root.
struct Question {
  const Session& session;
  Deadline deadline;
};

// The one that this thread is in, null outside. The source of keys outlives settings, since it
// remembers epochs, and an Attester is told nothing but report data; a broker's client calls it on
// the thread that asks for the root.
const Question*& own_question() {
  static thread_local const Question* question = nullptr;
  return question;
}

Result<RootSecret> ask_for_root(const Session& session, const RootRequest& request) {
  struct Asking {
    explicit Asking(const Question& question) { own_question() = &question; }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;
    ~Asking() { own_question() = nullptr; }
  };
  const Question question = {session, deadline_after(kBrokerTimeout)};
  const Asking asking(question);
  return session.key_source->root_secret(request);
}

// Evidence of the TD of the call that asks, which the broker must have in time.
Result<TdEvidence> attest(const ByteArray<64>& report_data) {
  const Question* const question = own_question();
  if (question == nullptr || !question->session.security_td) {
    return Error{ErrorCode::internal, "a key broker's client attests for nobody"};
  }
  const Session& session = question->session;
  const std::shared_ptr<td::Td> td = session.security_td->until(question->deadline);
  return own_evidence(*td, session.runtime_log(), report_data, question->deadline);
}

// The root, or how not having it ends the function.
Outcome find_root(const Session& session, std::optional<uint64_t> epoch, RootSecret& root) {
  if (!session.key_source) {
    return key_failure(no_key_source(
        "no source of keys is set",
        "tdx_set_key_broker() names one; a key from what anybody can compute would protect "
        "nothing, so none is made"));
  }
  Result<RootSecret> found = ask_for_root(session, {session.key_policy_id, epoch});
  if (!found.ok()) return key_failure(std::move(found).error());
  root = *std::move(found);
  return {};
}

KeyContext context_of(std::string_view label) {
  return {.module = {}, .label = std::string(label)};
}

Outcome derive(const Session& session, ByteView label, std::span<uint8_t> key) {
  if (label.empty() || label.size() > kMaxKeyLabelBytes) return wrong("a label has 1 to 256 bytes");
  if (key.size() < kMinDerivedKeyBytes || key.size() > kMaxDerivedKeyBytes) {
    return wrong("a key has 16 to 8160 bytes");
  }
  RootSecret root;
  if (Outcome found = find_root(session, std::nullopt, root); !found.ok()) return found;
  return derive_key(root, KeyPurpose::application, context_of(as_text(label)), key);
}

Outcome seal_data(const Session& session, ByteView data, uint8_t* sealed, size_t capacity,
                  size_t& size) {
  if (data.size() > kMaxSealedAtOnce) return wrong("more than 1 GiB");
  RootSecret root;
  if (Outcome found = find_root(session, std::nullopt, root); !found.ok()) return found;
  const KeyContext context = context_of(kSealLabel);
  if (sealed == nullptr || capacity < sealed_size(root, context, data.size())) {
    size = sealed_size(root, context, data.size());
    return {TDX_ERROR_BUFFER_TOO_SMALL,
            wrong("sealed data of " + std::to_string(size) + " bytes has no room")};
  }
  const Bytes made = TRY(seal(root, context, data, fresh_seal_salt()));
  return hand_out(made, sealed, capacity, size);
}

Outcome unseal_data(const Session& session, ByteView sealed, uint8_t* data, size_t capacity,
                    size_t& size) {
  const Result<SealedHeader> header = parse_sealed_header(sealed);
  if (!header.ok()) return {TDX_ERROR_CRYPTO, header.error()};
  // The data says which epoch it wants, and nothing else. Nobody is asked for what does not open
  // under what they give.
  if (session.key_source &&
      (header->source != RootSource::broker || header->policy_id != session.key_policy_id)) {
    return {TDX_ERROR_CRYPTO,
            {ErrorCode::refused, "the data was not sealed under the key broker's policy \"" +
                                     session.key_policy_id + "\""}};
  }
  RootSecret root;
  if (Outcome found = find_root(session, header->epoch, root); !found.ok()) return found;
  const Result<SecretBytes> opened = unseal(root, context_of(kSealLabel), sealed);
  if (!opened.ok()) return {TDX_ERROR_CRYPTO, opened.error()};
  return hand_out(opened->view(), data, capacity, size);
}

Result<std::shared_ptr<RootSecretProvider>> open_broker(const char* address,
                                                        const uint8_t* key_sha256,
                                                        uint64_t minimum_epoch) {
  if (key_sha256 == nullptr) return wrong("the broker's key is NULL: it would be anybody");
  BrokerOptions options;
  options.address = address;
  std::copy_n(key_sha256, 32, options.key_sha256.emplace().begin());
  options.attester = attest;
  options.timeout = kBrokerTimeout;
  options.minimum_epoch = minimum_epoch;
  options.clock = now;
  return std::shared_ptr(TRY(broker_root_secrets(std::move(options))));
}

}  // namespace

extern "C" {

int tdx_set_key_broker(const char* address, const uint8_t* key_sha256, const char* policy_id) {
  return run("tdx_set_key_broker", kSettings, [&](const Session& session) -> Outcome {
    std::shared_ptr<RootSecretProvider> broker;
    const std::string_view id = policy_id == nullptr ? kDefaultPolicyId : policy_id;
    if (!is_policy_id(id)) return wrong("no policy can be called so");
    if (address != nullptr) broker = TRY(open_broker(address, key_sha256, session.minimum_epoch));
    return change_session([&](Session& changed) -> Result<void> {
      changed.key_source = broker;
      changed.key_policy_id = id;
      return {};
    });
  });
}

int tdx_set_minimum_epoch(uint64_t epoch) {
  return run("tdx_set_minimum_epoch", kSettings, [&](const Session&) -> Outcome {
    return change_session([&](Session& changed) -> Result<void> {
      changed.minimum_epoch = epoch;
      return {};
    });
  });
}

int tdx_derive_key(const uint8_t* label, size_t label_len, uint8_t* key, size_t key_len) {
  const int code =
      run_security("tdx_derive_key", kSecurity, [&](const Session& session, td::Td&) -> Outcome {
        const ByteView name = TRY(view_of(label, label_len, "the label"));
        if (key == nullptr) return wrong("the key is NULL");
        return derive(session, name, {key, key_len});
      });
  return zero_unless_ok(code, key, key_len);
}

int tdx_seal_data(const uint8_t* data, size_t len, uint8_t* sealed, size_t* sealed_len) {
  const size_t capacity = take_capacity(sealed_len);
  const int code =
      run_security("tdx_seal_data", kSecurity, [&](const Session& session, td::Td&) -> Outcome {
        if (sealed_len == nullptr) return wrong("the length is NULL");
        const ByteView bytes = TRY(view_of(data, len, "the data"));
        return seal_data(session, bytes, sealed, capacity, *sealed_len);
      });
  return zero_unless_ok(code, sealed, capacity);
}

int tdx_unseal_data(const uint8_t* sealed, size_t len, uint8_t* data, size_t* data_len) {
  const size_t capacity = take_capacity(data_len);
  const int code =
      run_security("tdx_unseal_data", kSecurity, [&](const Session& session, td::Td&) -> Outcome {
        if (data_len == nullptr) return wrong("the length is NULL");
        const ByteView bytes = TRY(view_of(sealed, len, "the sealed data"));
        return unseal_data(session, bytes, data, capacity, *data_len);
      });
  return zero_unless_ok(code, data, capacity);
}

}  // extern "C"
}  // namespace quoin::capi
