// A root secret and a context, and every way in which they can be another's. For tests only.

#ifndef QUOIN_SRC_SEAL_SAMPLES_TESTING_H_
#define QUOIN_SRC_SEAL_SAMPLES_TESTING_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/seal.h"

namespace quoin::seal_samples {

// The secret is the bytes 0 to 31, or with a `first` from there on.
inline RootSecret root(uint8_t first = 0) {
  RootSecret root;
  for (size_t i = 0; i < 32; ++i) {
    root.secret.mutable_view()[i] = static_cast<uint8_t>(first + i);
  }
  root.source = RootSource::broker;
  root.source_identity = Bytes(32, 0xb0);
  root.policy_id = "production";
  root.epoch = 7;
  return root;
}

inline RootSecret copy_of(const RootSecret& original) {
  RootSecret copy;
  std::ranges::copy(original.secret.view(), copy.secret.mutable_view().begin());
  copy.source = original.source;
  copy.source_identity = original.source_identity;
  copy.policy_id = original.policy_id;
  copy.epoch = original.epoch;
  return copy;
}

inline KeyContext context() {
  ByteArray<32> module{};
  module.fill(0xd1);
  return {.module = module, .label = "label"};
}

inline SealSalt salt(uint8_t byte = 0x5a) {
  SealSalt salt{};
  salt.fill(byte);
  return salt;
}

// `size` bytes that no two chunks have alike.
inline Bytes plaintext(size_t size) {
  Bytes bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i + i / 251 + i / 65536);
  return bytes;
}

// One field that is another's.
struct Change {
  std::string_view what;
  std::function<void(RootSecret&, KeyContext&)> apply;
  // Of what stands in the header: the word in the error. Empty for the secret itself.
  std::string_view said;
};

inline std::vector<Change> changes() {
  return {
      {"secret", [](RootSecret& r, KeyContext&) { r.secret.mutable_view()[31] ^= 1; }, ""},
      {"source", [](RootSecret& r, KeyContext&) { r.source = RootSource::simulator; },
       "root of the broker, not of the simulator"},
      {"identity", [](RootSecret& r, KeyContext&) { r.source_identity[31] ^= 1; },
       "another broker"},
      {"longer identity", [](RootSecret& r, KeyContext&) { r.source_identity.push_back(0); },
       "another broker"},
      {"policy", [](RootSecret& r, KeyContext&) { r.policy_id = "Production"; },
       "policy \"production\", not \"Production\""},
      {"epoch", [](RootSecret& r, KeyContext&) { r.epoch = 8; }, "epoch 7, not 8"},
      {"older epoch", [](RootSecret& r, KeyContext&) { r.epoch = 6; }, "epoch 7, not 6"},
      {"module", [](RootSecret&, KeyContext& c) { (*c.module)[0] ^= 1; }, "the module d1d1"},
      {"no module", [](RootSecret&, KeyContext& c) { c.module.reset(); }, "not for no module"},
      {"label", [](RootSecret&, KeyContext& c) { c.label = "labeL"; }, "label \"label\""},
      {"longer label", [](RootSecret&, KeyContext& c) { c.label += '\0'; }, "label \"label\""},
  };
}

}  // namespace quoin::seal_samples

#endif  // QUOIN_SRC_SEAL_SAMPLES_TESTING_H_
