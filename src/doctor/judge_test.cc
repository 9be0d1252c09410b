#include "src/doctor/judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>

#include "src/doctor/look.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"

namespace quoin::doctor {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using td::Answer;

constexpr UtcTime kNow = simulator::kIssued + hours(24);

simulator::Platform platform() { return {simulator::test_seed(1), simulator::kIssued}; }

// A TD where everything works, with the simulator's root trusted.
Observations healthy() {
  const simulator::Platform machine = platform();
  const Bytes report =
      machine.td_report(simulator::default_td_state(), simulator::test_report_data());
  const TdReportStruct::TdInfo info = parse_td_report(report).value().td_info;
  Observations seen = {.now = kNow, .written = simulator::kIssued};
  seen.td.evidence.device = {Answer::yes, "/dev/tdx_guest is there"};
  seen.td.report = Result<Bytes>(report);
  seen.td.tsm_quote = machine.quote(report);
  seen.td.registers = Result<Rtmrs>({info.rtmr0, info.rtmr1, info.rtmr2, info.rtmr3});
  seen.td.registers_writable = true;
  seen.td.secure_boot = td::Probe{Answer::yes, "on"};
  seen.sandbox = {.seccomp = true, .landlock = 7, .memfd_noexec = "0"};
  seen.collateral.service = "https://pccs.test";
  seen.collateral.answer =
      Result<net::HttpResponse>({.status = 200, .headers = {{"date", "not a date"}}, .body = {}});
  seen.collateral.fetched =
      Result<pcs::FetchedCollateral>({.bundle = machine.collateral_bundle(), .fetched_at = kNow});
  seen.trust_roots.push_back(TrustRoot::parse(machine.root_certificate()).value());
  return seen;
}

const Finding& finding(const std::vector<Finding>& findings, std::string_view id) {
  return *std::ranges::find(findings, id, &Finding::id);
}

TEST(JudgeTest, AHealthyTd) {
  const std::vector<Finding> findings = judge(healthy());
  EXPECT_TRUE(is_healthy(findings));
  EXPECT_EQ(most_fundamental(findings), nullptr);
  EXPECT_EQ(finding(findings, "genuine").status, Status::ok);
  EXPECT_EQ(finding(findings, "tcb").seen, "UpToDate");
}

// Whoever is told that something does not work is told why, and what to do.
void expect_advice(const std::vector<Finding>& findings) {
  for (const Finding& each : findings) {
    if (each.status != Status::failed && each.status != Status::warning) continue;
    EXPECT_FALSE(each.cause.empty()) << each.id;
    EXPECT_FALSE(each.mend.empty()) << each.id << ": " << each.cause;
  }
}

struct Case {
  std::string_view name;
  std::function<void(Observations&)> fault;
  Status status;
  std::string_view id;
  std::string_view cause;
};

// A quote of another TD than the one that made the report.
std::function<void(Observations&)> quote_of(void (*change)(simulator::TdState&)) {
  return [change](Observations& seen) {
    simulator::TdState other = simulator::default_td_state();
    change(other);
    seen.td.tsm_quote =
        platform().quote(platform().td_report(other, simulator::test_report_data()));
  };
}

Error error(ErrorCode code) { return {code, "the error", "the mend"}; }

TEST(JudgeTest, TheMostFundamentalFindingComesFirst) {
  const Case cases[] = {
      {"nothing is seen", [](Observations& seen) { seen = {.now = kNow}; }, Status::failed, "td",
       "no TDX trust domain"},
      {"a clock before the program", [](Observations& seen) { seen.written = kNow + hours(25); },
       Status::failed, "clock", "before this program was written"},
      {"written today, to the east", [](Observations& seen) { seen.written = kNow + hours(23); },
       Status::ok, "", ""},
      {"a service whose clock says something else",
       [](Observations& seen) {
         seen.collateral.answer = Result<net::HttpResponse>(
             {.status = 200, .headers = {{"date", "Fri, 31 Dec 1999 23:59:59 GMT"}}});
       },
       Status::failed, "clock", "1999-12-31T23:59:59Z"},
      {"no report, and no quote",
       [](Observations& seen) {
         seen.td.report = Result<Bytes>(error(ErrorCode::permission));
         seen.td.tsm_quote = Result<Bytes>(error(ErrorCode::io));
       },
       Status::failed, "device", "the error"},
      {"a file that names no port",
       [](Observations& seen) {
         seen.td.attest_conf = Result<std::optional<uint32_t>>(error(ErrorCode::malformed));
       },
       Status::failed, "attest_conf", "the error"},
      {"no way to a quote: the service knows more than the kernel",
       [](Observations& seen) {
         seen.td.qgs = td::VsockAddress{};
         seen.td.qgs_quote = Result<Bytes>(error(ErrorCode::io));
         seen.td.tsm_quote = Result<Bytes>(error(ErrorCode::timed_out));
       },
       Status::failed, "qgs", "the error"},
      {"one way of two",
       [](Observations& seen) {
         seen.td.qgs = td::VsockAddress{};
         seen.td.qgs_quote = seen.td.tsm_quote;
         seen.td.tsm_quote = Result<Bytes>(error(ErrorCode::timed_out));
       },
       Status::warning, "tsm", "the error"},
      {"a simulated TD that gives no quote",
       [](Observations& seen) {
         seen.td.asked_simulator = true;
         seen.td.tsm_quote.reset();
         seen.td.simulated_quote = Result<Bytes>(error(ErrorCode::io));
       },
       Status::failed, "quote", "the error"},
      {"a quote that cannot be read",
       [](Observations& seen) { seen.td.tsm_quote = Result<Bytes>(Bytes(100)); }, Status::failed,
       "quote", "version"},
      {"a quote of an enclave",
       [](Observations& seen) {
         seen.td.tsm_quote = write_quote(
             platform().seed(),
             platform().quote_parts(simulator::default_enclave_report({}), uint16_t{3}));
       },
       Status::failed, "quote", "of another TD"},
      {"a quote of a TD that was loaded otherwise",
       quote_of([](simulator::TdState& other) { other.mr_td[47] ^= 1; }), Status::failed, "quote",
       "of another TD"},
      {"a quote of a TD of another configuration",
       quote_of([](simulator::TdState& other) { other.mr_config_id[0] ^= 1; }), Status::failed,
       "quote", "of another TD"},
      {"a quote of a TD of another owner",
       quote_of([](simulator::TdState& other) { other.mr_owner[0] ^= 1; }), Status::failed, "quote",
       "of another TD"},
      {"a quote of a TD that its owner set up otherwise",
       quote_of([](simulator::TdState& other) { other.mr_owner_config[0] ^= 1; }), Status::failed,
       "quote", "of another TD"},
      {"a quote of a TD with other attributes",
       quote_of([](simulator::TdState& other) { other.attributes[0] ^= 1; }), Status::failed,
       "quote", "of another TD"},
      {"a register that was extended since the report",
       quote_of([](simulator::TdState& other) { other.rtmr3[0] ^= 1; }), Status::ok, "", ""},
      {"registers that are not the report's",
       [](Observations& seen) { (**seen.td.registers)[2][0] ^= 1; }, Status::failed, "measurements",
       "not what the TDREPORT says"},
      {"registers that cannot be written",
       [](Observations& seen) { seen.td.registers_writable = false; }, Status::warning,
       "measurements", "nothing can be measured"},
      {"registers that cannot be read",
       [](Observations& seen) { seen.td.registers = Result<Rtmrs>(error(ErrorCode::permission)); },
       Status::warning, "measurements", "the error"},
      {"an event log that is none",
       [](Observations& seen) { seen.td.event_log = Result<Bytes>(Bytes(100)); }, Status::failed,
       "event_log", "cannot be read"},
      {"an event log that cannot be read",
       [](Observations& seen) { seen.td.event_log = Result<Bytes>(error(ErrorCode::io)); },
       Status::failed, "event_log", "cannot be read: the error"},
      {"an event log whose table lies",
       [](Observations& seen) { seen.td.event_log = Result<Bytes>(error(ErrorCode::malformed)); },
       Status::failed, "event_log", "cannot be read: the error"},
      {"an event log that this user may not read",
       [](Observations& seen) { seen.td.event_log = Result<Bytes>(error(ErrorCode::permission)); },
       Status::warning, "event_log", "the error"},
      {"no event log",
       [](Observations& seen) { seen.td.event_log = Result<Bytes>(error(ErrorCode::not_found)); },
       Status::warning, "event_log", "there is no event log"},
      {"firmware that does not say",
       [](Observations& seen) { seen.td.secure_boot = td::Probe{Answer::unknown, "no variable"}; },
       Status::warning, "secure_boot", "no variable"},
      {"a kernel without seccomp", [](Observations& seen) { seen.sandbox.seccomp = false; },
       Status::failed, "sandbox", "seccomp"},
      {"a kernel that runs nothing from memory",
       [](Observations& seen) { seen.sandbox.memfd_noexec = "2"; }, Status::failed, "sandbox",
       "memfd_noexec"},
      {"a kernel without Landlock", [](Observations& seen) { seen.sandbox.landlock = 0; },
       Status::warning, "sandbox", "Landlock"},
      {"a service that refuses, and no collateral",
       [](Observations& seen) {
         seen.collateral.answer =
             Result<net::HttpResponse>({.status = 404, .headers = {{"request-id", "a1"}}});
         seen.collateral.fetched = Result<pcs::FetchedCollateral>(error(ErrorCode::not_found));
       },
       Status::failed, "service", "request-id: a1"},
      {"a service that refuses, and collateral from before",
       [](Observations& seen) {
         seen.collateral.answer = Result<net::HttpResponse>(net::HttpResponse{.status = 404});
       },
       Status::warning, "service", "HTTP status 404"},
      {"collateral that could not be kept",
       [](Observations& seen) { (*seen.collateral.fetched)->remarks = {"the cache is full"}; },
       Status::warning, "collateral", "the cache is full"},
      {"collateral that is none",
       [](Observations& seen) { (*seen.collateral.fetched)->bundle = {}; }, Status::failed,
       "collateral", ""},
      {"collateral that has expired", [](Observations& seen) { seen.now += hours(24 * 30); },
       Status::failed, "collateral", "expired 24 hours ago"},
      {"a root that nobody trusts",
       [](Observations& seen) { seen.trust_roots = {TrustRoot::intel()}; }, Status::failed,
       "genuine", "root"},
      {"a simulator that is not safe to use",
       [](Observations& seen) {
         seen.simulator = Result<Observations::Simulator>(error(ErrorCode::refused));
       },
       Status::warning, "simulator", "the error"},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    Observations seen = healthy();
    test.fault(seen);
    const std::vector<Finding> findings = judge(seen);
    const Finding* first = most_fundamental(findings);
    EXPECT_EQ(is_healthy(findings), test.status != Status::failed);
    if (test.status == Status::ok) {
      EXPECT_EQ(first, nullptr);
      continue;
    }
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first->id, test.id);
    EXPECT_EQ(first->status, test.status);
    EXPECT_NE(first->cause.find(test.cause), std::string::npos) << first->cause;
    expect_advice(findings);
  }
}

