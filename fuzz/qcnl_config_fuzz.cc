// What is understood of sgx_default_qcnl.conf is understood the same when it is written in the form
// of lines.

#include <algorithm>
#include <cstdint>
#include <string>

#include "fuzz/require.h"
#include "quoin/bytes.h"
#include "src/pcs/qcnl_config.h"

namespace {

void write(std::string& text, std::string_view key, const std::optional<std::string>& value) {
  if (value) text += std::string(key) + "=" + *value + "\n";
}

void write(std::string& text, std::string_view key, const std::optional<uint32_t>& value) {
  if (value) text += std::string(key) + "=" + std::to_string(*value) + "\n";
}

// A value that a line can hold as it is.
bool fits_line(const std::optional<std::string>& value) {
  return !value || std::ranges::none_of(*value, [](char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using quoin::fuzz::require;
  const auto config = quoin::pcs::parse_qcnl_config(quoin::as_text({data, size}));
  if (!config.ok()) return 0;
  require((config->collateral_url() == nullptr) ==
          (!config->pccs_url && !config->collateral_service));
  if (!fits_line(config->pccs_url) || !fits_line(config->collateral_service)) return 0;
  std::string written;
  write(written, "PCCS_URL", config->pccs_url);
  write(written, "COLLATERAL_SERVICE", config->collateral_service);
  write(written, "RETRY_TIMES", config->retry_times);
  write(written, "RETRY_DELAY", config->retry_delay_seconds);
  write(written, "VERIFY_COLLATERAL_CACHE_EXPIRE_HOURS",
        config->verify_collateral_cache_expire_hours);
  if (config->use_secure_cert) {
    written += *config->use_secure_cert ? "USE_SECURE_CERT=TRUE\n" : "USE_SECURE_CERT=FALSE\n";
  }
  // A value may be longer in this form only by its key.
  if (written.size() > size_t{64} << 10) return 0;
  const auto again = quoin::pcs::parse_qcnl_config(written);
  require(again.ok() && again->remarks.empty());
  require(again->pccs_url == config->pccs_url);
  require(again->collateral_service == config->collateral_service);
  require(again->retry_times == config->retry_times);
  require(again->retry_delay_seconds == config->retry_delay_seconds);
  require(again->use_secure_cert == config->use_secure_cert);
  require(again->verify_collateral_cache_expire_hours ==
          config->verify_collateral_cache_expire_hours);
  return 0;
}
