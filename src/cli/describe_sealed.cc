#include "src/cli/describe.h"

namespace quoin::cli {

Value::Object describe(const SealedHeader& header) {
  return {
      {"source", to_string(header.source)},
      {"source_identity", Value::hex(header.source_identity)},
      {"policy_id", header.policy_id},
      {"epoch", header.epoch},
      {"module", header.context.module ? Value::hex(*header.context.module) : Value()},
      {"label", header.context.label},
      {"salt", Value::hex(header.salt)},
      {"header_bytes", uint64_t{header.size}},
  };
}

}  // namespace quoin::cli
