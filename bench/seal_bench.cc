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
// Not in any cache, which the yardstick's block is. A copy out of RAM, and nothing else, takes a
// quarter of the yardstick's time.
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

// A file as the page cache has it: it begins where a page does.
class CachedFile {
 public:
  explicit CachedFile(ByteView contents) : room_(contents.size() + kPage), size_(contents.size()) {
    std::copy_n(contents.begin(), size_, first());
  }

  ByteView view() { return {first(), size_}; }

 private:
  static constexpr size_t kPage = 4096;

  uint8_t* first() {
    void* page = room_.data();
    size_t space = room_.size();
    require(std::align(kPage, size_, page, space) != nullptr);
    return room_.data() + (room_.size() - space);
  }

  Bytes room_;
  size_t size_;
};

class FileSource {
 public:
  explicit FileSource(ByteView file) : rest_(file) {}

  Result<size_t> operator()(std::span<uint8_t> out) {
    const size_t count = std::min(out.size(), rest_.size());
    // Not std::ranges::copy: libstdc++ 12 copies byte by byte there.
    std::copy_n(rest_.begin(), count, out.begin());
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  ByteView rest_;
};

ByteSink counting_sink(size_t& written) {
  return [&written](ByteView bytes) {
    written += bytes.size();
    return Result<void>();
  };
}

void seal_large(benchmark::State& state) {
  const RootSecret root = make_root();
  const Bytes plaintext(kLarge, 3);
  const SealSalt salt = fresh_seal_salt();
  size_t written = 0;
  for (auto iteration : state) {
    static_cast<void>(iteration);
    require(seal_stream(root, kContext, salt, plaintext, counting_sink(written)).ok());
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
    require(unseal_stream(roots, "production", kContext, sealed, counting_sink(written)).ok());
  }
  require(written >= kLarge);
  report(state, kLarge);
}

// A file, without the disk.
void seal_file(benchmark::State& state) {
  const RootSecret root = make_root();
  CachedFile file(Bytes(kLarge, 3));
  const SealSalt salt = fresh_seal_salt();
  size_t written = 0;
  for (auto iteration : state) {
    static_cast<void>(iteration);
    require(
        seal_stream(root, kContext, salt, FileSource(file.view()), counting_sink(written)).ok());
  }
  require(written > kLarge);
  report(state, kLarge);
}

void unseal_file(benchmark::State& state) {
  CachedFile file(seal(make_root(), kContext, Bytes(kLarge, 3), fresh_seal_salt()).value());
  OneRoot roots;
  size_t written = 0;
  for (auto iteration : state) {
    static_cast<void>(iteration);
    require(unseal_stream(roots, "production", kContext, FileSource(file.view()),
                          counting_sink(written))
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
BENCHMARK(seal_file)->Name("seal.seal_file")->Unit(benchmark::kMillisecond);
BENCHMARK(unseal_file)->Name("seal.unseal_file")->Unit(benchmark::kMillisecond);
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
