#include "src/cli/advice.h"

#include <array>

namespace quoin::cli {
namespace {

struct Advice {
  std::string_view id_begin;
  std::string_view id_end;
  std::string_view text;
};

constexpr std::string_view kOtherCollateral =
    "the collateral is not this platform's: fetch it for the platform's FMSPC and CA";
constexpr std::string_view kChanged = "the bytes were changed, or are not Intel's: get them anew";

// The first that fits counts.
constexpr std::array kAdvice = {
    Advice{"pck_chain_root", "",
           "name the root with --trust-root, or --trust-simulator for this machine's simulator"},
    Advice{"", "_chain_root", "collateral and quote must come from one root: get both anew"},
    Advice{"", "_not_expired", "fetch fresh collateral, or say with --at when the quote was made"},
    Advice{"", "_not_before", "check the clock, or take collateral that held at that time"},
    Advice{"", "_revoked", "do not believe this platform: its vendor has taken its word back"},
    Advice{"tcb_info_tee", "", kOtherCollateral},
    Advice{"tcb_info_fmspc", "", kOtherCollateral},
    Advice{"tcb_info_pce_id", "", kOtherCollateral},
    Advice{"qe_identity_tee", "", kOtherCollateral},
    Advice{"pck_crl_issuer", "", kOtherCollateral},
    Advice{"tcb_level", "", "no TCB level covers this platform: its owner must update it"},
    Advice{"", "_signature", kChanged},
    Advice{"", "_signatures", kChanged},
    Advice{"qe_report_data", "", kChanged},
    Advice{"policy_tcb_status", "",
           "the platform's owner must update it, or the policy must accept this status"},
    Advice{"policy_measurements", "",
           "--policy FILE with the measurements you want; quoin inspect shows these"},
    Advice{"policy_modules", "", "verify the receipt of the run instead of its quote alone"},
    Advice{"policy_", "", "do not use this TD, or let the policy allow it"},
    Advice{"receipt_report_data", "",
           "the statement was changed, or belongs to another quote: do not believe it"},
    Advice{"receipt_simulated", "", "the statement lies about where it ran: do not believe it"},
    Advice{"receipt_nonce", "", "the receipt is not of the run you asked for: ask for a new one"},
    Advice{"receipt_module", "", "another module ran than the one you named"},
    Advice{"receipt_policy_module", "", "add the module's SHA-256 to the policy if you want it"},
};

}  // namespace

std::string_view advice_for(std::string_view check_id) {
  for (const Advice& advice : kAdvice) {
    const bool whole = advice.id_end.empty() && !advice.id_begin.ends_with('_');
    if (whole ? check_id == advice.id_begin
              : check_id.starts_with(advice.id_begin) && check_id.ends_with(advice.id_end)) {
      return advice.text;
    }
  }
  return "";
}

}  // namespace quoin::cli
