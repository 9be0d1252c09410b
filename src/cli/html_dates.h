// From when until when each part of the evidence holds.

#ifndef QUOIN_SRC_CLI_HTML_DATES_H_
#define QUOIN_SRC_CLI_HTML_DATES_H_

#include <optional>
#include <string_view>
#include <vector>

#include "quoin/collateral.h"
#include "src/cli/html_chain_places.h"
#include "src/x509/chain.h"

namespace quoin::cli {

struct DatedPart {
  std::string_view name;
  ChainNode node = ChainNode::other;
  Validity validity;
};

// The certificates of the platform's chain, if they are three; those of the signers of TCB info and
// QE identity; CRLs; TCB info and QE identity. In this order.
std::vector<DatedPart> dated_parts(const x509::Chain& platform_chain, const Collateral& collateral);

// When all parts of `node` hold together; nothing where it has none.
std::optional<Validity> validity_of(const std::vector<DatedPart>& parts, ChainNode node);

// The part that ends first; null where there is none.
const DatedPart* first_to_end(const std::vector<DatedPart>& parts);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_HTML_DATES_H_
