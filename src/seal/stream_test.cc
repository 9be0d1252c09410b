#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "quoin/seal.h"
#include "src/seal/chunks.h"
#include "src/seal/samples_testing.h"

namespace quoin {
namespace {

using seal_samples::context;
using seal_samples::copy_of;
using seal_samples::plaintext;
using seal_samples::root;
using seal_samples::salt;

Error io_error() { return {ErrorCode::io, "the source failed"}; }

// Gives at most `piece` bytes at once.
ByteSource source_of(ByteView bytes, size_t piece) {
  return [bytes, piece](std::span<uint8_t> out) mutable -> Result<size_t> {
    const ByteView taken = bytes.first(std::min({bytes.size(), out.size(), piece}));
    std::ranges::copy(taken, out.begin());
    bytes = bytes.subspan(taken.size());
    return taken.size();
  };
}

ByteSink sink_to(Bytes& out) {
  return [&out](ByteView bytes) -> Result<void> {
    out.insert(out.end(), bytes.begin(), bytes.end());
    return {};
  };
}

// Gives one root for whatever is asked, and keeps what was asked.
class OneRoot final : public RootSecretProvider {
 public:
  explicit OneRoot(const RootSecret& root) : root_(copy_of(root)) {}
  Result<RootSecret> root_secret(const RootRequest& request) override {
    asked = request;
    return copy_of(root_);
  }

  RootRequest asked;

