// Megabytes a second, sealed and opened, against AES-256-GCM alone: one context over blocks of
// 16 KiB in place, as `openssl speed -evp aes-256-gcm` measures it.

#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <span>

#include "quoin/seal.h"

namespace quoin::bench {
namespace {

constexpr size_t kRawBlock = size_t{16} << 10;
// What is large does not fit into a processor's caches.
constexpr size_t kLarge = size_t{64} << 20;
constexpr size_t kMiddle = size_t{1} << 20;
constexpr size_t kSmall = size_t{1} << 10;

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

void require(bool holds) {
  if (!holds) std::abort();
}

RootSecret make_root() {
  RootSecret root;
  std::ranges::fill(root.secret.mutable_view(), uint8_t{7});
  root.source = RootSource::broker;
  root.source_identity = Bytes(32, 0xb0);
  root.policy_id = "production";
  root.epoch = 1;
  return root;
}

const KeyContext kContext = {.module = {}, .label = "data"};

class OneRoot final : public RootSecretProvider {
 public:
  Result<RootSecret> root_secret(const RootRequest&) override { return make_root(); }
};

// One iteration handles so many bytes.
void report(benchmark::State& state, size_t bytes) {
  state.counters["megabytes"] = static_cast<double>(bytes) / 1e6;
}

void raw(benchmark::State& state) {
  const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
  const std::array<uint8_t, 32> key{1};
  const std::array<uint8_t, 12> nonce{2};
  Bytes block(kRawBlock);
  int size = 0;
  require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce.data()) ==
          1);
  for (auto iteration : state) {
    static_cast<void>(iteration);
    require(EVP_EncryptUpdate(context.get(), block.data(), &size, block.data(),
                              static_cast<int>(block.size())) == 1);
  }
  report(state, kRawBlock);
}

// What the page cache has of a file begins where a page does.
struct alignas(4096) CachedFile {
  std::array<uint8_t, size_t{64} << 10> bytes{};
};

// Gives `left` bytes out of a buffer, again and again, as a file in the page cache would.
struct Source {
  ByteView buffer;
  size_t left;

  Result<size_t> operator()(std::span<uint8_t> out) {
    const size_t count = std::min({out.size(), buffer.size(), left});
    // Not std::ranges::copy: libstdc++ 12 copies byte by byte there.
    std::copy_n(buffer.begin(), count, out.begin());
    left -= count;
    return count;
  }
};

// A file of 64 MiB, without the disk.
void seal_large(benchmark::State& state) {
  const RootSecret root = make_root();
  const auto file = std::make_unique<CachedFile>();
  const SealSalt salt = fresh_seal_salt();
  size_t written = 0;
  for (auto iteration : state) {
    static_cast<void>(iteration);
    require(seal_stream(root, kContext, salt, Source{file->bytes, kLarge}, [&](ByteView bytes) {
              written += bytes.size();
              return Result<void>();
            }).ok());
  }
  require(written > kLarge);
  report(state, kLarge);
}

void unseal_large(benchmark::State& state) {
  const Bytes sealed = seal(make_root(), kContext, Bytes(kLarge, 3), fresh_seal_salt()).value();
  OneRoot roots;
  size_t written = 0;
  for (auto iteration : state) {
    static_cast<void>(iteration);
    ByteView rest = sealed;
    require(unseal_stream(
                roots, "production", kContext,
                [&](std::span<uint8_t> out) {
                  const ByteView taken = rest.first(std::min(rest.size(), out.size()));
                  std::copy(taken.begin(), taken.end(), out.begin());
                  rest = rest.subspan(taken.size());
                  return Result<size_t>(taken.size());
                },
                [&](ByteView bytes) {
                  written += bytes.size();
                  return Result<void>();
                })
                .ok());
  }
  require(written >= kLarge);
  report(state, kLarge);
}

// From memory to memory, of a size for which the allocator keeps its memory: what is larger comes
// from the kernel each time, which zeros it page by page.
void seal_memory(benchmark::State& state, size_t size) {
  const RootSecret root = make_root();
  const Bytes plaintext(size, 3);
  const SealSalt salt = fresh_seal_salt();
  for (auto iteration : state) {
    static_cast<void>(iteration);
    require(seal(root, kContext, plaintext, salt).ok());
  }
  report(state, size);
}

void unseal_memory(benchmark::State& state, size_t size) {
  const RootSecret root = make_root();
  const Bytes sealed = seal(root, kContext, Bytes(size, 3), fresh_seal_salt()).value();
  for (auto iteration : state) {
    static_cast<void>(iteration);
    require(unseal(root, kContext, sealed).ok());
  }
  report(state, size);
}

BENCHMARK(raw)->Name("seal.raw")->Unit(benchmark::kMicrosecond);
BENCHMARK(seal_large)->Name("seal.seal")->Unit(benchmark::kMillisecond);
BENCHMARK(unseal_large)->Name("seal.unseal")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(seal_memory, middle, kMiddle)
    ->Name("seal.seal_1_mib")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(unseal_memory, middle, kMiddle)
    ->Name("seal.unseal_1_mib")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(seal_memory, small, kSmall)
    ->Name("seal.seal_1_kib")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(unseal_memory, small, kSmall)
    ->Name("seal.unseal_1_kib")
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace quoin::bench
