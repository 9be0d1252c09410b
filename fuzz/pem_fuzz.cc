// Blocks that are read, and written again, are read as the same.

#include "src/x509/pem.h"

#include <cstdint>
#include <string>

#include "fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kMaxBlocks = 8;
  const std::string_view text = quoin::as_text({data, size});
  const auto blocks = quoin::x509::parse_pem(text, "CERTIFICATE", kMaxBlocks);
  if (!blocks.ok()) return 0;
  std::string written;
  for (const quoin::Bytes& block : *blocks) written += quoin::x509::to_pem(block, "CERTIFICATE");
  const auto again = quoin::x509::parse_pem(written, "CERTIFICATE", kMaxBlocks);
  quoin::fuzz::require(again.ok() && *again == *blocks);
  return 0;
}