 private:
  RootSecret root_;
};

class NoRoot final : public RootSecretProvider {
 public:
  Result<RootSecret> root_secret(const RootRequest&) override { return no_key_source("none", ""); }
};

Result<Bytes> stream_sealed(ByteView bytes, std::optional<size_t> piece) {
  Bytes out;
  const Result<void> done =
      piece ? seal_stream(root(), context(), salt(), source_of(bytes, *piece), sink_to(out))
            : seal_stream(root(), context(), salt(), bytes, sink_to(out));
  if (!done.ok()) return done.error();
  return out;
}

// From a source that gives so many bytes at once, or out of memory.
Result<void> stream_unsealed(ByteView sealed, std::optional<size_t> piece, Bytes& out) {
  OneRoot roots(root());
  if (!piece) return unseal_stream(roots, "production", context(), sealed, sink_to(out));
  return unseal_stream(roots, "production", context(), source_of(sealed, *piece), sink_to(out));
}

TEST(SealStreamTest, GivesWhatSealGives) {
  for (const size_t size : {size_t{0}, size_t{1}, kChunkBytes - 1, kChunkBytes, kChunkBytes + 1,
                            3 * kChunkBytes, 3 * kChunkBytes + 77}) {
    const Bytes bytes = plaintext(size);
    const Bytes wanted = seal(root(), context(), bytes, salt()).value();
    for (const std::optional<size_t> piece :
         {std::optional(size_t{1000}), std::optional(kChunkBytes), std::optional(size_t{1} << 30),
          std::optional<size_t>()}) {
      EXPECT_EQ(stream_sealed(bytes, piece).value(), wanted) << size << " " << piece.value_or(0);
      Bytes out;
      EXPECT_TRUE(stream_unsealed(wanted, piece, out).ok()) << size << " " << piece.value_or(0);
      EXPECT_EQ(out, bytes);
    }
  }
}

TEST(SealStreamTest, ByteByByte) {
  const Bytes bytes = plaintext(300);
  Bytes out;
  ASSERT_TRUE(stream_unsealed(stream_sealed(bytes, 1).value(), 1, out).ok());
  EXPECT_EQ(out, bytes);
}

TEST(UnsealStreamTest, EveryBitAndLengthCounts) {
  const Bytes data = seal(root(), context(), plaintext(3), salt()).value();
  Bytes out;
  for (const std::optional<size_t> piece : {std::optional(size_t{1000}), std::optional<size_t>()}) {
    for (size_t bit = 0; bit < 8 * data.size(); ++bit) {
      Bytes changed = data;
      changed[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
      EXPECT_FALSE(stream_unsealed(changed, piece, out).ok()) << bit;
    }
    for (size_t size = 0; size < data.size(); ++size) {
      EXPECT_FALSE(stream_unsealed(ByteView(data).first(size), piece, out).ok()) << size;
    }
    Bytes longer = data;
    longer.push_back(0);
    EXPECT_FALSE(stream_unsealed(longer, piece, out).ok());
    EXPECT_TRUE(out.empty());
  }
}

// What had come out before is what was sealed, chunk by chunk, and nothing else ever comes out.
TEST(UnsealStreamTest, GivesOnlyWhatIsAuthenticated) {
  const Bytes bytes = plaintext(3 * kChunkBytes + 10);
  const Bytes data = seal(root(), context(), bytes, salt()).value();
  const size_t header = parse_sealed_header(data)->size;
  const auto chunks = [&](size_t count) {
    return Bytes(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(count * kChunkBytes));
  };
  for (const std::optional<size_t> piece : {std::optional(size_t{5000}), std::optional<size_t>()}) {
    for (size_t chunk = 0; chunk <= 3; ++chunk) {
      // A bit of that chunk; then the end of the data before that chunk.
      Bytes changed = data;
      changed[header + chunk * kSealedChunkBytes + 5] ^= 0x80;
      Bytes out;
      EXPECT_FALSE(stream_unsealed(changed, piece, out).ok());
      EXPECT_EQ(out, chunks(chunk));

      out.clear();
      const ByteView cut = ByteView(data).first(header + chunk * kSealedChunkBytes);
      EXPECT_FALSE(stream_unsealed(cut, piece, out).ok());
      EXPECT_EQ(out, chunks(chunk == 0 ? 0 : chunk - 1));
    }
  }
}

TEST(UnsealStreamTest, EndsWithinATag) {
  const Bytes data = seal(root(), context(), plaintext(kChunkBytes), salt()).value();
  const size_t header = parse_sealed_header(data)->size;
  for (size_t left = 0; left < Aes256Gcm::kTagBytes; ++left) {
    const ByteView cut = ByteView(data).first(header + left);
    Bytes out;
    EXPECT_EQ(stream_unsealed(cut, 1000, out).error().code, ErrorCode::truncated) << left;
    EXPECT_EQ(stream_unsealed(cut, {}, out).error().code, ErrorCode::truncated) << left;
  }
}

TEST(UnsealStreamTest, AsksForTheEpochOfTheDataAndThePolicyOfTheCaller) {
  const Bytes data = seal(root(), context(), {}, salt()).value();
  Bytes out;
  OneRoot roots(root());
  ASSERT_TRUE(
      unseal_stream(roots, "production", context(), source_of(data, 100), sink_to(out)).ok());
  EXPECT_EQ(roots.asked.policy_id, "production");
  EXPECT_EQ(roots.asked.epoch, 7U);

  // The data's own policy is not the caller's, whatever root there is.
  const Result<void> result =
      unseal_stream(roots, "other", context(), source_of(data, 100), sink_to(out));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::refused);
  EXPECT_EQ(roots.asked.policy_id, "other");
  EXPECT_EQ(unseal_stream(roots, "other", context(), data, sink_to(out)).error().code,
            ErrorCode::refused);
}

TEST(UnsealStreamTest, EveryFieldOfRootAndContextCounts) {
  const Bytes data = seal(root(), context(), plaintext(3), salt()).value();
  for (const auto& change : seal_samples::changes()) {
    RootSecret other = root();
    KeyContext with = context();
    change.apply(other, with);
    OneRoot roots(other);
    Bytes out;
    const Result<void> result =
        unseal_stream(roots, other.policy_id, with, source_of(data, 100), sink_to(out));
    ASSERT_FALSE(result.ok()) << change.what;
    EXPECT_EQ(result.error().code, ErrorCode::refused);
    const std::string_view said = change.said.empty() ? "does not open" : change.said;
    EXPECT_NE(result.error().what.find(said), std::string::npos) << result.error().what;
    EXPECT_FALSE(unseal_stream(roots, other.policy_id, with, data, sink_to(out)).ok());
    EXPECT_TRUE(out.empty());
  }
}

TEST(UnsealStreamTest, NoRootNoPlaintext) {
  const Bytes data = seal(root(), context(), plaintext(3), salt()).value();
  NoRoot roots;
  Bytes out;
  const Result<void> result =
      unseal_stream(roots, "production", context(), source_of(data, 100), sink_to(out));
  ASSERT_FALSE(result.ok());
  EXPECT_TRUE(result.error().what.starts_with(kNoKeySource));
}

TEST(SealStreamTest, FailsAsSourceAndSinkDo) {
  const Bytes bytes = plaintext(2 * kChunkBytes);
  const Bytes data = seal(root(), context(), bytes, salt()).value();
  const ByteSink full = [](ByteView) -> Result<void> { return io_error(); };
  Bytes out;
  OneRoot roots(root());
  for (size_t good = 0; good < 5; ++good) {
    const auto failing = [good](ByteView from) {
      return [good, source = source_of(from, 40'000),
              calls = size_t{0}](std::span<uint8_t> to) mutable -> Result<size_t> {
        return calls++ == good ? Result<size_t>(io_error()) : source(to);
      };
    };
    const auto sealing = seal_stream(root(), context(), salt(), failing(bytes), sink_to(out));
    ASSERT_FALSE(sealing.ok()) << good;
    EXPECT_EQ(sealing.error().code, ErrorCode::io);
    const auto opening = unseal_stream(roots, "production", context(), failing(data), sink_to(out));
    ASSERT_FALSE(opening.ok()) << good;
    EXPECT_EQ(opening.error().code, ErrorCode::io);
  }
  EXPECT_FALSE(seal_stream(root(), context(), salt(), source_of(bytes, 100), full).ok());
  EXPECT_FALSE(unseal_stream(roots, "production", context(), source_of(data, 100), full).ok());
  EXPECT_EQ(seal_stream(root(), context(), salt(), bytes, full).error().code, ErrorCode::io);
  EXPECT_EQ(unseal_stream(roots, "production", context(), data, full).error().code, ErrorCode::io);

  const ByteSource boasting = [](std::span<uint8_t> to) -> Result<size_t> { return to.size() + 1; };
  EXPECT_EQ(seal_stream(root(), context(), salt(), boasting, sink_to(out)).error().code,
            ErrorCode::invalid_argument);
}

TEST(SealStreamTest, RefusesWhatIsNotToBeDerivedFrom) {
  RootSecret zero = root();
  zero.secret = Secret<32>();
  Bytes out;
  EXPECT_FALSE(seal_stream(zero, context(), salt(), source_of({}, 1), sink_to(out)).ok());
  EXPECT_FALSE(seal_stream(zero, context(), salt(), ByteView(), sink_to(out)).ok());
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace quoin
