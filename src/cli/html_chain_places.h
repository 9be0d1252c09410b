// Where in the chain of trust a check belongs: for the picture of it, and for grouping checks.

#ifndef QUOIN_SRC_CLI_HTML_CHAIN_PLACES_H_
#define QUOIN_SRC_CLI_HTML_CHAIN_PLACES_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "quoin/time.h"
#include "quoin/verify.h"

namespace quoin::cli {

// What the chain of trust is made of.
enum class ChainNode : uint8_t {
  root,
  pck_ca,
  pck_certificate,
  qe_report,
  attestation_key,
  quote,
  statement,
  tcb_signer,
  tcb_info,
  qe_identity,
  root_ca_crl,
  pck_crl,
  request,  // what was asked of the evidence: policy and options
  other,    // of a check that we do not know
};

// What of a node a check looks at.
enum class ChainAspect : uint8_t {
  content,  // the node itself
  link,     // what ties it to the node above it
  dates,    // whether it holds at the time of verification; may be about several nodes
};

struct ChainPlace {
  ChainNode node = ChainNode::other;
  ChainAspect aspect = ChainAspect::content;
};

// Where the check with that id belongs: one place at least, and the first is the main one.
std::vector<ChainPlace> places_of(std::string_view check_id);

// The rule's sentence, of the check with that id; empty where we have none.
std::string_view requirement_of(std::string_view check_id);

// From the first second to the last.
struct Validity {
  UtcTime from{};
  UtcTime until{};

  bool contains(UtcTime time) const { return from <= time && time <= until; }
};

// How checks went together. `failure` is the first that did not pass; null where none did.
struct Outcome {
  bool looked_at = false;
  const Check* failure = nullptr;

  bool holds() const { return looked_at && failure == nullptr; }
};

// How it went with a node itself, or with what ties it to the one above. A failure that is about
// dates counts where the node's own `validity` does not contain `at`. Points into `checks`.
Outcome outcome_of_node(const std::vector<Check>& checks, ChainNode node,
                        const std::optional<Validity>& validity, UtcTime at);
Outcome outcome_of_link(const std::vector<Check>& checks, ChainNode node);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_HTML_CHAIN_PLACES_H_
