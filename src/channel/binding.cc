#include "src/channel/binding.h"

#include <utility>

#include "src/base/writer.h"
#include "src/receipt/report_data.h"

namespace quoin::channel {
namespace {

void write_sized(Writer& out, ByteView bytes) {
  out.u8(static_cast<uint8_t>(bytes.size())).bytes(bytes);
}

}  // namespace

Bytes tls_binding_body(const TlsBinding& binding) {
  Writer out;
  out.u8(kProtocolVersion).u8(std::to_underlying(binding.attester_role));
  write_sized(out, binding.attester_key);
  write_sized(out, binding.verifier_key ? ByteView(*binding.verifier_key) : ByteView());
  write_sized(out, binding.exporter);
  write_sized(out, binding.nonce);
  return out.take();
}

ByteArray<64> tls_binding(const TlsBinding& binding) {
  return report_data_for(kTlsBindingType, tls_binding_body(binding));
}

}  // namespace quoin::channel
