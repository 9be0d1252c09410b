#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/text.h"
#include "src/base/time.h"
#include "src/doctor/judge.h"
#include "src/pcs/bundle.h"
#include "src/pcs/status.h"

namespace quoin::doctor {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Clocks differ a little.
constexpr minutes kClockTolerance{10};
// Written today, somewhere to the east.
constexpr days kWrittenTolerance{1};
// Collateral that ends so soon is told of.
constexpr days kSoon{3};

constexpr std::string_view kSetClock =
    "set it: timedatectl set-ntp true; a TD's clock comes from its host (chronyc sources, "
    "modprobe ptp_kvm)";

// "Sun, 22 Nov 2026 14:20:00 GMT" (RFC 9110, 5.6.7, IMF-fixdate).
std::optional<UtcTime> parse_http_date(std::string_view text) {
  constexpr size_t kSize = 29;
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != kSize || !text.ends_with(" GMT")) return std::nullopt;
  const size_t month = kMonths.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const std::string number = std::to_string(month / 3 + 1);
  std::string compact(text.substr(12, 4));
  compact.append(number.size() < 2 ? "0" : "").append(number).append(text.substr(5, 2));
  compact.append(text.substr(17, 2)).append(text.substr(20, 2)).append(text.substr(23, 2));
  const Result<UtcTime> time = parse_compact_time(compact);
  return time.ok() ? std::optional(*time) : std::nullopt;
}

// "3 days", "5 hours", "12 minutes".
std::string how_long(seconds time) {
  const auto text = [](int64_t count, std::string_view unit) {
    return std::to_string(count) + " " + std::string(unit) + (count == 1 ? "" : "s");
  };
  if (time >= days(2)) return text(time / days(1), "day");
  if (time >= hours(2)) return text(time / hours(1), "hour");
  return text(std::max<int64_t>(time / minutes(1), 0), "minute");
}

Finding wrong_clock(UtcTime now, std::string cause) {
  return {.id = "clock",
          .status = Status::failed,
          .seen = to_string(now),
          .cause = std::move(cause),
          .mend = std::string(kSetClock)};
}

std::optional<Collateral> parsed_collateral(const CollateralObservations& seen) {
  if (!seen.fetched || !seen.fetched->ok()) return std::nullopt;
  Result<Collateral> collateral = Collateral::parse((*seen.fetched)->bundle);
  if (!collateral.ok()) return std::nullopt;
  return std::move(*collateral);
}

Finding judge_qcnl(const CollateralObservations& seen) {
  constexpr std::string_view kId = "qcnl_conf";
  if (!seen.qcnl) return ok(kId, "no " + seen.qcnl_path);
  if (!seen.qcnl->ok()) {
    return trouble(kId, Status::failed, seen.qcnl_path, seen.qcnl->error(),
                   "correct it: PCCS_URL=https://HOST:PORT/sgx/certification/v4/ on a line, or "
                   "{\"pccs_url\": \"https://HOST:PORT/sgx/certification/v4/\"}");
  }
  const pcs::QcnlConfig& config = **seen.qcnl;
  const std::string* url = config.collateral_url();
  const std::string says = seen.qcnl_path + (url == nullptr ? " names no service" : ": " + *url);
  if (!config.remarks.empty()) {
    return {.id = kId,
            .status = Status::warning,
            .seen = says,
            .cause = joined(config.remarks, "; "),
            .mend = url == nullptr ? "write PCCS_URL=https://HOST:PORT/sgx/certification/v4/"
                                   : "write PCCS_URL=" + *url + " instead"};
  }
  if (config.use_secure_cert == false) {
    return {.id = kId,
            .status = Status::warning,
            .seen = says,
            .cause = "use_secure_cert is false: anybody on the way can be the PCCS",
            .mend =
                "give the PCCS a certificate, and its CA by --pccs-ca. What it answers is "
                "signed: this costs privacy and availability"};
  }
  return ok(kId, says);
}

