// What a guest may send to the broker: parse_request.

#include "src/wasm/request.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static_cast<void>(quoin::parse_request({data, size}).ok());
  return 0;
}
