// Sealed data opens only when it is, byte for byte, what was sealed; a header that is read is the
// one that its fields are written as.

#include <algorithm>
#include <array>
#include <cstdint>

#include "fuzz/require.h"
#include "quoin/seal.h"
#include "src/seal/header.h"

namespace {

using quoin::Bytes;
using quoin::ByteView;
using quoin::fuzz::require;

quoin::RootSecret make_root() {
  quoin::RootSecret root;
  std::ranges::fill(root.secret.mutable_view(), uint8_t{7});
  root.source = quoin::RootSource::broker;
  root.source_identity = Bytes(32, 0xb0);
  root.policy_id = "production";
  root.epoch = 7;
  return root;
}

// What an attacker has: the TD sealed it. With a key and salt that are known here only.
struct Honest {
  quoin::RootSecret root = make_root();
  quoin::KeyContext context = {.module = {}, .label = "data"};
  Bytes plaintext = Bytes(40, 0x70);
  Bytes sealed = quoin::seal(root, context, plaintext, quoin::SealSalt{0x5a}).value();
};

const Honest& honest() {
  static const Honest made;
  return made;
}

void check_header(ByteView bytes) {
  const auto header = quoin::parse_sealed_header(bytes);
  if (!header.ok()) return;
  quoin::RootSecret root;
  root.source = header->source;
  root.source_identity = header->source_identity;
  root.policy_id = header->policy_id;
  root.epoch = header->epoch;
  const Bytes written = quoin::write_sealed_header(root, header->context, header->salt);
  require(quoin::equal(written, bytes.first(header->size)));
}

// In memory, as a stream, and as a stream out of memory, which must agree.
void check_opening(ByteView bytes) {
  const Honest& known = honest();
  const auto opened = quoin::unseal(known.root, known.context, bytes);
  require(opened.ok() == quoin::equal(bytes, known.sealed));
  require(!opened.ok() || quoin::equal(opened->view(), known.plaintext));

  class Roots final : public quoin::RootSecretProvider {
   public:
    quoin::Result<quoin::RootSecret> root_secret(const quoin::RootRequest&) override {
      return make_root();
    }
  };
  Roots roots;
  Bytes out;
  const auto sink = [&out](ByteView piece) -> quoin::Result<void> {
    out.insert(out.end(), piece.begin(), piece.end());
    return {};
  };
  const auto streamed = quoin::unseal_stream(
      roots, known.root.policy_id, known.context,
      [bytes](std::span<uint8_t> to) mutable -> quoin::Result<size_t> {
        const ByteView taken = bytes.first(std::min({bytes.size(), to.size(), size_t{100}}));
        std::ranges::copy(taken, to.begin());
        bytes = bytes.subspan(taken.size());
        return taken.size();
      },
      sink);
  require(streamed.ok() == opened.ok());
  require(out == (streamed.ok() ? known.plaintext : Bytes()));

  out.clear();
  const auto direct = quoin::unseal_stream(roots, known.root.policy_id, known.context, bytes, sink);
  require(direct.ok() == opened.ok());
  require(out == (direct.ok() ? known.plaintext : Bytes()));
}

// The honest data, changed: each four bytes of the script are a place, what to do there, and with
// what.
Bytes changed(ByteView script) {
  Bytes data = honest().sealed;
  for (; script.size() >= 4; script = script.subspan(4)) {
    const size_t at = (size_t{script[0]} << 8 | script[1]) % (data.size() + 1);
    const auto place = data.begin() + static_cast<ptrdiff_t>(at);
    switch (script[2] % 4) {
      case 0:
        if (place != data.end()) *place ^= script[3];
        break;
      case 1:
        data.insert(place, script[3]);
        break;
      case 2:
        if (place != data.end()) data.erase(place);
        break;
      default:
        data.resize(at);
        break;
    }
  }
  return data;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  const Bytes input = data[0] % 2 == 0 ? Bytes(bytes.begin(), bytes.end()) : changed(bytes);
  check_header(input);
  check_opening(input);
  return 0;
}
