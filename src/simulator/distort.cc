#include "src/simulator/distort.h"

#include <cstddef>
#include <cstdint>

#include "src/base/writer.h"

namespace quoin::simulator {
namespace {

constexpr size_t kHostBufferBytes = 8192;
// Where the signature of a quote of version 4 begins (Intel TDX DCAP Quoting Library API, A.3.8);
// in version 5 it is a few bytes further on, and this is the body's end.
constexpr size_t kSignatureOffset = 636;
constexpr size_t kDicePayloadBytes = 100'000;

// A CBOR Web Token (RFC 8392, tag 61) in COSE_Sign1 (RFC 9052, tag 18), whose payload is zeros:
// all that a reader needs to see that it is no ECDSA quote.
Bytes dice_quote() {
  constexpr ByteArray<9> kHead = {0xd8, 0x3d, 0xd2, 0x84, 0x43, 0xa1, 0x01, 0x26, 0xa0};
  Writer out;
  out.bytes(kHead).u8(0x5a);
  for (const unsigned shift : {24u, 16u, 8u, 0u}) {
    out.u8(static_cast<uint8_t>(kDicePayloadBytes >> shift));
  }
  out.bytes(Bytes(kDicePayloadBytes)).u8(0x58).u8(64).bytes(Bytes(64));
  return out.take();
}

}  // namespace

ByteArray<64> distort_report_data(ByteArray<64> report_data, Fault fault, Faults& faults) {
  if (faults.take(fault)) report_data[0] ^= 1;
  return report_data;
}

Bytes distort_quote(Bytes quote, Faults& faults) {
  if (faults.take(Fault::quote_dice)) return dice_quote();
  if (quote.size() > kSignatureOffset && faults.take(Fault::quote_wrong_signature)) {
    quote[kSignatureOffset] ^= 1;
  }
  if (quote.size() < kHostBufferBytes && faults.take(Fault::quote_padded)) {
    quote.resize(kHostBufferBytes);
  }
  return quote;
}

}  // namespace quoin::simulator
