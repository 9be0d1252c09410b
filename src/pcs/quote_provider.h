// Collateral by the host's own provider library (QPL), libdcap_quoteprov.so.1, where it is
// installed: whoever has configured that, or has one of a cloud's, need not do it again.

#ifndef QUOIN_SRC_PCS_QUOTE_PROVIDER_H_
#define QUOIN_SRC_PCS_QUOTE_PROVIDER_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "src/pcs/client.h"
#include "src/pcs/request.h"

namespace quoin::pcs {

// Where distributions install it.
std::span<const std::string_view> quote_provider_paths();

// The library, loaded for as long as the process lives. It is native code: with everything that it
// loads it can do whatever this process can. What it answers is believed no more than what a
// service answers. It talks to the network by its own configuration and without our deadlines, and
// which TCB info it asks for (early or standard) is in that configuration too.
class QuoteProvider final : public CollateralSource {
 public:
  // The library at that path, which is absolute, and belongs to root or to this user, as the
  // directory does that it is in; nobody else can write either. Fails with not_found (no such
  // file), invalid_argument (no absolute path), refused (not safe to load), and unsupported (it
  // cannot be loaded, or does not have the functions of Intel's sgx_default_quote_provider.h).
  static Result<std::unique_ptr<QuoteProvider>> load(const std::string& path);

  // The first that is there of quote_provider_paths(). Fails likewise.
  static Result<std::unique_ptr<QuoteProvider>> load_installed();

  // Fails with refused for --update early, which the library cannot be asked for; with io, or
  // not_found, where it fails (its error in words); with unsupported for a version of its structure
  // that we do not know; with malformed or too_large where its parts are not what they say; and as
  // check_answers() does.
  Result<Bytes> fetch(const CollateralRequest& request, UtcTime now) override;

  const std::string& name() const override { return path_; }

  ~QuoteProvider() override;

 private:
  struct Functions;

  QuoteProvider(std::string path, std::unique_ptr<const Functions> functions);

  std::string path_;
  std::unique_ptr<const Functions> functions_;
};

}  // namespace quoin::pcs

#endif  // QUOIN_SRC_PCS_QUOTE_PROVIDER_H_
