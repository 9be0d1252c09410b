#include "src/seal/derivation.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "src/base/try.h"
#include "src/base/writer.h"
#include "src/crypto/hkdf.h"
#include "src/crypto/secret.h"

namespace quoin {
namespace {

constexpr std::string_view kVersion = "quoin key, version 1";

static_assert(kMaxDerivedKeyBytes == kMaxHkdfSha256Bytes);

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

Error invalid(std::string what) {
  return {ErrorCode::invalid_argument, "key derivation: " + std::move(what)};
}

void append_field(Writer& info, ByteView field) {
  info.u32le(static_cast<uint32_t>(field.size())).bytes(field);
}

ByteView module_field(const KeyContext& context) {
  return context.module ? ByteView(*context.module) : ByteView();
}

Result<void> check_purpose(KeyPurpose purpose, const KeyContext& context) {
  switch (purpose) {
    case KeyPurpose::application:
      if (context.module) return invalid("an application's key has no module");
      return {};
    case KeyPurpose::guest:
      if (!context.module) return invalid("a guest's key needs the guest's module");
      return {};
  }
  return invalid("there is no such purpose");
}

}  // namespace

std::string_view to_string(RootSource source) {
  switch (source) {
    case RootSource::simulator:
      return "simulator";
    case RootSource::broker:
      return "broker";
    case RootSource::kernel:
      return "kernel";
  }
  return "unknown";
}

bool is_policy_id(std::string_view id) {
  const auto allowed = [](char c) {
    return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
  };
  return !id.empty() && id.size() <= kMaxPolicyIdBytes && is_letter_or_digit(id.front()) &&
         std::ranges::all_of(id, allowed);
}

Error no_key_source(std::string_view why, std::string hint) {
  return {ErrorCode::unsupported, std::string(kNoKeySource) + ": " + std::string(why),
          std::move(hint)};
}

Bytes derivation_info(const RootSecret& root, KeyPurpose purpose, const KeyContext& context,
                      size_t key_size) {
  Writer info;
  append_field(info, as_bytes(kVersion));
  append_field(info, Writer().u8(static_cast<uint8_t>(purpose)).view());
  append_field(info, as_bytes(root.policy_id));
  append_field(info, Writer().u64le(root.epoch).view());
  append_field(info, module_field(context));
  append_field(info, as_bytes(context.label));
  append_field(info,
               Writer().u8(static_cast<uint8_t>(root.source)).bytes(root.source_identity).view());
  append_field(info, Writer().u64le(key_size).view());
  return info.take();
}

Result<void> check_derivation(const RootSecret& root, const KeyContext& context) {
  if (equal_in_constant_time(root.secret.view(), Secret<32>().view())) {
    return invalid("the root secret is zero");
  }
  if (root.source_identity.empty() || root.source_identity.size() > kMaxRootIdentityBytes) {
    return invalid("the identity of who gave the root has " +
                   std::to_string(root.source_identity.size()) + " bytes, not 1 to " +
                   std::to_string(kMaxRootIdentityBytes));
  }
  if (!is_policy_id(root.policy_id)) return invalid("no policy can be called so");
  if (context.label.empty() || context.label.size() > kMaxKeyLabelBytes) {
    return invalid("the label has " + std::to_string(context.label.size()) + " bytes, not 1 to " +
                   std::to_string(kMaxKeyLabelBytes));
  }
  return {};
}

Result<void> derive(const RootSecret& root, KeyPurpose purpose, const KeyContext& context,
                    ByteView salt, std::span<uint8_t> out) {
  wipe(out);
  TRY(check_derivation(root, context));
  const Bytes info = derivation_info(root, purpose, context, out.size());
  return hkdf_sha256({.key = root.secret.view(), .salt = salt, .info = info}, out);
}

Result<void> derive_key(const RootSecret& root, KeyPurpose purpose, const KeyContext& context,
                        std::span<uint8_t> out) {
  wipe(out);
  TRY(check_purpose(purpose, context));
  if (out.size() < kMinDerivedKeyBytes || out.size() > kMaxDerivedKeyBytes) {
    return invalid("a key has " + std::to_string(kMinDerivedKeyBytes) + " to " +
                   std::to_string(kMaxDerivedKeyBytes) + " bytes, not " +
                   std::to_string(out.size()));
  }
  return derive(root, purpose, context, {}, out);
}

}  // namespace quoin