Finding judge_service(const CollateralObservations& seen) {
  constexpr std::string_view kId = "service";
  constexpr std::string_view kMend =
      "look at its address (--pccs), at the way there, and at the service's own log";
  if (seen.is_given) return unknown(kId, "not asked: --collateral names a file");
  if (seen.offline) return unknown(kId, "not asked: --offline");
  if (seen.of_simulator) return unknown(kId, "not asked: the simulator has collateral of its own");
  if (!seen.answer) return unknown(kId, "which one to ask is not known: see qcnl_conf");
  const bool needed = !seen.fetched || !seen.fetched->ok();
  const Status status = needed ? Status::failed : Status::warning;
  if (!seen.answer->ok()) return trouble(kId, status, seen.service, seen.answer->error(), kMend);
  const net::HttpResponse& response = **seen.answer;
  if (response.status != 200) {
    return trouble(kId, status, seen.service, pcs::answer_error(response), kMend);
  }
  return ok(kId, seen.service + " answers");
}

Finding judge_freshness(const Observations& seen) {
  constexpr std::string_view kId = "collateral";
  const CollateralObservations& collateral = seen.collateral;
  const std::string_view mend = collateral.is_given
                                    ? "give a bundle that quoin collateral fetch has written"
                                    : "look at the finding \"service\": is it a PCS or PCCS?";
  if (!collateral.fetched && collateral.offline) {
    return unknown(kId, "none is at hand, and --offline fetches none");
  }
  if (!collateral.fetched && collateral.service.empty()) {
    return unknown(kId, "no service was asked: see qcnl_conf");
  }
  if (!collateral.fetched) {
    return unknown(kId, "there is no quote that says for which platform");
  }
  if (!collateral.fetched->ok()) {
    return trouble(kId, Status::failed, collateral.service, collateral.fetched->error(), mend);
  }
  const pcs::FetchedCollateral& fetched = **collateral.fetched;
  const Result<Collateral> parsed = Collateral::parse(fetched.bundle);
  if (!parsed.ok()) {
    return trouble(kId, Status::failed, collateral.service, parsed.error(), mend);
  }
  const UtcTime end = pcs::next_update(*parsed);
  std::string says = "fetched now";
  if (fetched.from_cache) says = "of the cache, fetched at " + to_string(fetched.fetched_at);
  if (collateral.of_simulator) says = "made by the simulator";
  if (collateral.is_given) says = "of the file";
  says += ", holds until " + to_string(end);
  if (end < seen.now) {
    return {.id = kId,
            .status = Status::failed,
            .seen = says,
            .cause = "collateral has expired " + how_long(seen.now - end) + " ago",
            .mend = collateral.is_given
                        ? "fetch it anew: quoin collateral fetch"
                        : "the PCCS keeps old collateral: have it refresh; or this machine's clock "
                          "is ahead"};
  }
  if (!fetched.remarks.empty()) {
    return {.id = kId,
            .status = Status::warning,
            .seen = says,
            .cause = joined(fetched.remarks, "; "),
            .mend = "look at the finding \"service\""};
  }
  if (end - seen.now < kSoon) {
    return {.id = kId,
            .status = Status::warning,
            .seen = says,
            .cause = "collateral expires in " + how_long(end - seen.now),
            .mend = "have the PCCS refresh, or fetch it anew"};
  }
  return ok(kId, says);
}

Finding judge_genuine(const Verdict& verdict) {
  constexpr std::string_view kId = "genuine";
  if (!verdict.genuine) {
    const Check* reason = verdict.reason();
    if (reason == nullptr) return unknown(kId, "no rule could be looked at");
    return {.id = kId,
            .status = Status::failed,
            .seen = std::string(reason->id) + ": " + reason->seen,
            .cause = "the quote is not genuine: " + std::string(reason->id) + ": wanted " +
                     reason->wanted,
            .mend = reason->advice};
  }
  return ok(kId, verdict.simulated ? "every rule holds under a SIMULATOR's root, which proves "
                                     "nothing to others"
                                   : "every rule holds under Intel's root");
}

// What lags, component by component.
std::string shortfalls_of(const Verdict& verdict) {
  std::vector<std::string> all;
  for (const TcbShortfall& shortfall : verdict.tcb_shortfalls) all.push_back(to_string(shortfall));
  return joined(all, "; ");
}

