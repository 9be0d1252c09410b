// The receipt: what ran, on which measured machine, and what it said, in one file. A DSSE envelope
// (github.com/secure-systems-lab/dsse, envelope.md) around an in-toto Statement v1, signed by a
// TDX quote whose report data is the SHA-512 of the envelope's pre-authentication encoding.

#ifndef QUOIN_RECEIPT_H_
#define QUOIN_RECEIPT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "quoin/verify.h"

namespace quoin {

// What the envelope says that the payload is.
inline constexpr std::string_view kReceiptPayloadType = "application/vnd.in-toto+json";
// What the statement says that the predicate is.
inline constexpr std::string_view kRunPredicateType = "urn:quoin:run:v1";

// A stream or a file, by its contents.
struct Content {
  ByteArray<32> sha256{};
  uint64_t size = 0;
};

// A file under the name that the guest knew it by.
struct NamedContent {
  std::string name;
  Content content;
};

// An environment variable. Its value is given by digest: it may be a secret.
struct EnvironmentDigest {
  std::string name;
  ByteArray<32> value_sha256{};
};

// How the run ended.
struct RunOutcome {
  // "exited", "trapped", "killed", "timed_out", "output_limit", ... (docs/formats.md).
  std::string kind;
  uint32_t exit_status = 0;  // of a module that exited
  std::string detail;        // of one that did not
};

// What a receipt states: the subjects and the predicate of its in-toto Statement.
struct Statement {
  std::string module_name;
  ByteArray<32> module_sha256{};         // of the .wasm
  ByteArray<32> native_object_sha256{};  // of what was executed

  bool simulated = false;
  std::string quoin_version;
  ByteArray<32> runtime_sha256{};    // the guest runtime's sources
  ByteArray<32> toolchain_sha256{};  // wasm2c and the C compiler
  std::string wasm2c_version;
  std::string cc_version;

  std::vector<std::string> arguments;
  std::vector<EnvironmentDigest> environment;
  std::optional<Bytes> nonce;  // the verifier's
  UtcTime started{};           // claims: the host sets the TD's clock
  UtcTime finished{};

  Content standard_input;
  std::vector<NamedContent> inputs;

  RunOutcome outcome;
  Content standard_output;
  Content standard_error;
  std::vector<NamedContent> outputs;
};

// The payload that states this: JSON, the bytes that are then signed and stored. Fails with
// invalid_argument when a name or an argument is not UTF-8: it could not be said exactly.
Result<Bytes> write_statement(const Statement& statement);

// Reads a payload. Members that we do not know are refused: a receipt that says more than its
// reader understands is not understood. Fails with malformed, unsupported or too_large.
Result<Statement> parse_statement(ByteView payload);

// A receipt taken apart. Owns its bytes.
struct Receipt {
  std::string payload_type;
  Bytes payload;
  Bytes quote;
  // A bundle that Collateral::parse() reads; empty where the receipt carries none.
  Bytes collateral;
};

// The receipt as a JSON text: payloadType, payload, signatures, evidence.
Bytes write_receipt(const Receipt& receipt);

// Reads a receipt. Says nothing of whether quote and payload belong together. Fails with
// malformed, unsupported (another payload type, or not exactly one signature with key id
// "tdx-quote"), or too_large (over 16 MiB).
Result<Receipt> parse_receipt(ByteView json);

// What the verifying user asks of a receipt besides a genuine, accepted quote.
struct ReceiptExpectations {
  std::optional<Bytes> nonce;
  std::optional<ByteArray<32>> module_sha256;
  // SHA-256 of modules that a policy names; empty: not looked at.
  std::vector<ByteArray<32>> policy_modules;
};

// Whether the quote vouches for the statement, and the statement is what is wanted: checks with
// ids beginning with "receipt_", in order. `simulated` is the verdict's. The receipt holds if all
// of them passed.
std::vector<Check> check_receipt(const Receipt& receipt, const Statement& statement,
                                 const Quote& quote, bool simulated,
                                 const ReceiptExpectations& expectations);

}  // namespace quoin

#endif  // QUOIN_RECEIPT_H_
