#include "src/seal/header.h"

#include <gtest/gtest.h>

#include <string>

#include "src/base/writer.h"
#include "src/seal/samples_testing.h"

namespace quoin {
namespace {

using seal_samples::context;
using seal_samples::root;
using seal_samples::salt;

// What a header has behind its prefix; each part can be another.
struct Fields {
  uint8_t source = 2;
  Bytes identity = Bytes(32, 0xb0);
  std::string policy_id = "production";
  Bytes module = Bytes(32, 0xd1);
  std::string label = "label";
  Bytes behind = {};
};

Bytes header_of(const Fields& fields, uint16_t version = 1, std::string_view magic = kSealMagic) {
  Writer writer;
  writer.u8(fields.source);
  const auto append = [&](ByteView field) {
    writer.u16le(static_cast<uint16_t>(field.size())).bytes(field);
  };
  append(fields.identity);
  append(as_bytes(fields.policy_id));
  writer.u64le(7);
  append(fields.module);
  append(as_bytes(fields.label));
  writer.bytes(salt()).bytes(fields.behind);
  Writer header;
  header.bytes(as_bytes(magic)).u16le(version);
  header.u16le(static_cast<uint16_t>(writer.size())).bytes(writer.view());
  return header.take();
}

ErrorCode refusal(ByteView header) {
  const Result<SealedHeader> parsed = parse_sealed_header(header);
  return parsed.ok() ? ErrorCode::internal : parsed.error().code;
}

TEST(SealedHeaderTest, IsReadAsItWasWritten) {
  const Bytes bytes = write_sealed_header(root(), context(), salt());
  EXPECT_EQ(bytes, header_of({}));
  const Result<SealedHeader> header = parse_sealed_header(bytes);
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->source, RootSource::broker);
  EXPECT_EQ(header->source_identity, root().source_identity);
  EXPECT_EQ(header->policy_id, "production");
  EXPECT_EQ(header->epoch, 7U);
  EXPECT_EQ(header->context.module, context().module);
  EXPECT_EQ(header->context.label, "label");
  EXPECT_EQ(header->salt, salt());
  EXPECT_EQ(header->size, bytes.size());
  EXPECT_EQ(sealed_header_size(ByteView(bytes).first(kSealPrefixBytes)).value(), bytes.size());
  // What stands behind it is not its own.
  Bytes longer = bytes;
  longer.resize(bytes.size() + 1000, 0xff);
  EXPECT_EQ(parse_sealed_header(longer)->size, bytes.size());

  const Bytes without = write_sealed_header(root(), {.module = {}, .label = "x"}, salt());
  EXPECT_FALSE(parse_sealed_header(without)->context.module.has_value());
}

TEST(SealedHeaderTest, EveryTruncationIsRefused) {
  const Bytes bytes = header_of({});
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(refusal(ByteView(bytes).first(size)), ErrorCode::truncated) << size;
  }
}

TEST(SealedHeaderTest, EveryFieldHasItsBounds) {
  const struct {
    Fields fields;
    ErrorCode wanted;
  } cases[] = {
      {{.source = 0}, ErrorCode::unsupported},
      {{.source = 4}, ErrorCode::unsupported},
      {{.identity = {}}, ErrorCode::malformed},
      {{.identity = Bytes(257)}, ErrorCode::malformed},
      {{.policy_id = ""}, ErrorCode::malformed},
      {{.policy_id = std::string(129, 'a')}, ErrorCode::malformed},
      {{.policy_id = "../a"}, ErrorCode::malformed},
      {{.module = Bytes(31)}, ErrorCode::malformed},
      {{.module = Bytes(33)}, ErrorCode::malformed},
      {{.label = ""}, ErrorCode::malformed},
      {{.label = std::string(257, 'a')}, ErrorCode::malformed},
      {{.behind = Bytes(1)}, ErrorCode::trailing_bytes},
      {{.behind = Bytes(1000)}, ErrorCode::too_large},
  };
  for (const auto& [fields, wanted] : cases) EXPECT_EQ(refusal(header_of(fields)), wanted);
  // The largest of each.
  EXPECT_EQ(refusal(header_of({.source = 3,
                               .identity = Bytes(256),
                               .policy_id = std::string(128, 'a'),
                               .module = Bytes(32),
                               .label = std::string(256, '\n')})),
            ErrorCode::internal);
}

TEST(SealedHeaderTest, OtherFormatsAreRefused) {
  EXPECT_EQ(refusal(header_of({}, 1, "QUOINSLE")), ErrorCode::malformed);
  EXPECT_EQ(refusal(header_of({}, 0)), ErrorCode::unsupported);
  EXPECT_EQ(refusal(header_of({}, 2)), ErrorCode::unsupported);
  EXPECT_EQ(refusal(header_of({}, 0x0101)), ErrorCode::unsupported);
}

TEST(SealedHeaderTest, SaysWhoseItIs) {
  const SealedHeader header =
      parse_sealed_header(write_sealed_header(root(), context(), salt())).value();
  EXPECT_TRUE(check_header(header, root(), context()).ok());
  for (const auto& change : seal_samples::changes()) {
    RootSecret other = root();
    KeyContext with = context();
    change.apply(other, with);
    const Result<void> checked = check_header(header, other, with);
    // The header says nothing of the secret.
    ASSERT_EQ(checked.ok(), change.said.empty()) << change.what;
    if (checked.ok()) continue;
    EXPECT_EQ(checked.error().code, ErrorCode::refused);
    EXPECT_NE(checked.error().what.find(change.said), std::string::npos) << checked.error().what;
  }
}

}  // namespace
}  // namespace quoin