// An error that says no more than what went wrong, at every place where one can be.
TEST(JudgeTest, AnErrorWithoutAHintGetsOne) {
  const auto fails = [](auto member) {
    return [member](Observations& seen) { member(seen) = Error{ErrorCode::io, "the error"}; };
  };
  const struct {
    std::string_view id;
    std::function<void(Observations&)> fault;
  } kTests[] = {
      {"device", fails([](Observations& seen) -> auto& { return seen.td.report; })},
      {"attest_conf", fails([](Observations& seen) -> auto& { return seen.td.attest_conf; })},
      {"tsm", fails([](Observations& seen) -> auto& { return seen.td.tsm_quote; })},
      {"measurements", fails([](Observations& seen) -> auto& { return seen.td.registers; })},
      {"event_log", fails([](Observations& seen) -> auto& { return seen.td.event_log; })},
      {"qcnl_conf", fails([](Observations& seen) -> auto& { return seen.collateral.qcnl; })},
      {"service", fails([](Observations& seen) -> auto& { return seen.collateral.answer; })},
      {"collateral", fails([](Observations& seen) -> auto& { return seen.collateral.fetched; })},
      {"simulator", fails([](Observations& seen) -> auto& { return seen.simulator; })},
      {"qgs",
       [](Observations& seen) {
         seen.td.qgs = td::VsockAddress{};
         seen.td.qgs_quote = Result<Bytes>(Error{ErrorCode::io, "the error"});
       }},
      {"quote",
       [](Observations& seen) {
         seen.td.tsm_quote.reset();
         seen.td.simulated_quote = Result<Bytes>(Error{ErrorCode::io, "the error"});
       }},
      {"event_log",
       [](Observations& seen) {
         seen.td.event_log = Result<Bytes>(Error{ErrorCode::permission, "the error"});
       }},
      {"collateral",
       [](Observations& seen) {
         seen.collateral.is_given = true;
         seen.collateral.fetched = Error{ErrorCode::io, "the error"};
       }},
  };
  for (const auto& test : kTests) {
    SCOPED_TRACE(test.id);
    Observations seen = healthy();
    test.fault(seen);
    const std::vector<Finding> findings = judge(seen);
    const Finding& found = finding(findings, test.id);
    EXPECT_TRUE(found.status == Status::failed || found.status == Status::warning);
    EXPECT_NE(found.cause.find("the error"), std::string::npos) << found.cause;
    expect_advice(findings);
  }
}

TEST(JudgeTest, ATcbThatIsOutOfDateNamesTheComponent) {
  simulator::PlatformSettings settings =
      simulator::default_settings(simulator::test_seed(1), simulator::kIssued);
  settings.tdx_tcb_info.tcb_levels.front().sgx_tcb_components[2] += 3;
  const simulator::Platform newer(simulator::test_seed(1), std::move(settings));
  Observations seen = healthy();
  (*seen.collateral.fetched)->bundle = newer.collateral_bundle();
  const std::vector<Finding> findings = judge(seen);
  const Finding& tcb = finding(findings, "tcb");
  EXPECT_EQ(most_fundamental(findings), &tcb);
  EXPECT_NE(tcb.cause.find("OutOfDate: SGX TCB component 3"), std::string::npos) << tcb.cause;
  EXPECT_NE(tcb.mend.find("BIOS"), std::string::npos) << tcb.mend;
  expect_advice(findings);
}

TEST(LookTest, ThisKernel) {
  const SandboxSupport support = look_at_sandbox("/nonexistent");
  EXPECT_TRUE(support.seccomp);
  EXPECT_FALSE(support.memfd_noexec.has_value());
}

}  // namespace
}  // namespace quoin::doctor
