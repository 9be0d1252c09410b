// Which collateral a quote needs.

#ifndef QUOIN_SRC_PCS_REQUEST_H_
#define QUOIN_SRC_PCS_REQUEST_H_

#include <cstdint>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/quote.h"
#include "quoin/result.h"

namespace quoin::pcs {

// The CA that issued a platform's PCK certificate: each has a CRL of its own.
enum class PckCa : uint8_t { processor, platform };

// Which TCB info, where a TCB recovery is under way (PCS API v4, "update"): what is in force, or
// what will be.
enum class Update : uint8_t { standard, early };

// "processor", "platform"; "standard", "early": as the service spells them.
std::string_view to_string(PckCa ca);
std::string_view to_string(Update update);

struct CollateralRequest {
  ByteArray<6> fmspc{};
  PckCa ca = PckCa::platform;
  TeeType tee_type = TeeType::tdx;
  Update update = Update::standard;

  friend bool operator==(const CollateralRequest&, const CollateralRequest&) = default;
};

// What to ask for, by the quote's own PCK certificate, of which nothing is believed here: a wrong
// one asks for what verification then refuses. Fails with unsupported (certification data of
// another type), as x509::Chain::parse_pem() does, and with malformed where no certificate is a PCK
// certificate, it cannot be read, or its issuer is neither CA.
Result<CollateralRequest> request_for(const Quote& quote, Update update = Update::standard);

}  // namespace quoin::pcs

#endif  // QUOIN_SRC_PCS_REQUEST_H_