Finding judge_tcb(const Verdict& verdict) {
  constexpr std::string_view kId = "tcb";
  if (!verdict.tcb_status) return unknown(kId, "the quote could not be looked at so far");
  const TcbStatus status = *verdict.tcb_status;
  std::string says(to_string(status));
  if (!verdict.advisory_ids.empty()) says += ", advisories " + joined(verdict.advisory_ids, ", ");
  if (status == TcbStatus::up_to_date) return ok(kId, says);
  const bool up_to_date_but = status == TcbStatus::sw_hardening_needed ||
                              status == TcbStatus::configuration_needed ||
                              status == TcbStatus::configuration_and_sw_hardening_needed;
  Finding finding = {.id = kId,
                     .status = up_to_date_but ? Status::warning : Status::failed,
                     .seen = std::move(says)};
  finding.cause = "the platform's TCB is " + std::string(to_string(status));
  if (verdict.tcb_shortfalls.empty()) {
    finding.mend = up_to_date_but ? "read the advisories; the host's owner changes its "
                                    "configuration, or the policy accepts this status"
                                  : "the host's owner updates BIOS, microcode and TDX module";
    return finding;
  }
  finding.cause += ": " + shortfalls_of(verdict);
  finding.mend = advice_for(verdict.tcb_shortfalls.front());
  return finding;
}

Finding judge_simulator(const Observations& seen) {
  constexpr std::string_view kId = "simulator";
  if (!seen.simulator) return unknown(kId, "not looked at");
  if (!seen.simulator->ok()) {
    const Error& error = seen.simulator->error();
    const bool absent = error.code == ErrorCode::not_found || error.code == ErrorCode::unsupported;
    if (absent && !seen.td.asked_simulator) return ok(kId, "none: " + error.what);
    return trouble(kId, seen.td.asked_simulator ? Status::failed : Status::warning, "", error,
                   "look at its directory; where it is broken, move that away: quoin sim init "
                   "makes another");
  }
  const Observations::Simulator& simulator = **seen.simulator;
  return ok(kId, simulator.directory + ", " + std::to_string(simulator.tds) + " TDs");
}

}  // namespace

Finding judge_clock(const Observations& seen) {
  const UtcTime now = seen.now;
  const std::string clock = "this machine's clock says " + to_string(now);
  if (now + kWrittenTolerance < seen.written) {
    return wrong_clock(now, clock + ", which is before this program was written (" +
                                to_string(seen.written) + ")");
  }
  const CollateralObservations& collateral = seen.collateral;
  if (collateral.answer && collateral.answer->ok()) {
    const std::string* date = (*collateral.answer)->header("date");
    const auto theirs = date == nullptr ? std::nullopt : parse_http_date(*date);
    if (theirs && (now > *theirs + kClockTolerance || *theirs > now + kClockTolerance)) {
      return wrong_clock(now, clock + ", and that of " + collateral.service + " " +
                                  to_string(*theirs) + ": " +
                                  how_long(now > *theirs ? now - *theirs : *theirs - now) +
                                  (now > *theirs ? " ahead" : " behind"));
    }
  }
  if (const auto parsed = parsed_collateral(collateral)) {
    const UtcTime issued =
        std::max(parsed->tcb_info().issue_date, parsed->qe_identity().issue_date);
    if (issued > now + kClockTolerance) {
      return wrong_clock(
          now, clock + ", which is before collateral was issued (" + to_string(issued) + ")");
    }
  }
  return ok("clock", to_string(now));
}

std::vector<Finding> judge_collateral(const Observations& seen, ByteView quote) {
  std::vector<Finding> findings = {judge_qcnl(seen.collateral), judge_service(seen.collateral),
                                   judge_freshness(seen)};
  const auto collateral = parsed_collateral(seen.collateral);
  const Result<Quote> parsed = parse_quote(quote);
  if (collateral && parsed.ok()) {
    const Verdict verdict = verify_quote(*parsed, *collateral, seen.now, seen.trust_roots);
    findings.push_back(judge_genuine(verdict));
    findings.push_back(judge_tcb(verdict));
  } else {
    const std::string_view why = parsed.ok() ? "there is no collateral" : "there is no quote";
    findings.push_back(unknown("genuine", why));
    findings.push_back(unknown("tcb", why));
  }
  return findings;
}

std::vector<Finding> judge(const Observations& seen) {
  std::vector<Finding> findings = {judge_clock(seen)};
  // Everything rests on a simulator that was asked.
  if (seen.td.asked_simulator) findings.push_back(judge_simulator(seen));
  for (Finding& finding : judge_td(seen)) findings.push_back(std::move(finding));
  for (Finding& finding : judge_collateral(seen, quote_of(seen.td))) {
    findings.push_back(std::move(finding));
  }
  if (!seen.td.asked_simulator) findings.push_back(judge_simulator(seen));
  return findings;
}

}  // namespace quoin::doctor
