// Fetches the collateral that a quote needs. Nothing is believed because it came over TLS: what is
// fetched is a bundle as any other, and verification judges it.

#ifndef QUOIN_SRC_PCS_CLIENT_H_
#define QUOIN_SRC_PCS_CLIENT_H_

#include <string>

#include "quoin/bytes.h"
#include "quoin/collateral.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "src/net/http.h"
#include "src/pcs/request.h"
#include "src/pcs/service.h"

namespace quoin::pcs {

// Where collateral comes from. Not thread-safe.
class CollateralSource {
 public:
  virtual ~CollateralSource() = default;

  // The bundle for that platform: Collateral::parse() has accepted it, and it is about what was
  // asked for. Whether it is signed and in force is for verification.
  virtual Result<Bytes> fetch(const CollateralRequest& request, UtcTime now) = 0;

  // For people, and as a name under which others are told apart: an address, say.
  virtual const std::string& name() const = 0;
};

// Intel's PCS, or a PCCS.
class PcsClient final : public CollateralSource {
 public:
  // `http` is borrowed.
  PcsClient(net::HttpGetter& http, Service service);

  // Four GETs. Every error names the part and the host. Fails as the getter does; with not_found
  // where the service does not know the platform; with refused where it wants a subscription, or
  // answers about something else than was asked for; with io for any other status; and with
  // malformed, too_large or unsupported where an answer cannot be read.
  Result<Bytes> fetch(const CollateralRequest& request, UtcTime now) override;

  const std::string& name() const override { return service_.base; }

 private:
  net::HttpGetter& http_;
  Service service_;
};

// Whether the bundle is about the platform that was asked for. Fails with refused.
Result<void> check_answers(const Collateral& collateral, const CollateralRequest& request);

}  // namespace quoin::pcs

#endif  // QUOIN_SRC_PCS_CLIENT_H_
