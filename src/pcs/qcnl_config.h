// /etc/sgx_default_qcnl.conf: where Intel's own quote provider asks for collateral. Read so that
// whoever has configured that need not do it again.

#ifndef QUOIN_SRC_PCS_QCNL_CONFIG_H_
#define QUOIN_SRC_PCS_QCNL_CONFIG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/result.h"
#include "src/pcs/request.h"

namespace quoin::pcs {

inline constexpr std::string_view kQcnlConfigPath = "/etc/sgx_default_qcnl.conf";

// What the file says; what it does not say is not set.
struct QcnlConfig {
  enum class Form : uint8_t {
    key_value,  // PCCS_URL=https://...: Intel's until 2021
    json,       // {"pccs_url": "https://..."}, with comments: Intel's since
    bare_url,   // an address and nothing else: nobody's, and found in the wild
  };

  Form form = Form::key_value;
  std::optional<std::string> pccs_url;
  // Where verification collateral comes from, if not from the PCCS.
  std::optional<std::string> collateral_service;
  std::optional<bool> use_secure_cert;
  std::optional<Update> tcb_update_type;
  std::optional<uint32_t> retry_times;  // besides the first attempt
  std::optional<uint32_t> retry_delay_seconds;
  std::optional<uint32_t> verify_collateral_cache_expire_hours;
  // What was understood although it is not how Intel's software reads it, and what was not
  // understood: a line each, for people.
  std::vector<std::string> remarks;

  // The address that collateral is asked for under; null where the file gives none.
  const std::string* collateral_url() const;
};

// Reads any of the forms, at most 64 KiB. As Intel's software does, keys that are not known are
// passed over, and blanks are ignored; unlike it, a value that is not understood is an error: what
// somebody configured is not replaced by a default in silence. Fails with malformed or too_large.
Result<QcnlConfig> parse_qcnl_config(std::string_view text);

}  // namespace quoin::pcs

#endif  // QUOIN_SRC_PCS_QCNL_CONFIG_H_
