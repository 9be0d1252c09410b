#include "src/seal/header.h"

#include <algorithm>
#include <string>

#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/reader.h"
#include "src/base/text.h"
#include "src/base/try.h"
#include "src/base/writer.h"

namespace quoin {
namespace {

constexpr uint16_t kVersion = 1;
constexpr std::string_view kWhat = "sealed data";

// The largest header that this version writes.
constexpr size_t kLargestHeader = kSealPrefixBytes + 1 + (2 + kMaxRootIdentityBytes) +
                                  (2 + kMaxPolicyIdBytes) + 8 + (2 + 32) + (2 + kMaxKeyLabelBytes) +
                                  32;
static_assert(kLargestHeader <= kMaxSealedHeaderBytes);

void append_field(Writer& writer, ByteView field) {
  writer.u16le(static_cast<uint16_t>(field.size())).bytes(field);
}

Result<RootSource> read_source(Reader& reader) {
  const uint8_t value = TRY(reader.u8());
  switch (const RootSource source{value}; source) {
    case RootSource::simulator:
    case RootSource::broker:
    case RootSource::kernel:
      return source;
  }
  return unsupported("sealed data: root of an unknown kind " + std::to_string(value));
}

// A field of `least` to `most` bytes.
Result<ByteView> read_field(Reader& reader, size_t least, size_t most, std::string_view what) {
  const ByteView field = TRY(reader.u16le_prefixed());
  if (field.size() >= least && field.size() <= most) return field;
  return malformed("sealed data: " + std::string(what) + " of " + std::to_string(field.size()) +
                   " bytes");
}

Result<std::optional<ByteArray<32>>> read_module(Reader& reader) {
  const ByteView field = TRY(reader.u16le_prefixed());
  if (field.empty()) return std::optional<ByteArray<32>>();
  ByteArray<32> module{};
  if (field.size() != module.size())
    return malformed("sealed data: module's digest of another size");
  std::ranges::copy(field, module.begin());
  return std::optional(module);
}

Error refused(std::string what) { return {ErrorCode::refused, "sealed data: " + std::move(what)}; }

std::string module_name(const KeyContext& context) {
  return context.module ? "the module " + to_hex(*context.module) : "no module";
}

}  // namespace

Bytes write_sealed_header(const RootSecret& root, const KeyContext& context, const SealSalt& salt) {
  Writer fields;
  fields.u8(static_cast<uint8_t>(root.source));
  append_field(fields, root.source_identity);
  append_field(fields, as_bytes(root.policy_id));
  fields.u64le(root.epoch);
  append_field(fields, context.module ? ByteView(*context.module) : ByteView());
  append_field(fields, as_bytes(context.label));
  fields.bytes(salt);
  Writer header;
  header.bytes(as_bytes(kSealMagic)).u16le(kVersion);
  append_field(header, fields.view());
  return header.take();
}

Result<size_t> sealed_header_size(ByteView prefix) {
  Reader reader(prefix, kWhat);
  if (!equal(TRY(reader.bytes(kSealMagic.size())), as_bytes(kSealMagic))) {
    return malformed("this is not sealed data: it does not begin with " + std::string(kSealMagic));
  }
  const uint16_t version = TRY(reader.u16le());
  if (version != kVersion) {
    return unsupported("sealed data: version " + std::to_string(version) + ", wanted " +
                       std::to_string(kVersion));
  }
  const size_t size = kSealPrefixBytes + TRY(reader.u16le());
  if (size > kMaxSealedHeaderBytes) {
    return too_large("sealed data: header of " + std::to_string(size) + " bytes, at most " +
                     std::to_string(kMaxSealedHeaderBytes));
  }
  return size;
}

Result<SealedHeader> parse_sealed_header(ByteView sealed) {
  SealedHeader header;
  header.size = TRY(sealed_header_size(sealed));
  Reader whole(sealed, kWhat);
  TRY(whole.bytes(kSealPrefixBytes));
  Reader reader = TRY(whole.sub(header.size - kSealPrefixBytes, "sealed data's header"));
  header.source = TRY(read_source(reader));
  const ByteView identity = TRY(read_field(reader, 1, kMaxRootIdentityBytes, "identity"));
  header.source_identity.assign(identity.begin(), identity.end());
  header.policy_id = as_text(TRY(read_field(reader, 1, kMaxPolicyIdBytes, "policy id")));
  if (!is_policy_id(header.policy_id)) return malformed("sealed data: no policy can be called so");
  header.epoch = TRY(reader.u64le());
  header.context.module = TRY(read_module(reader));
  header.context.label = as_text(TRY(read_field(reader, 1, kMaxKeyLabelBytes, "label")));
  TRY(reader.fill(header.salt));
  TRY(reader.finish());
  return header;
}

Result<void> check_header(const SealedHeader& header, const RootSecret& root,
                          const KeyContext& context) {
  if (header.source != root.source) {
    return refused("sealed under a root of the " + std::string(to_string(header.source)) +
                   ", not of the " + std::string(to_string(root.source)));
  }
  if (header.source_identity != root.source_identity) {
    return refused("sealed under a root of another " + std::string(to_string(header.source)));
  }
  if (header.policy_id != root.policy_id) {
    return refused("sealed under the policy " + in_quotes(header.policy_id) + ", not " +
                   in_quotes(root.policy_id));
  }
  if (header.epoch != root.epoch) {
    return refused("sealed in epoch " + std::to_string(header.epoch) + ", not " +
                   std::to_string(root.epoch));
  }
  if (header.context.module != context.module) {
    return refused("sealed for " + module_name(header.context) + ", not for " +
                   module_name(context));
  }
  if (header.context.label != context.label) {
    return refused("sealed with the label " + in_quotes(header.context.label) + ", not " +
                   in_quotes(context.label));
  }
  return {};
}

}  // namespace quoin
